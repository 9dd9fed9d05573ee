//! How often the sessions of players were revoked. Hardly anybody's ever were.

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use scoreline_core::id::PlayerId;
use scoreline_core::session::Revocations;

/// The players whose sessions were ever revoked.
#[derive(Default)]
pub struct RevokedSessions(RwLock<FxHashMap<PlayerId, i64>>);

impl RevokedSessions {
    /// Takes these over as far as they are newer.
    pub fn set(&self, revocations: &[Revocations]) {
        if revocations.is_empty() {
            return;
        }
        let mut held = self.0.write();
        for Revocations { player, count } in revocations {
            let known = held.entry(player.clone()).or_default();
            *known = (*known).max(*count);
        }
    }

    /// How often a player's sessions were revoked, as far as it was heard.
    pub fn of(&self, player: &PlayerId) -> i64 {
        self.0.read().get(player).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_late_takes_nothing_back() {
        let (held, ann) = (RevokedSessions::default(), PlayerId::from_stored("ann"));
        assert_eq!(held.of(&ann), 0);
        for count in [1, 3, 2] {
            held.set(&[Revocations { player: ann.clone(), count }]);
        }
        assert_eq!((held.of(&ann), held.of(&PlayerId::from_stored("ben"))), (3, 0));
    }
}
