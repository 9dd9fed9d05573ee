//! Rows of a store as the domain's types.
//!
//! The queries of all stores answer the same columns in the same order, so what a row means is said
//! once, here; a store says how a column is read.

use std::sync::Arc;

use uuid::Uuid;

use super::{DeadEvent, DeadNo, FigureRow, QuarantineEntry, QuarantineNo, Totals};
use crate::access::Scopes;
use crate::audit::{Act, Actor, AuditEntry, AuditNo, Audited};
use crate::ban::{Ban, PlayerBan};
use crate::event::recognise::KeptEvent;
use crate::event::{ContentHash, Event, RejectCode, Rejected};
use crate::fold::{Figure, FigureKey, Sketch};
use crate::id::{BoardKey, EventKey, PlayerId, Slot};
use crate::key::Key;
use crate::rank::{Entry, PlayerEntry, PlayerName, Standing, Update, Version};
use crate::time::Timestamp;
use crate::timekeeping::ClockNote;
use crate::tournament::{Prize, PrizeStatistics};

/// The columns of a row, counted from 0.
pub trait Columns {
    /// Why a column cannot be read.
    type Error;

    /// A number.
    fn integer(&self, column: usize) -> Result<i64, Self::Error>;

    /// A number, where there is one.
    fn maybe_integer(&self, column: usize) -> Result<Option<i64>, Self::Error>;

    /// A truth.
    fn truth(&self, column: usize) -> Result<bool, Self::Error>;

    /// A text.
    fn text(&self, column: usize) -> Result<&str, Self::Error>;

    /// A text, where there is one.
    fn maybe_text(&self, column: usize) -> Result<Option<&str>, Self::Error>;

    /// Bytes, where there are any.
    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Self::Error>;

    /// A UUID.
    fn uuid(&self, column: usize) -> Result<Uuid, Self::Error>;

    /// A UUID, where there is one.
    fn maybe_uuid(&self, column: usize) -> Result<Option<Uuid>, Self::Error>;

    /// The error of a column that holds what no version of Scoreline writes.
    fn damaged(&self, column: usize, reason: String) -> Self::Error;

    /// A time.
    fn time(&self, column: usize) -> Result<Timestamp, Self::Error> {
        self.integer(column).map(Timestamp::from_stored_ms)
    }

    /// A time, where there is one.
    fn maybe_time(&self, column: usize) -> Result<Option<Timestamp>, Self::Error> {
        Ok(self.maybe_integer(column)?.map(Timestamp::from_stored_ms))
    }

    /// A count or a rank: never negative.
    fn count(&self, column: usize) -> Result<u64, Self::Error> {
        self.integer(column).map(i64::unsigned_abs)
    }

    /// A small count; a greater one than fits is the greatest that does.
    fn small_count(&self, column: usize) -> Result<u32, Self::Error> {
        Ok(u32::try_from(self.count(column)?).unwrap_or(u32::MAX))
    }

    /// A shared text.
    fn shared_text(&self, column: usize) -> Result<Arc<str>, Self::Error> {
        self.text(column).map(Arc::from)
    }

    /// A text of its own, where there is one.
    fn own_text(&self, column: usize) -> Result<Option<String>, Self::Error> {
        Ok(self.maybe_text(column)?.map(str::to_owned))
    }

    /// A player.
    fn player(&self, column: usize) -> Result<PlayerId, Self::Error> {
        self.text(column).map(PlayerId::from_stored)
    }

    /// A time and a text that are there together, or not at all.
    fn note(&self, column: usize) -> Result<Option<(Timestamp, String)>, Self::Error> {
        Ok(self.maybe_time(column)?.zip(self.own_text(column + 1)?))
    }
}

/// What can be read out of the columns of a row, from a first one on.
pub trait Stored: Sized {
    /// How many columns it takes.
    const WIDTH: usize;

    /// Reads it.
    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error>;
}

/// Implements [`Stored`] for what takes one column.
macro_rules! one_column {
    ($($type:ty => |$row:ident, $column:ident| $read:expr;)*) => {
        $(impl Stored for $type {
            const WIDTH: usize = 1;

            fn read<R: Columns>($row: &R, $column: usize) -> Result<Self, R::Error> {
                Ok($read)
            }
        })*
    };
}

one_column! {
    i64 => |row, column| row.integer(column)?;
    Option<i64> => |row, column| row.maybe_integer(column)?;
    u64 => |row, column| row.count(column)?;
    bool => |row, column| row.truth(column)?;
    String => |row, column| row.text(column)?.to_owned();
    Option<String> => |row, column| row.own_text(column)?;
    Arc<str> => |row, column| row.shared_text(column)?;
    Uuid => |row, column| row.uuid(column)?;
    Option<Uuid> => |row, column| row.maybe_uuid(column)?;
    Timestamp => |row, column| row.time(column)?;
    Option<Timestamp> => |row, column| row.maybe_time(column)?;
    PlayerId => |row, column| row.player(column)?;
    Slot => |row, column| Self(row.integer(column)?);
    Version => |row, column| Self(row.integer(column)?);
}

/// Implements [`Stored`] for what stands side by side.
macro_rules! side_by_side {
    ($($name:ident)*) => {
        impl<$($name: Stored),*> Stored for ($($name,)*) {
            const WIDTH: usize = 0 $(+ $name::WIDTH)*;

            fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
                let mut next = first;
                let mut take = |width: usize| {
                    next += width;
                    next - width
                };
                Ok(($($name::read(row, take($name::WIDTH))?,)*))
            }
        }
    };
}

impl<const N: usize> Stored for [i64; N] {
    const WIDTH: usize = N;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let mut numbers = [0; N];
        for (column, number) in (first..).zip(&mut numbers) {
            *number = row.integer(column)?;
        }
        Ok(numbers)
    }
}

side_by_side! { A B }
side_by_side! { A B C }
side_by_side! { A B C D }

/// A board: its slot and its period.
impl Stored for BoardKey {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { slot: Slot(row.integer(first)?), period: row.time(first + 1)? })
    }
}

/// The key of an event: its player and its id.
impl Stored for EventKey {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { player: row.player(first)?, id: row.uuid(first + 1)? })
    }
}

/// `event_type, content, payload`.
impl Stored for KeptEvent {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            event_type: row.text(first)?.to_owned(),
            content: ContentHash(row.integer(first + 1)?),
            payload: row.text(first + 2)?.to_owned(),
        })
    }
}

/// The key of a figure: its slot, its grain, its start and the event type.
impl Stored for FigureKey {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            slot: Slot(row.integer(first)?),
            grain_ms: row.integer(first + 1)?,
            start: row.time(first + 2)?,
            event_type: row.shared_text(first + 3)?,
        })
    }
}

/// Points, and when they were reached.
impl Stored for Standing {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { points: row.integer(first)?, reached_at: row.time(first + 1)? })
    }
}

/// `points, reached_at, attempts, last_at`, the sums, `taken_back`.
impl Stored for Entry {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (standing, attempts, last_at, sums) = Stored::read(row, first)?;
        let taken_back = row.integer(first + 8)?;
        Ok(Self { standing, attempts, last_at, sums, taken_back })
    }
}

/// The player, followed by the entry.
impl Stored for PlayerEntry {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, entry) = Stored::read(row, first)?;
        Ok(Self { player, entry })
    }
}

/// The board, followed by the player and the entry.
impl Stored for Update {
    const WIDTH: usize = 12;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (board, player, entry) = Stored::read(row, first)?;
        Ok(Self { board, player, entry })
    }
}

/// The player, the nickname and its version.
impl Stored for PlayerName {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, nickname, version) = Stored::read(row, first)?;
        Ok(Self { player, nickname, version })
    }
}

/// The player, whether they are banned, `shadow`, `until` and the version.
impl Stored for PlayerBan {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let ban = Ban { shadow: row.truth(first + 2)?, until: row.maybe_time(first + 3)? };
        Ok(Self {
            player: row.player(first)?,
            ban: row.truth(first + 1)?.then_some(ban),
            version: Version(row.integer(first + 4)?),
        })
    }
}

/// `event_time, event_id, player_id, event_type, received_at, counted_at, content, payload`.
impl Stored for Event {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let time = row.time(first)?;
        Ok(Self::from_stored(
            EventKey { player: row.player(first + 2)?, id: row.uuid(first + 1)? },
            time,
            row.shared_text(first + 3)?,
            row.time(first + 4)?,
            row.maybe_time(first + 5)?.unwrap_or(time),
            ContentHash(row.integer(first + 6)?),
            Box::from(row.text(first + 7)?),
        ))
    }
}

/// An event, followed by why and how often it failed, when, who gave it up, and its number.
impl Stored for DeadEvent {
    const WIDTH: usize = 14;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            event: Event::read(row, first)?,
            reason: row.text(first + 8)?.to_owned(),
            attempts: row.small_count(first + 9)?,
            died_at: row.time(first + 10)?,
            discarded: row.note(first + 11)?,
            no: DeadNo(row.integer(first + 13)?),
        })
    }
}

/// The columns of `quarantine/page`.
impl Stored for QuarantineEntry {
    const WIDTH: usize = 16;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let code = row.text(first + 6)?;
        let code = RejectCode::ALL
            .into_iter()
            .find(|known| known.as_str() == code)
            .ok_or_else(|| row.damaged(first + 6, format!("{code:?} is no reject code")))?;
        let rejected = Rejected {
            digest: row.uuid(first + 1)?,
            index: usize::try_from(row.count(first + 2)?).unwrap_or(usize::MAX),
            event_type: row.own_text(first + 3)?,
            player: row.maybe_text(first + 4)?.map(PlayerId::from_stored),
            event_id: row.own_text(first + 5)?,
            code,
            field: row.own_text(first + 7)?,
            message: row.text(first + 8)?.to_owned(),
            received_at: row.time(first + 9)?,
            sent_at: row.maybe_time(first + 10)?,
            occurrence: row.small_count(first + 11)?,
            raw: Box::from(row.text(first + 12)?),
        };
        Ok(Self {
            no: QuarantineNo(row.integer(first)?),
            rejected,
            times_seen: row.count(first + 13)?,
            discarded: row.note(first + 14)?,
        })
    }
}

/// Counts, times and the sketch of players, which may be missing.
impl Stored for Figure {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let players = row.maybe_bytes(first + 4)?.map_or(Ok(Sketch::default()), Sketch::from_bytes);
        Ok(Self {
            events: row.integer(first)?,
            processing_ms: row.integer(first + 1)?,
            first_at: row.time(first + 2)?,
            last_at: row.time(first + 3)?,
            players: players.map_err(|error| row.damaged(first + 4, error.to_string()))?,
        })
    }
}

/// The key of a figure, followed by the figure.
impl Stored for FigureRow {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (FigureKey { start, event_type, .. }, figure) = Stored::read(row, first)?;
        Ok(Self { start, event_type, figure })
    }
}

/// What is counted as it changes. None of it is below 0, whatever a repair left behind.
impl Stored for Totals {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let counts: [i64; 4] = Stored::read(row, first)?;
        let [applied, duplicates, dead, quarantined] =
            counts.map(|count| count.max(0).unsigned_abs());
        Ok(Self { applied, duplicates, dead, quarantined })
    }
}

/// The columns of the note about the clock.
impl Stored for ClockNote {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            epoch: row.integer(first)?,
            last_at: row.time(first + 1)?,
            offset_ms: row.maybe_integer(first + 2)?,
        })
    }
}

/// The columns of the queries about prizes.
impl Stored for Prize {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            id: row.uuid(first)?,
            tournament_id: row.shared_text(first + 1)?,
            tournament_name: row.text(first + 2)?.to_owned(),
            player: row.player(first + 3)?,
            rank: row.count(first + 4)?,
            coins: row.integer(first + 5)?,
            gems: row.integer(first + 6)?,
            awarded_at: row.time(first + 7)?,
            claimed_at: row.maybe_time(first + 8)?,
        })
    }
}

/// The columns of `prize/statistics`.
impl Stored for PrizeStatistics {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            total_prizes: row.count(first)?,
            claimed_prizes: row.count(first + 1)?,
            total_coins: row.integer(first + 2)?,
            total_gems: row.integer(first + 3)?,
            claimed_coins: row.integer(first + 4)?,
            claimed_gems: row.integer(first + 5)?,
            best_rank: row.maybe_integer(first + 6)?.map(i64::unsigned_abs),
            tournaments_won: row.count(first + 7)?,
        })
    }
}

/// `key_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at`.
impl Stored for Key {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let scopes = row.text(first + 3)?;
        let scopes = Scopes::from_text(scopes)
            .ok_or_else(|| row.damaged(first + 3, format!("{scopes:?} are no scopes")))?;
        Ok(Self {
            id: row.uuid(first)?,
            name: row.text(first + 1)?.to_owned(),
            hash: row.text(first + 2)?.to_owned(),
            scopes,
            created_at: row.time(first + 4)?,
            expires_at: row.maybe_time(first + 5)?,
            revoked_at: row.maybe_time(first + 6)?,
            last_used_at: row.maybe_time(first + 7)?,
        })
    }
}

/// `audit_no, at, who, key_id, address, what, target, note, before, after`.
impl Stored for AuditEntry {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let by = Actor {
            name: row.text(first + 2)?.to_owned(),
            key: row.maybe_uuid(first + 3)?,
            address: row.maybe_text(first + 4)?.and_then(|text| text.parse().ok()),
        };
        let act = Act {
            by,
            what: row.text(first + 5)?.to_owned(),
            target: row.text(first + 6)?.to_owned(),
            note: row.own_text(first + 7)?,
            at: row.time(first + 1)?,
        };
        let (before, after) = (row.own_text(first + 8)?, row.own_text(first + 9)?);
        Ok(Self { no: AuditNo(row.integer(first)?), audited: Audited { act, before, after } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of numbers, and of texts where a number is missing.
    struct Given(Vec<(Option<i64>, &'static str)>);

    impl Columns for Given {
        type Error = String;

        fn integer(&self, column: usize) -> Result<i64, String> {
            self.maybe_integer(column)?.ok_or_else(|| self.damaged(column, "no number".to_owned()))
        }

        fn maybe_integer(&self, column: usize) -> Result<Option<i64>, String> {
            let found = self.0.get(column).map(|(number, _)| *number);
            found.ok_or_else(|| self.damaged(column, "no column".to_owned()))
        }

        fn truth(&self, column: usize) -> Result<bool, String> {
            self.integer(column).map(|number| number != 0)
        }

        fn text(&self, column: usize) -> Result<&str, String> {
            let found = self.0.get(column).map(|(_, text)| *text);
            found.ok_or_else(|| self.damaged(column, "no column".to_owned()))
        }

        fn maybe_text(&self, column: usize) -> Result<Option<&str>, String> {
            self.text(column).map(Some)
        }

        fn maybe_bytes(&self, _column: usize) -> Result<Option<&[u8]>, String> {
            Ok(None)
        }

        fn uuid(&self, _column: usize) -> Result<Uuid, String> {
            Ok(Uuid::nil())
        }

        fn maybe_uuid(&self, _column: usize) -> Result<Option<Uuid>, String> {
            Ok(None)
        }

        fn damaged(&self, column: usize, reason: String) -> String {
            format!("column {column}: {reason}")
        }
    }

    #[test]
    fn things_side_by_side_take_as_many_columns_as_each_of_them_needs() {
        let row = Given(vec![
            (None, "skipped"),
            (Some(7), ""),
            (Some(60_000), ""),
            (None, "ann"),
            (Some(50), ""),
            (Some(1_000), ""),
            (Some(3), ""),
        ]);
        let (board, player, standing, version): (BoardKey, PlayerId, Standing, Version) =
            Stored::read(&row, 1).expect("reads");
        assert_eq!((board.slot, board.period.as_ms()), (Slot(7), 60_000));
        assert_eq!((player.as_str(), standing.points), ("ann", 50));
        assert_eq!((standing.reached_at.as_ms(), version), (1_000, Version(3)));
    }

    #[test]
    fn what_no_version_writes_is_told_with_its_column() {
        let mut columns = [(Some(0), "text"); 16];
        columns[6] = (None, "unheard_of");
        let refused = QuarantineEntry::read(&Given(columns.to_vec()), 0).expect_err("is no code");
        assert!(refused.contains("column 6") && refused.contains("unheard_of"), "{refused}");
        let row = Given(vec![(None, "")]);
        assert_eq!(i64::read(&row, 0), Err("column 0: no number".to_owned()));
    }
}
