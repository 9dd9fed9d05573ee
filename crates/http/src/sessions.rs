//! Who may have a session of a player: whoever knows the secret that the player is bound to, or comes
//! first, or proves to be the device that played.
//!
//! To guess and to invent players costs nothing, so both are limited (`limits`).

use std::net::IpAddr;
use std::sync::Arc;

use scoreline_core::id::PlayerId;
use scoreline_core::limits::CLAIM_EVENTS;
use scoreline_core::session::Claims;
use scoreline_core::store::{EventFilter, EventStore, PlayerStore, Text};
use scoreline_core::time::Timestamp;

use crate::auth::same;
use crate::auth::token::secret_hash;
use crate::limits::RateLimits;
use crate::problem::{Problem, Slug};
use crate::suspicion::{Credential, Suspicion};

/// Somebody who may have a session.
pub(crate) struct Entered {
    /// The player's secret.
    pub secret: String,
    /// How often the player's sessions were revoked before.
    pub revocations: i64,
}

/// Who wants to be let in, beside the secrets that are offered.
pub(crate) struct Entrant {
    /// Where it comes from.
    pub from: Option<IpAddr>,
    /// Whether it may speak for any player anyway.
    pub is_trusted: bool,
    /// What it names to prove that it is the device that played.
    pub proof: Option<String>,
}

/// Binds players to secrets, and knows who guesses.
pub struct Sessions {
    players: Arc<dyn PlayerStore>,
    events: Arc<dyn EventStore>,
    claims: Claims,
    suspicion: Arc<Suspicion>,
    limits: Arc<RateLimits>,
}

impl Sessions {
    /// Sessions of the players in a store.
    pub(crate) fn new(
        players: Arc<dyn PlayerStore>,
        events: Arc<dyn EventStore>,
        claims: Claims,
        suspicion: Arc<Suspicion>,
        limits: Arc<RateLimits>,
    ) -> Self {
        Self { players, events, claims, suspicion, limits }
    }

    /// Fails unless one of the secrets is the player's, or the first becomes it because they have none.
    /// `secrets` says which are offered, by how often the player's sessions were revoked.
    pub(crate) async fn enter(
        &self,
        entrant: Entrant,
        player: &PlayerId,
        secrets: impl FnOnce(i64) -> Vec<String>,
        now: Timestamp,
    ) -> Result<Entered, Problem> {
        let from = entrant.from;
        let mut binding = self.players.binding(player.clone()).await?;
        let secrets = secrets(binding.revocations);
        if binding.hash.is_some() {
            self.limits.guess(from, player)?;
        } else {
            self.limits.bind(from)?;
            if self.claims.need_proof(&binding) && !entrant.is_trusted {
                self.check_claim(&entrant, player).await?;
            }
            let first = secrets.first().map(|first| secret_hash(player, first)).unwrap_or_default();
            binding = self.players.bind_secret(player.clone(), first, now).await?;
        }
        let known = binding.hash.unwrap_or_default();
        let own = secrets.into_iter().find(|secret| same(&known, &secret_hash(player, secret)));
        if let Some(secret) = own {
            return Ok(Entered { secret, revocations: binding.revocations });
        }
        self.suspicion.refused(Credential::DeviceSecret, from);
        Err(Problem::new(Slug::Forbidden, "this player is bound to another device secret"))
    }

    /// Fails unless this is the secret that the player is bound to. Binds nobody. Whoever is wrong is not told whether there is
    /// such a player.
    pub async fn prove(
        &self,
        from: Option<IpAddr>,
        player: &PlayerId,
        secret: &str,
    ) -> Result<(), Problem> {
        self.limits.guess(from, player)?;
        let known = self.players.binding(player.clone()).await?.hash.unwrap_or_default();
        if same(&known, &secret_hash(player, secret)) {
            return Ok(());
        }
        self.suspicion.refused(Credential::DeviceSecret, from);
        Err(Problem::new(Slug::Forbidden, "there is no player with this id and this secret"))
    }

    /// Fails if something is known of a player, and whoever wants to have them does not prove to be the device
    /// that played.
    async fn check_claim(&self, entrant: &Entrant, player: &PlayerId) -> Result<(), Problem> {
        let Some(proof) = &entrant.proof else {
            if !self.is_known(player).await? {
                return Ok(());
            }
            let detail = "this player has played before and has no secret yet: name as 'proof' the event_id or \
                          the session_id of one of the last events that the device sent, or have the \
                          operator bind it";
            return Err(Problem::new(Slug::Forbidden, detail));
        };
        // Before anything is read of the player: all events of somebody who has many are dear.
        self.limits.guess(entrant.from, player)?;
        let of = EventFilter::of_player(player);
        let last = self.events.recent(of, CLAIM_EVENTS, Text::Beginning).await?;
        let is_proven = last.iter().any(|stored| stored.event.is_known_by(proof));
        if is_proven || (last.is_empty() && !self.is_known(player).await?) {
            return Ok(());
        }
        self.suspicion.refused(Credential::DeviceSecret, entrant.from);
        let detail = "no event of this player is proven by that";
        Err(Problem::new(Slug::Forbidden, detail))
    }

    /// Whether anything is known of a player. Whoever has a profile has it by a row; only those have none whose
    /// events all do not count, or who have no events.
    async fn is_known(&self, player: &PlayerId) -> Result<bool, Problem> {
        if self.players.profile(player.clone()).await?.is_some() {
            return Ok(true);
        }
        let of = EventFilter::of_player(player);
        Ok(!self.events.recent(of, 1, Text::Nothing).await?.is_empty())
    }
}
