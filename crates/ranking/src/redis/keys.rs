//! The names of keys. Those of a board share a hash tag, so that a Redis Cluster spreads the boards
//! and each has all of its keys on one node.

use scoreline_core::id::{BoardKey, Slot};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// The keys of one set of boards.
pub struct Keys {
    namespace: String,
}

impl Keys {
    /// Those under a namespace.
    pub fn new(namespace: String) -> Self {
        Self { namespace }
    }

    /// The set of the boards that may be loaded. It is on another node than they, so it may also
    /// name some that are not.
    pub fn boards(&self) -> String {
        format!("{}:ranks:boards", self.namespace)
    }

    /// The keys that every script is given.
    pub fn of(&self, board: BoardKey) -> [String; 2] {
        let board = self.prefix(board);
        [format!("{board}:live"), format!("{board}:loads")]
    }

    /// The name of a generation that was never used, on no node and in no earlier life.
    #[expect(clippy::disallowed_methods, reason = "a name that no other node may think of")]
    pub fn new_generation(&self, board: BoardKey) -> String {
        format!("{}:{}", self.prefix(board), Uuid::new_v4().simple())
    }

    fn prefix(&self, board: BoardKey) -> String {
        format!("{}:ranks:{{{}}}", self.namespace, name(board))
    }
}

/// The name of a board in the set of boards.
pub fn name(board: BoardKey) -> String {
    format!("{}/{}", board.slot.0, board.period.as_ms())
}

/// The board of a name.
pub fn board(name: &str) -> Option<BoardKey> {
    let (slot, period) = name.split_once('/')?;
    let period = Timestamp::from_stored_ms(period.parse().ok()?);
    Some(BoardKey { slot: Slot(slot.parse().ok()?), period })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_come_back_as_they_were() {
        for slot in [i64::MIN, -1, 0, 7, i64::MAX] {
            for period in [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX] {
                let key = BoardKey { slot: Slot(slot), period };
                assert_eq!(board(&name(key)), Some(key));
            }
        }
        assert_eq!(board("7"), None);
        assert_eq!(board("7/x"), None);
    }
}
