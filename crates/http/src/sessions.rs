//! Who may have a session of a player: whoever knows the secret that the player is bound to, or comes
//! first.
//!
//! To guess and to invent players costs nothing, so both are limited. Guesses are counted by the address and the player together, so that nobody who guesses keeps the player
//! out. New players are counted by their address and in all. What comes from this machine itself is not
//! counted by its address: it is a tool of the operator, or a proxy that nobody said is one.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{
    BINDINGS_OF_ADDRESS_PER_MINUTE, BINDINGS_PER_MINUTE, GUESSES_PER_MINUTE,
};
use scoreline_core::store::PlayerStore;
use scoreline_core::time::Timestamp;

use crate::auth::same;
use crate::auth::token::secret_hash;
use crate::problem::{Problem, Slug};
use crate::suspicion::{Credential, Suspicion};

/// Somebody who may have a session.
pub(crate) struct Entered {
    /// The player's secret.
    pub secret: String,
    /// How often the player's sessions were revoked before.
    pub revocations: i64,
}

/// Binds players to secrets, and knows who guesses.
pub(crate) struct Sessions {
    players: Arc<dyn PlayerStore>,
    suspicion: Arc<Suspicion>,
    limits: Limits,
}

impl Sessions {
    /// Sessions of the players in a store.
    pub fn new(players: Arc<dyn PlayerStore>, suspicion: Arc<Suspicion>) -> Self {
        Self { players, suspicion, limits: Limits::default() }
    }

    /// Fails unless one of the secrets is the player's, or the first becomes it because they have none.
    /// `secrets` says which are offered, by how often the player's sessions were revoked.
    pub async fn enter(
        &self,
        from: Option<IpAddr>,
        player: &PlayerId,
        secrets: impl FnOnce(i64) -> Vec<String>,
        now: Timestamp,
    ) -> Result<Entered, Problem> {
        let mut binding = self.players.binding(player.clone()).await?;
        let secrets = secrets(binding.revocations);
        if binding.hash.is_some() {
            self.limits.guess(from, player)?;
        } else {
            self.limits.bind(from)?;
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

    /// Forgets who has been quiet.
    pub fn tidy(&self) {
        self.limits.tidy();
    }
}

/// The limits on sessions of one process.
struct Limits {
    guesses: DefaultKeyedRateLimiter<(Option<IpAddr>, Arc<str>)>,
    of_address: DefaultKeyedRateLimiter<IpAddr>,
    in_all: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Default for Limits {
    fn default() -> Self {
        let quota =
            |per_minute| Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            guesses: DefaultKeyedRateLimiter::keyed(quota(GUESSES_PER_MINUTE)),
            of_address: DefaultKeyedRateLimiter::keyed(quota(BINDINGS_OF_ADDRESS_PER_MINUTE)),
            in_all: DefaultDirectRateLimiter::direct(quota(BINDINGS_PER_MINUTE)),
            clock: DefaultClock::default(),
        }
    }
}

impl Limits {
    /// Counts a try to have a session of a player who has a secret.
    fn guess(&self, from: Option<IpAddr>, player: &PlayerId) -> Result<(), Problem> {
        let key = (from, Arc::from(player.as_str()));
        self.guesses.check_key(&key).map_err(|until| self.too_many(GUESSES_PER_MINUTE, &until))
    }

    /// Counts a new player.
    fn bind(&self, from: Option<IpAddr>) -> Result<(), Problem> {
        if let Some(from) = from.filter(|from| !from.is_loopback()) {
            self.of_address
                .check_key(&from)
                .map_err(|until| self.too_many(BINDINGS_OF_ADDRESS_PER_MINUTE, &until))?;
        }
        self.in_all.check().map_err(|until| self.too_many(BINDINGS_PER_MINUTE, &until))
    }

    fn tidy(&self) {
        self.guesses.retain_recent();
        self.of_address.retain_recent();
    }

    fn too_many(
        &self,
        per_minute: u32,
        until: &NotUntil<<DefaultClock as Clock>::Instant>,
    ) -> Problem {
        let wait = until.wait_time_from(self.clock.now());
        let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Problem::too_many(per_minute, u32::try_from(wait_s).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn who_guesses_is_held_up_and_the_player_is_not() {
        let limits = Limits::default();
        let ann = PlayerId::new("ann").expect("valid");
        let tries = (0..1_000).take_while(|_| limits.guess(Some(address(1)), &ann).is_ok()).count();
        assert!((20..25).contains(&tries), "{tries}");
        limits.guess(Some(address(2)), &ann).expect("the player comes from elsewhere");
        limits
            .guess(Some(address(1)), &PlayerId::new("ben").expect("valid"))
            .expect("another player");
    }

    #[test]
    fn new_players_are_limited_by_address_and_in_all() {
        let limits = Limits::default();
        let bound =
            |last| (0..1_000).take_while(|_| limits.bind(Some(address(last))).is_ok()).count();
        let first = bound(1);
        // A limit gives a little back while the test runs.
        let about = |limit: u32| limit as usize..limit as usize + limit as usize / 10;
        assert!(about(BINDINGS_OF_ADDRESS_PER_MINUTE).contains(&first), "{first}");
        let in_all = first + (2..=200).map(bound).sum::<usize>();
        assert!(about(BINDINGS_PER_MINUTE).contains(&in_all), "{in_all}");
    }
}
