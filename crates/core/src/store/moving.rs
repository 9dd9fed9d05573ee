//! Rows on their way from one store into another, table by table.
//!
//! The schemas of the stores carry the same names, so nothing here knows what the columns mean.

/// The tables that move, in the order in which they can be filled: what is referred to comes first.
pub const MOVED_TABLES: &[&str] = &[
    "store_state",
    "definitions",
    "projections",
    "dropped_slots",
    "events",
    "dead_events",
    "quarantine",
    "board_entries",
    "player_statistics",
    "figures",
    "figure_players",
    "player_analytics",
    "analytics_counters",
    "players",
    "tournaments",
    "prizes",
    "voids",
    "reviews",
    "player_memories",
    "bans",
    "blocked_names",
    "passed_over",
    "erasure_keys",
    "erasures",
    "erasure_requests",
    "moved_players",
    "access_keys",
    "ended_sessions",
    "audit_log",
];

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Empty,
    /// A number, a time in milliseconds, or a truth as 0 and 1.
    Integer(i64),
    /// Text, in which U+0000 may occur.
    Text(String),
    /// An id of 16 bytes, or something opaque.
    Bytes(Vec<u8>),
}

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRows {
    /// One of [`MOVED_TABLES`].
    pub table: &'static str,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl MovedRows {
    /// Where a column is in each row.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A number out of a row, where the column is there and holds one.
    pub fn integer(&self, row: usize, name: &str) -> Option<i64> {
        match self.rows.get(row)?.get(self.column(name)?)? {
            Cell::Integer(value) => Some(*value),
            _ => None,
        }
    }
}
