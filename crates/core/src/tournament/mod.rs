//! Tournaments and prizes: when one runs, who wins what, and how a prize is described.
//!
//! A tournament is a window of time over a board's measure, with its own projection. It takes over
//! what the board means and what is won when it is created, and keeps both for ever. It counts
//! events by the server's receipt. Closing has two steps: *sealing*, after which no event changes
//! its board any more, then *closing*, which awards the prizes of the sealed standings once.

mod by_hand;
mod extra;
pub mod life;
#[cfg(test)]
pub(crate) mod sample;
mod series;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fold::{Meaning, ProjectionKind, WantedProjection};
use crate::game::{Board, PrizeTier};
use crate::id::{PlayerId, ProjectionNo, Slot};
use crate::time::Timestamp;

pub use by_hand::{HandAward, HandPrize, HandPrizeFault, Revocation};
pub use extra::ExtraTournament;
pub use life::{Closing, Ranking, Unfit, winners};
pub use series::{due, missing, unforeseen};

/// One tournament.
#[derive(Debug, Clone, PartialEq)]
pub struct Tournament {
    /// Its id, as it appears in addresses.
    pub id: Arc<str>,
    /// The series it belongs to; `None` for one that an operator created.
    pub series: Option<Arc<str>>,
    /// What players see.
    pub name: String,
    /// The board as it was when the tournament was created, without resets: what the tournament
    /// counts, how it ranks that, and the sums it shows.
    pub board: Arc<Board>,
    /// The first moment that counts.
    pub starts_at: Timestamp,
    /// The first moment that no longer counts.
    pub ends_at: Timestamp,
    /// What is won, as it was when the tournament was created.
    pub prizes: Vec<PrizeTier>,
    /// Its projection.
    pub projection: ProjectionNo,
    /// Where its standings lie.
    pub slot: Slot,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<Timestamp>,
    /// From when on no event changes its board, once it was sealed. Compared with the time an event
    /// was applied.
    pub sealed_at: Option<Timestamp>,
    /// When its prizes were awarded, once they were.
    pub closed_at: Option<Timestamp>,
    /// How many players took part, once it is closed.
    pub participants: Option<u64>,
}

/// Where a tournament stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TournamentStatus {
    /// Not begun.
    Upcoming,
    /// Counting.
    Active,
    /// Over; waiting for the last events and for the prizes to be awarded.
    Closing,
    /// Over, with its prizes awarded.
    Closed,
    /// Cancelled. Nobody wins a prize.
    Cancelled,
}

impl TournamentStatus {
    /// All of them, in the order of a tournament's life.
    pub const ALL: [Self; 5] =
        [Self::Upcoming, Self::Active, Self::Closing, Self::Closed, Self::Cancelled];

    /// The status as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Active => "active",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Tournament {
    /// Where it stands at `now`.
    pub fn status_at(&self, now: Timestamp) -> TournamentStatus {
        if self.cancelled_at.is_some() {
            TournamentStatus::Cancelled
        } else if self.closed_at.is_some() {
            TournamentStatus::Closed
        } else if self.sealed_at.is_some() || self.ends_at <= now {
            TournamentStatus::Closing
        } else if self.starts_at <= now {
            TournamentStatus::Active
        } else {
            TournamentStatus::Upcoming
        }
    }
}

/// A tournament that does not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTournament {
    /// Its id. Creating one that exists changes nothing.
    pub id: Arc<str>,
    /// The series it belongs to.
    pub series: Option<Arc<str>>,
    /// What players see.
    pub name: String,
    /// What it counts and how it ranks that, for ever: [`Board::without_resets`] of a board.
    pub board: Arc<Board>,
    /// The first moment that counts.
    pub starts_at: Timestamp,
    /// The first moment that no longer counts.
    pub ends_at: Timestamp,
    /// What is won.
    pub prizes: Vec<PrizeTier>,
}

impl NewTournament {
    /// The projection that it asks for.
    pub fn wanted_projection(&self) -> WantedProjection {
        WantedProjection {
            kind: ProjectionKind::Tournament,
            name: Arc::clone(&self.id),
            meaning: Meaning::Board(Arc::clone(&self.board)),
        }
    }
}

/// A prize of a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prize {
    /// Its id: of one that was won, derived from tournament and player, so awarding twice cannot make
    /// two.
    pub id: uuid::Uuid,
    /// How it was won; `None` of one that an operator awarded.
    pub won: Option<Win>,
    /// Whose it is.
    pub player: PlayerId,
    /// Coins won.
    pub coins: i64,
    /// Gems won.
    pub gems: i64,
    /// When it was awarded.
    pub awarded_at: Timestamp,
    /// When its owner claimed it, once they did.
    pub claimed_at: Option<Timestamp>,
    /// When an operator took it back, if one did.
    pub revoked_at: Option<Timestamp>,
}

/// How a prize was won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Win {
    /// In which tournament.
    pub tournament_id: Arc<str>,
    /// That tournament's name.
    pub tournament_name: String,
    /// With which rank.
    pub rank: u64,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// This claim was the first; the prize carries its time.
    Claimed(Prize),
    /// An earlier claim was first; the prize carries that one's time.
    AlreadyClaimed(Prize),
    /// There is no such prize, it is someone else's, or an operator took it back.
    NotFound,
}

impl Claim {
    /// The claim found this prize of the player's, if any, and was the first or not.
    pub fn of(found: Option<Prize>, is_first: bool) -> Self {
        match found.filter(|prize| prize.revoked_at.is_none()) {
            None => Self::NotFound,
            Some(prize) if is_first => Self::Claimed(prize),
            Some(prize) => Self::AlreadyClaimed(prize),
        }
    }
}

/// A player's prizes in numbers, without those that were taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrizeStatistics {
    /// All prizes.
    pub total_prizes: u64,
    /// Those claimed.
    pub claimed_prizes: u64,
    /// Coins of all prizes.
    pub total_coins: i64,
    /// Gems of all prizes.
    pub total_gems: i64,
    /// Coins of the claimed ones.
    pub claimed_coins: i64,
    /// Gems of the claimed ones.
    pub claimed_gems: i64,
    /// The best rank of any tournament.
    pub best_rank: Option<u64>,
    /// Tournaments won, that is with rank 1.
    pub tournaments_won: u64,
}

impl Prize {
    /// The id of the prize that a player wins in a tournament: the same however often it is
    /// awarded. A UUID of version 8 over SHA-256.
    pub fn id_of(tournament: &str, player: &PlayerId) -> uuid::Uuid {
        let digest = Sha256::new()
            .chain_update(tournament.len().to_be_bytes())
            .chain_update(tournament)
            .chain_update(player.as_str())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}
