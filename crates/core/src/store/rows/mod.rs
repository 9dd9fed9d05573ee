//! Rows of a store as the domain's types.
//!
//! The queries of all stores answer the same columns in the same order, so what a row means is said
//! once, in the files beside this one; a store says how a column is read. The way back, values on
//! their way into statements, is [`super::values`].

mod acts;
mod analytics;
mod boards;
mod events;
mod figures;
mod players;
mod projections;
mod reviews;
mod tournaments;

use std::sync::Arc;

use uuid::Uuid;

use super::ScanPosition;
use crate::id::{PlayerId, ProjectionNo, Slot};
use crate::rank::Version;
use crate::time::Timestamp;

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

    /// A list of numbers.
    fn integers(&self, column: usize) -> Result<Vec<i64>, Self::Error>;

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
    ProjectionNo => |row, column| Self(row.integer(column)?);
    Option<ScanPosition> => |row, column| {
        row.maybe_bytes(column)?.map(ScanPosition::from_bytes)
    };
    Slot => |row, column| Self(row.integer(column)?);
    Vec<u8> => |row, column| {
        let bytes = row.maybe_bytes(column)?;
        bytes.ok_or_else(|| row.damaged(column, "there are no bytes".to_owned()))?.to_vec()
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardKey;
    use crate::rank::Standing;
    use crate::store::QuarantineEntry;

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

        fn integers(&self, column: usize) -> Result<Vec<i64>, String> {
            self.integer(column).map(|number| vec![number])
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
