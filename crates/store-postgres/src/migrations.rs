//! The migrations of the schema that this program knows.

use std::fmt;

use scoreline_core::store::schema::Migration;

/// The migrations of this version, by number from 1. One that was released is never changed.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_production",
    sql: include_str!("../migrations/0001_production.sql"),
    needs: 1,
}];

/// A migration that a database misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingMigration {
    /// Its number, from 1.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
    /// What it runs, for the namespace `scoreline`.
    pub sql: &'static str,
}

impl fmt::Display for PendingMigration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
