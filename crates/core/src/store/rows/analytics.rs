//! Rows of exact analytics.

use super::{Columns, Stored};
use crate::analytics::{CounterRow, Day, Part};

/// The value of the split, the day, the item and the count.
impl Stored for CounterRow {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let day = i32::try_from(row.integer(first + 1)?);
        Ok(Self {
            value: row.shared_text(first)?,
            day: Day(day.map_err(|error| row.damaged(first + 1, error.to_string()))?),
            item: row.shared_text(first + 2)?,
            count: row.integer(first + 3)?,
        })
    }
}

/// The number of it.
impl Stored for Part {
    const WIDTH: usize = 1;

    fn read<R: Columns>(row: &R, column: usize) -> Result<Self, R::Error> {
        let number = row.integer(column)?;
        Self::of_number(number).ok_or_else(|| row.damaged(column, format!("{number} is no part")))
    }
}
