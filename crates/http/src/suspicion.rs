//! Credentials that were not good, and what operators did: each leaves a figure, and a line in the log, one
//! a second at most.

use std::net::IpAddr;
use std::sync::Arc;

use scoreline_core::time::Clock;

use crate::metrics::Metrics;
use crate::seldom::Seldom;

/// A credential that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    /// The admin token or an operator's key.
    Operator,
    /// A player's token or the server key.
    Player,
    /// A device's secret.
    DeviceSecret,
}

impl Credential {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Operator, Self::Player, Self::DeviceSecret];

    /// The credential as metrics and the log write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Player => "player",
            Self::DeviceSecret => "device_secret",
        }
    }
}

/// Notes credentials that were not good, and acts of operators.
pub(crate) struct Suspicion {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    refused: Seldom,
    acts: Seldom,
}

impl Suspicion {
    /// Counts into `metrics`.
    pub fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        // A rate can be told of what was counted from zero on.
        for credential in Credential::ALL {
            metrics.refused_credential(credential.as_str(), 0);
        }
        Self { metrics, clock, refused: Seldom::default(), acts: Seldom::default() }
    }

    /// Notes a credential that was shown and not good.
    pub fn refused(&self, credential: Credential, from: Option<IpAddr>) {
        self.metrics.refused_credential(credential.as_str(), 1);
        if let Some(passed_over) = self.refused.note(self.clock.now()) {
            tracing::warn!(
                credential.kind = credential.as_str(),
                client.address = from.map(tracing::field::display),
                credential.passed_over = passed_over,
                "a credential was not good"
            );
        }
    }

    /// Notes an act of an operator.
    pub fn act(&self, operation: &str, who: &str, status: u16) {
        self.metrics.operator_act(operation);
        if let Some(passed_over) = self.acts.note(self.clock.now()) {
            tracing::info!(
                operator.name = who,
                operator.operation = operation,
                http.status = status,
                operator.passed_over = passed_over,
                "an operator did something"
            );
        }
    }
}
