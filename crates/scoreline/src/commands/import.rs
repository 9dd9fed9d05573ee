//! `scoreline import`: exported events in again, or an embedded database to PostgreSQL.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use flate2::read::MultiGzDecoder;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::intake::{Intake, Submission};
use scoreline_core::limits::{EVENT_BYTES_MAX, SCAN_EVENTS};
use scoreline_core::store::Progress;
use scoreline_core::time::Timestamp;
use scoreline_server::{Config, Offline, SystemClock, take_over};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::export::is_compressed;
use crate::exit;
use crate::output::{note, say};
use crate::progress::Bar;

/// Mistakes of an import that are shown; all are counted and kept in quarantine.
const MISTAKES_SHOWN: usize = 20;
/// Bytes of a line: an event and what stands around it.
const LINE_BYTES_MAX: u64 = 2 * EVENT_BYTES_MAX as u64;
/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

#[derive(Args)]
pub struct Arguments {
    /// NDJSON, or .gz; or a data directory, or its scoreline.db, to move
    file: PathBuf,
    /// Takes the definition of another game than that of the data
    #[arg(long)]
    pub replace_game: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let from = &arguments.file;
    if is_embedded(from) {
        return move_database(config, from).await;
    }
    import_events(config, from).await
}

/// Whether this is a data directory or a database file rather than exported events.
fn is_embedded(path: &Path) -> bool {
    let mut begins = [0; SQLITE_MAGIC.len()];
    let mut read = || File::open(path)?.read_exact(&mut begins);
    path.is_dir() || (read().is_ok() && begins == *SQLITE_MAGIC)
}

/// Moves everything in an embedded database to PostgreSQL.
async fn move_database(config: &Config, from: &Path) -> anyhow::Result<ExitCode> {
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

#[derive(Deserialize)]
struct Line<'l> {
    received_at: i64,
    counted_at: i64,
    #[serde(borrow)]
    event: &'l RawValue,
}

/// What an import did.
#[derive(Default)]
struct Imported {
    lines: u64,
    accepted: u64,
    rejected: u64,
}

/// Takes events in again.
async fn import_events(config: &Config, path: &Path) -> anyhow::Result<ExitCode> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let total = file.metadata()?.len();
    let reader: Box<dyn Read> =
        if is_compressed(path) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let offline = Offline::hold(config, Arc::new(SystemClock)).await?;
    let intake = offline.intake();
    let before = intake.figures();
    let bar = Bar::new("importing bytes");
    let definition = offline.operations().definition();
    let done = take_in(BufReader::new(reader), &definition, &*intake, &bar, total).await;
    let after = intake.figures();
    offline.close().await;
    bar.done();
    let Imported { lines, accepted, rejected } = done?;
    let duplicates = after.duplicates - before.duplicates;
    say!(
        "{lines} lines: {} new, {duplicates} known, {rejected} in quarantine",
        accepted - duplicates
    )?;
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(exit::FOUND) })
}

async fn take_in(
    mut reader: impl BufRead,
    definition: &Definition,
    intake: &dyn Intake,
    bar: &Bar,
    total: u64,
) -> anyhow::Result<Imported> {
    let mut imported = Imported::default();
    let mut submission = Submission::default();
    let (mut text, mut done) = (String::new(), 0);
    loop {
        text.clear();
        let read = reader.by_ref().take(LINE_BYTES_MAX).read_line(&mut text)?;
        if read as u64 == LINE_BYTES_MAX {
            bail!("line {} has more than {LINE_BYTES_MAX} bytes", imported.lines + 1);
        }
        if read > 0 && !text.trim().is_empty() {
            imported.lines += 1;
            check(&text, imported.lines, definition, &mut submission)?;
        }
        if read == 0 || submission.events.len() + submission.rejected.len() >= SCAN_EVENTS {
            for rejected in &submission.rejected {
                if imported.rejected < MISTAKES_SHOWN as u64 {
                    note!("line {}: {}", rejected.index, rejected.message);
                }
                imported.rejected += 1;
            }
            let part = std::mem::take(&mut submission);
            let receipt = intake.submit(intake.arrive(), part).await?;
            imported.accepted += receipt.accepted as u64;
            imported.rejected += receipt.conflicting.len() as u64;
        }
        if read == 0 {
            return Ok(imported);
        }
        done += read as u64;
        bar.show(Progress { done, total: total.max(done), finished: false });
    }
}

fn check(
    text: &str,
    number: u64,
    definition: &Definition,
    submission: &mut Submission,
) -> anyhow::Result<()> {
    let line: Line<'_> = serde_json::from_str(text)
        .with_context(|| format!("line {number} is not what 'scoreline export' writes"))?;
    let moment = |ms, name| {
        Timestamp::from_ms(ms).with_context(|| format!("line {number}: {name} is no time"))
    };
    let received_at = moment(line.received_at, "received_at")?;
    let counted_at = moment(line.counted_at, "counted_at")?;
    // The `sent_at` with which the device's clock would have been corrected by the same amount.
    let sent_at = event_time(line.event).map(|time| received_at.plus_ms(time.ms_since(counted_at)));
    let mut validator = Validator::new(definition, received_at, sent_at, None);
    match validator.check(usize::try_from(number)?, line.event) {
        Ok(event) => submission.events.push(event),
        Err(rejected) => submission.rejected.push(*rejected),
    }
    Ok(())
}

fn event_time(event: &RawValue) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Timed {
        timestamp: i64,
    }
    let timed: Timed = serde_json::from_str(event.get()).ok()?;
    Timestamp::from_ms(timed.timestamp)
}
