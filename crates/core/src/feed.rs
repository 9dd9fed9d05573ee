//! The change feed: what each commit changed, for every node that holds a copy of it.
//!
//! A [`Change`] is an absolute value with a version, so that hearing it twice or in another order
//! changes nothing. A store writes the changes of a transaction within that transaction (see
//! [`crate::store::FeedStore`]), so that nothing is committed and not told. [`encode`] is how they are
//! written where they leave the process.

mod codec;

use std::sync::Arc;

use uuid::Uuid;

use crate::ban::PlayerBan;
use crate::bytes::Damaged;
use crate::erasure::Tombstone;
use crate::id::PlayerId;
use crate::rank::{PlayerName, Update, Version};
use crate::session::Revocations;
use crate::time::Timestamp;

pub use codec::{decode, encode};

/// One thing that a transaction changed, as it is since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A player's entry on a board.
    Entry(Update),
    /// A player's nickname.
    Name(PlayerName),
    /// Whether a player is banned.
    Ban(PlayerBan),
    /// How often the sessions of a player were revoked.
    Sessions(Revocations),
    /// Events of a player wait for review, or wait no longer.
    Review {
        /// The player.
        player: PlayerId,
    },
    /// A player is being erased: nothing of them is taken in any more.
    Erased(Tombstone),
    /// The definition in force, the projections, the tournaments or a rebuild: what a plan is made of.
    Plan {
        /// The version of the plan since.
        version: i64,
    },
    /// A tournament was created, cancelled, ended, sealed or closed. Closing awards its prizes.
    Tournament {
        /// Which one.
        id: Arc<str>,
        /// The version of the plan since.
        version: i64,
    },
    /// A prize was claimed by its owner, which happens once.
    Claim {
        /// The prize.
        prize: Uuid,
        /// Its owner.
        player: PlayerId,
    },
    /// A prize was awarded by an operator, or taken back.
    Prize {
        /// The prize.
        prize: Uuid,
        /// Whose it is, or was.
        player: PlayerId,
    },
    /// Raw events that happened and were received before a time were removed. Derived state is as it
    /// was.
    Removal {
        /// The time, which only grows.
        before: Timestamp,
    },
}

/// What one transaction changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Which transaction. Numbers say nothing about an order.
    pub no: CommitNo,
    /// The changes, in any order.
    pub changes: Arc<[Change]>,
}

/// The number of a transaction that changed something. No other has it until the thread is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitNo(pub u64);

/// A moment in the life of a store: what was committed before it, and what was not. Only the store that
/// gave it can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(pub Box<str>);

/// What a reader of the feed hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// All that was committed between the position asked for and a new one.
    Commits {
        /// Each transaction once, in any order.
        commits: Vec<Commit>,
        /// Where to go on.
        position: Position,
    },
    /// The feed does not reach back to the position, or has grown too long since: what is held must be
    /// loaded anew.
    Lost,
}

/// The change that tells nodes that retention removed `events` received before `before`; none where there
/// were none.
pub fn removal(before: Timestamp, events: usize) -> Option<Change> {
    (events > 0).then_some(Change::Removal { before })
}

/// The changes that tell nodes of a new version of the plan, because a tournament or the definition changed.
pub fn outdated(version: i64, tournament: Option<&Arc<str>>) -> Vec<Change> {
    let plan = Change::Plan { version };
    let of_tournament = |id: &Arc<str>| Change::Tournament { id: Arc::clone(id), version };
    std::iter::once(plan).chain(tournament.map(of_tournament)).collect()
}

/// Puts the entries of one board side by side. So they take the least room in the feed, and the least
/// work of who takes them over.
pub fn entries(mut updates: Vec<Update>) -> Vec<Change> {
    updates.sort_by_key(|update| update.board);
    updates.into_iter().map(Change::Entry).collect()
}

/// The news for other nodes that events of these players wait for review: one for each player, however often the list
/// names them.
pub fn held(mut players: Vec<PlayerId>) -> impl Iterator<Item = Change> {
    players.sort_unstable();
    players.dedup();
    players.into_iter().map(|player| Change::Review { player })
}

/// What is told when an erased player's name and ban are gone, each of the version that it had, if there was
/// one.
pub fn forgotten(player: &PlayerId, named: Option<i64>, banned: Option<i64>) -> Vec<Change> {
    let after = |version: i64| Version(version + 1);
    let name = named.map(|last| PlayerName {
        player: player.clone(),
        nickname: String::new(),
        version: after(last),
    });
    let ban =
        banned.map(|last| PlayerBan { player: player.clone(), ban: None, version: after(last) });
    name.map(Change::Name).into_iter().chain(ban.map(Change::Ban)).collect()
}
