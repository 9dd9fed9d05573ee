//! `scoreline import` of an embedded database: everything in it moves to PostgreSQL.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use scoreline_server::{Config, take_over};

use crate::output::say;
use crate::progress::Bar;

/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Whether this is a data directory or a database file rather than exported events.
pub fn is_embedded(path: &Path) -> bool {
    let mut begins = [0; SQLITE_MAGIC.len()];
    let mut read = || File::open(path)?.read_exact(&mut begins);
    path.is_dir() || (read().is_ok() && begins == *SQLITE_MAGIC)
}

/// Moves it.
pub async fn run(config: &Config, from: &Path) -> anyhow::Result<ExitCode> {
    let bar = Bar::new("moving rows");
    let counts = take_over(config, from, bar.shower()).await?;
    bar.done();
    say!("{} was moved to PostgreSQL, schema {}:", from.display(), config.namespace)?;
    for (table, rows) in counts {
        say!("{rows:>12} {table}")?;
    }
    say!("'scoreline verify' compares it with its events; start the server with DATABASE_URL")?;
    Ok(ExitCode::SUCCESS)
}
