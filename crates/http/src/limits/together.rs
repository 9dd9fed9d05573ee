//! Counting together with other nodes: what was spent here is told in small batches, and the answer says what all
//! have spent.
//!
//! No request waits for it. While what the nodes share does not answer, each goes by what it counted itself; what
//! was spent meanwhile is not told afterwards, because by then it says nothing about the last minute.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sha2::Sha256;
use tokio::time::Instant;

use super::RateLimits;
use super::quotas::Quotas;
use super::share::Counted;

/// How many are told of in one question.
const TOLD_AT_ONCE: usize = 512;
/// After how long without anything to tell it is asked whether the others can be told.
const ASK_AFTER: Duration = Duration::from_secs(1);
/// For how long the others may be silent before a node counts as alone.
const SILENT_MAX: Duration = Duration::from_secs(2);
/// Bytes of the names by which nodes know who is counted.
const NAME_BYTES: usize = 16;

/// What one node spent of an allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Whose, as all nodes call it; nobody else can tell who that is.
    pub whose: String,
    /// How long it takes until that much comes back.
    pub cost: Duration,
}

/// How limits are counted at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counting {
    /// There are no other nodes to count with.
    Here,
    /// With all nodes.
    Together,
    /// Each node for itself, although it should be with all.
    Alone {
        /// Why.
        reason: String,
    },
}

/// What a node needs to count together with others.
pub(super) struct Together {
    secret: Vec<u8>,
    heard: Mutex<Heard>,
}

struct Heard {
    /// When an answer last came.
    at: Instant,
    /// Why none came the last time, if none did.
    failed: Option<String>,
}

impl Together {
    /// `secret` is what all nodes know and nobody else.
    pub fn by(secret: Vec<u8>) -> Self {
        Self { secret, heard: Mutex::new(Heard { at: Instant::now(), failed: None }) }
    }

    /// The name of one of those who are counted: what is shared holds no address and no player.
    fn name(&self, limit: &str, whose: &str) -> String {
        let mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        let text = format!("limits {limit} {whose}");
        let mac = mac.chain_update(text.as_bytes()).finalize().into_bytes();
        format!("{limit}:{}", crate::auth::token::hex(&mac[..NAME_BYTES]))
    }

    /// Whether it is unknown if others can be told.
    fn is_to_be_asked(&self) -> bool {
        let heard = self.heard.lock();
        heard.failed.is_some() || heard.at.elapsed() > ASK_AFTER
    }

    fn heard(&self, outcome: Result<(), String>) {
        let mut heard = self.heard.lock();
        if outcome.is_ok() {
            heard.at = Instant::now();
        }
        heard.failed = outcome.err();
    }
}

impl RateLimits {
    /// How limits are counted now.
    pub fn counting(&self) -> Counting {
        let Some(together) = &self.together else { return Counting::Here };
        let heard = together.heard.lock();
        match &heard.failed {
            Some(reason) if heard.at.elapsed() > SILENT_MAX => {
                Counting::Alone { reason: reason.clone() }
            }
            _ => Counting::Together,
        }
    }

    /// Tells what was spent here since the last time, and takes in what all have spent. `tell` adds what it is
    /// given to what is shared, be it nothing, and answers for each how long it takes until the allowance is whole.
    pub async fn exchange<F>(&self, tell: impl Fn(Vec<Spent>) -> F) -> Result<(), String>
    where
        F: Future<Output = Result<Vec<Duration>, String>>,
    {
        let Some(together) = &self.together else { return Ok(()) };
        let outcome = match self.exchange_all(together, &tell).await {
            Ok(0) if !together.is_to_be_asked() => return Ok(()),
            Ok(0) => tell(Vec::new()).await.map(drop),
            told => told.map(drop),
        };
        together.heard(outcome.clone());
        outcome
    }

    /// Exchanges what there is of all limits; answers of how many others were told.
    async fn exchange_all<F>(
        &self,
        together: &Together,
        tell: &impl Fn(Vec<Spent>) -> F,
    ) -> Result<usize, String>
    where
        F: Future<Output = Result<Vec<Duration>, String>>,
    {
        let mut told = 0;
        if let Some(limited) = &self.limited {
            told += self.exchange_one(together, ("player", &limited.players), tell).await?;
            told += self.exchange_one(together, ("address", &limited.addresses), tell).await?;
            told += self.exchange_one(together, ("site", &limited.sites), tell).await?;
        }
        told += self.exchange_one(together, ("address-kib", &self.bodies), tell).await?;
        told += self.exchange_one(together, ("player-kib", &self.player_bodies), tell).await?;
        told += self.exchange_one(together, ("key-kib", &self.key_bodies), tell).await?;
        told += self.exchange_one(together, ("guess", &self.guesses), tell).await?;
        told += self.exchange_one(together, ("erasure", &self.erasure_asked), tell).await?;
        told += self.exchange_one(together, ("binding", &self.bindings), tell).await?;
        told += self.exchange_one(together, ("bindings", &self.bindings_in_all), tell).await?;
        Ok(told)
    }

    async fn exchange_one<K: Counted, F>(
        &self,
        together: &Together,
        (limit, quotas): (&str, &Quotas<K>),
        tell: &impl Fn(Vec<Spent>) -> F,
    ) -> Result<usize, String>
    where
        F: Future<Output = Result<Vec<Duration>, String>>,
    {
        let mut told = 0;
        loop {
            let untold = quotas.take_untold(TOLD_AT_ONCE);
            if untold.is_empty() {
                return Ok(told);
            }
            let spent = untold.iter().map(|(key, cost_ns)| Spent {
                whose: together.name(limit, &key.text()),
                cost: Duration::from_nanos(*cost_ns),
            });
            let whole_in = tell(spent.collect()).await?;
            for ((key, _), whole_in) in untold.iter().zip(whole_in) {
                let whole_in_ns = u64::try_from(whole_in.as_nanos()).unwrap_or(u64::MAX);
                quotas.learn(key, whole_in_ns, self.now_ns());
            }
            told += untold.len();
        }
    }
}
