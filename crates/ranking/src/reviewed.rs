//! Of whom events wait for review, as far as this node has heard: they are shown them.

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use scoreline_core::id::PlayerId;

/// Players that are held before it is found out of whom nothing waits any more: twice as many as events may wait.
const PLAYERS_MAX: usize = 200_000;

/// Players of whom events wait, or waited a short while ago, each with when that was heard last.
#[derive(Default)]
pub struct ReviewedPlayers(RwLock<Known>);

/// When: numbers that grow with whatever is heard of anybody, and are never given out again.
#[derive(Default)]
struct Known {
    last: u64,
    players: FxHashMap<PlayerId, u64>,
}

impl ReviewedPlayers {
    /// Takes over that something waits, or waits no longer, of these players.
    pub fn note(&self, players: impl IntoIterator<Item = PlayerId>) {
        let mut players = players.into_iter().peekable();
        if players.peek().is_some() {
            let mut known = self.0.write();
            for player in players {
                known.last += 1;
                let heard = known.last;
                known.players.insert(player, heard);
            }
        }
    }

    /// When something was heard of a player; `None` if nothing waits.
    pub fn heard(&self, player: &PlayerId) -> Option<u64> {
        self.0.read().players.get(player).copied()
    }

    /// When something was heard last, of anybody, if more players are held than events may wait: of most of them
    /// nothing waits any more.
    pub(crate) fn too_many_since(&self) -> Option<u64> {
        let known = self.0.read();
        (known.players.len() > PLAYERS_MAX).then_some(known.last)
    }

    /// Forgets everybody of whom nothing was heard after that.
    pub(crate) fn forget_until(&self, heard: u64) {
        let players = &mut self.0.write().players;
        players.retain(|_, last| *last > heard);
        players.shrink_to_fit();
    }

    /// Nothing waits of a player, as was found out after that was heard.
    pub fn forget(&self, player: &PlayerId, heard: u64) {
        let players = &mut self.0.write().players;
        if players.get(player) == Some(&heard) {
            players.remove(player);
        }
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::limits::REVIEWS_WAITING_MAX;

    use super::*;

    #[test]
    fn what_is_heard_while_somebody_looks_is_not_forgotten() {
        let (held, ann) = (ReviewedPlayers::default(), PlayerId::from_stored("ann"));
        assert_eq!(held.heard(&ann), None);
        held.note([ann.clone()]);
        let heard = held.heard(&ann).expect("heard");
        held.note([ann.clone()]);
        held.forget(&ann, heard);
        let heard = held.heard(&ann).expect("still held");
        held.forget(&ann, heard);
        assert_eq!(held.heard(&ann), None);
        held.note([ann.clone()]);
        assert!(held.heard(&ann) > Some(heard), "what was found out before is not taken for new");
    }

    #[test]
    fn of_too_many_those_are_forgotten_of_whom_nothing_was_heard_again() {
        assert_eq!(PLAYERS_MAX as u64, 2 * REVIEWS_WAITING_MAX);
        let held = ReviewedPlayers::default();
        let player = |no: usize| PlayerId::from_stored(&format!("p{no}"));
        held.note((0..PLAYERS_MAX).map(player));
        assert_eq!(held.too_many_since(), None);
        held.note([player(PLAYERS_MAX)]);
        let since = held.too_many_since().expect("too many");
        held.note([player(7), player(9)]);
        held.forget_until(since);
        assert_eq!(held.0.read().players.len(), 2);
        assert!(held.heard(&player(7)).is_some() && held.heard(&player(8)).is_none());
    }
}
