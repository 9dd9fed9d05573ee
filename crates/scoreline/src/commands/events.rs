//! `scoreline export` and `scoreline import`: events out as NDJSON, and back in.
//!
//! A line holds the event as a device would send it, and beside it when the server received it and
//! when it counts, so that importing it elsewhere counts it in the same periods.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ArgMatches;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use scoreline_core::event::Event;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::id::PlayerId;
use scoreline_core::intake::{Intake, Submission};
use scoreline_core::limits::{EVENT_BYTES_MAX, SCAN_EVENTS};
use scoreline_core::store::{EventFilter, Progress, Store};
use scoreline_core::time::Timestamp;
use scoreline_server::{Config, Offline, SystemClock, inspect};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::EXIT_FOUND;
use crate::output::{note, say};
use crate::progress::Bar;

/// Mistakes of an import that are shown; all are counted and kept in quarantine.
const MISTAKES_SHOWN: usize = 20;
/// Bytes of a line: an event and what stands around it.
const LINE_BYTES_MAX: u64 = 2 * EVENT_BYTES_MAX as u64;

/// Writes events as NDJSON.
pub async fn export(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let text = |name: &str| matches.get_one::<String>(name);
    let time = |name: &str| -> anyhow::Result<Option<Timestamp>> {
        let Some(text) = text(name) else { return Ok(None) };
        Ok(Some(Timestamp::parse(text).with_context(|| format!("--{name} {text:?} is no time"))?))
    };
    let filter = EventFilter {
        event_type: text("type").cloned(),
        player: text("player").map(|text| PlayerId::new(text)).transpose()?,
        from: time("from")?,
        until: time("until")?,
    };
    let (store, _) = inspect(config).await?;
    let output: Option<&PathBuf> = matches.get_one("output");
    let mut writer = open_output(output.map(PathBuf::as_path))?;
    let written = match write_events(&*store, &filter, &mut writer).await {
        Err(error) if reader_has_left(&error) => return Ok(ExitCode::SUCCESS),
        written => written?,
    };
    match writer.finish() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        finished => finished?,
    }
    note!("{written} {} exported", if written == 1 { "event" } else { "events" });
    Ok(ExitCode::SUCCESS)
}

async fn write_events(
    store: &dyn Store,
    filter: &EventFilter,
    writer: &mut Output,
) -> anyhow::Result<u64> {
    let (mut after, mut written) = (None, 0);
    loop {
        let chunk = store.scan(filter.clone(), after, SCAN_EVENTS).await?;
        let Some(last) = chunk.last() else { return Ok(written) };
        after = Some(last.event.key);
        for stored in &chunk {
            writeln!(writer, "{}", line(&stored.event)?)?;
        }
        written += chunk.len() as u64;
    }
}

/// Whoever reads our output may stop when they have seen enough, as `head` does.
fn reader_has_left(error: &anyhow::Error) -> bool {
    let failed = error.downcast_ref::<std::io::Error>();
    failed.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// A plain or compressed file, or standard output.
enum Output {
    Plain(Box<dyn Write>),
    Compressed(GzEncoder<BufWriter<File>>),
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Compressed(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Compressed(writer) => writer.flush(),
        }
    }
}

impl Output {
    /// Writes what is left; a file that is cut off must not look complete.
    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Plain(mut writer) => writer.flush(),
            Self::Compressed(writer) => writer.finish()?.flush(),
        }
    }
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

fn open_output(path: Option<&Path>) -> anyhow::Result<Output> {
    let Some(path) = path else {
        return Ok(Output::Plain(Box::new(BufWriter::new(std::io::stdout()))));
    };
    let file =
        File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let writer = BufWriter::new(file);
    if is_compressed(path) {
        return Ok(Output::Compressed(GzEncoder::new(writer, Compression::default())));
    }
    Ok(Output::Plain(Box::new(writer)))
}

fn line(event: &Event) -> anyhow::Result<String> {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    // One brace at each end: the last field may be an object itself.
    let own = event.payload.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let own = own.with_context(|| format!("event {} is stored damaged", event.key.id))?;
    let comma = if own.is_empty() { "" } else { "," };
    // The client's time as a number: whatever calendar it lies in, it comes back the same.
    Ok(format!(
        "{{\"received_at\":{},\"counted_at\":{},\"event\":{{\"event_type\":{},\"user_id\":{},\"timestamp\":{},\"event_id\":\"{}\"{comma}{own}}}}}",
        event.received_at.as_ms(),
        event.counted_at.as_ms(),
        text(&event.event_type),
        text(event.player.as_str()),
        event.key.time.as_ms(),
        event.key.id,
    ))
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
pub async fn import(config: &Config, path: &Path) -> anyhow::Result<ExitCode> {
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
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
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
            imported.accepted += intake.submit(intake.arrive(), part).await?.accepted as u64;
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
    // The time the device would have stated to have its clock corrected by as much.
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
