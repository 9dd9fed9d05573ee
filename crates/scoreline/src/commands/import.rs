//! `scoreline import`: exported events in again, or an embedded database to PostgreSQL.
//!
//! A line that is no event costs none of its neighbours: it is told by its number and set aside.

mod lines;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::intake::{Intake, Submission};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::plural::counted;
use scoreline_core::store::Progress;
use scoreline_core::time::Timestamp;
use scoreline_server::{Config, Offline, SystemClock, take_over};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::lines::{Line, Lines};
use crate::exit;
use crate::output::{note, say};
use crate::progress::Bar;

/// Lines with mistakes that are shown; all are counted.
const MISTAKES_SHOWN: u64 = 20;
/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

#[derive(Args)]
pub struct Arguments {
    /// NDJSON, or .gz; or a data directory, or its scoreline.db, to move
    file: PathBuf,
    /// Stops at the first line that is no event, instead of setting it aside
    #[arg(long)]
    strict: bool,
    /// Takes the definition of another game than that of the data
    #[arg(long)]
    pub replace_game: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let from = &arguments.file;
    if is_embedded(from) {
        return move_database(config, from).await;
    }
    import_events(config, arguments).await
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

/// What `scoreline export` writes as a line.
#[derive(Deserialize)]
struct Exported<'l> {
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
    /// Events that the definition does not allow; they are in quarantine.
    rejected: u64,
    /// Lines that are no events.
    set_aside: u64,
    /// The line at which it stopped, and why.
    stopped: Option<(u64, String)>,
}

impl Imported {
    /// Tells a mistake, unless many were told.
    fn tell(&self, number: impl std::fmt::Display, message: &str) {
        let told = self.rejected + self.set_aside;
        match MISTAKES_SHOWN.checked_sub(told) {
            None => {}
            Some(0) => note!("line {number} and others have mistakes too; all are counted"),
            Some(_) => note!("line {number}: {message}"),
        }
    }
}

/// Takes events in again.
async fn import_events(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut lines = Lines::open(&arguments.file)?;
    let offline = Offline::hold(config, Arc::new(SystemClock)).await?;
    let intake = offline.intake();
    let before = intake.figures();
    let bar = Bar::new("importing bytes");
    let definition = offline.operations().definition();
    let done = take_in(&mut lines, arguments.strict, &definition, &*intake, &bar).await;
    let after = intake.figures();
    offline.close().await;
    bar.done();
    let Imported { lines, accepted, rejected, set_aside, stopped } = done?;
    let duplicates = after.duplicates - before.duplicates;
    say!(
        "{}: {} new, {duplicates} known, {rejected} in quarantine, {set_aside} set aside",
        counted(lines, "line"),
        accepted - duplicates
    )?;
    if let Some((number, reason)) = stopped {
        bail!("line {number}: {reason}; nothing from there on was imported");
    }
    let is_all = rejected + set_aside == 0;
    Ok(if is_all { ExitCode::SUCCESS } else { ExitCode::from(exit::FOUND) })
}

async fn take_in(
    lines: &mut Lines,
    is_strict: bool,
    definition: &Definition,
    intake: &dyn Intake,
    bar: &Bar,
) -> anyhow::Result<Imported> {
    let mut imported = Imported::default();
    let mut submission = Submission::default();
    loop {
        let line = lines.next()?;
        let is_over = line.is_none();
        if let Some(Line { number, text }) = line {
            let checked = text.and_then(|text| check(text, number, definition, &mut submission));
            match checked {
                Err(reason) if is_strict => imported.stopped = Some((number, reason)),
                Err(reason) => {
                    imported.tell(number, &reason);
                    imported.lines += 1;
                    imported.set_aside += 1;
                }
                Ok(()) => imported.lines += 1,
            }
        }
        let is_over = is_over || imported.stopped.is_some();
        if is_over || submission.events.len() + submission.rejected.len() >= SCAN_EVENTS {
            submit(std::mem::take(&mut submission), intake, &mut imported).await?;
        }
        if is_over {
            return Ok(imported);
        }
        let (done, total) = lines.progress();
        bar.show(Progress { done, total: total.max(done), finished: false });
    }
}

async fn submit(
    part: Submission,
    intake: &dyn Intake,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    for rejected in &part.rejected {
        imported.tell(rejected.index, &rejected.message);
        imported.rejected += 1;
    }
    let receipt = intake.submit(intake.arrive(), part).await?;
    imported.accepted += receipt.accepted as u64;
    imported.rejected += receipt.conflicting.len() as u64;
    Ok(())
}

/// Checks the event of a line. Fails with what is wrong with a line that holds none.
fn check(
    text: &str,
    number: u64,
    definition: &Definition,
    submission: &mut Submission,
) -> Result<(), String> {
    let exported: Exported<'_> = serde_json::from_str(text).map_err(|error| unlike(&error))?;
    let moment =
        |ms, name| Timestamp::from_ms(ms).ok_or_else(|| format!("its {name} is no time: {ms}"));
    let received_at = moment(exported.received_at, "received_at")?;
    let counted_at = moment(exported.counted_at, "counted_at")?;
    let event = exported.event;
    // The `sent_at` with which the device's clock would have been corrected by the same amount.
    let sent_at = event_time(event).map(|time| received_at.plus_ms(time.ms_since(counted_at)));
    let mut validator = Validator::new(definition, received_at, sent_at, None);
    match validator.check(usize::try_from(number).unwrap_or(usize::MAX), event) {
        Ok(event) => submission.events.push(event),
        Err(rejected) => submission.rejected.push(*rejected),
    }
    Ok(())
}

/// Why a line is not what was exported. The parser counts lines within the text that it was given, which
/// is one line; the column alone says something.
fn unlike(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let place = format!(" at line {line} column {column}");
    let words = words.strip_suffix(&place).unwrap_or(&words);
    format!("it is not what 'scoreline export' writes: {words}, at column {column}")
}

fn event_time(event: &RawValue) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Timed {
        timestamp: i64,
    }
    let timed: Timed = serde_json::from_str(event.get()).ok()?;
    Timestamp::from_ms(timed.timestamp)
}
