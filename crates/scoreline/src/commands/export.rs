//! `scoreline export`: events out as NDJSON.
//!
//! A line holds the event as a device would send it, and beside it when the server received it and
//! when it counts, so that importing it elsewhere counts it in the same periods.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use scoreline_core::event::Event;
use scoreline_core::game::Definition;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::plural::counted;
use scoreline_core::store::{EventFilter, Store};
use scoreline_core::suggestion::did_you_mean;
use scoreline_core::time::Timestamp;
use scoreline_server::{Config, inspect};

use crate::output::note;
use crate::private_file;

#[derive(Args)]
pub struct Arguments {
    /// Not before this event time
    #[arg(long, value_parser = time)]
    from: Option<Timestamp>,
    /// Before this event time
    #[arg(long, value_parser = time)]
    until: Option<Timestamp>,
    /// Of this event type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Of this player
    #[arg(long, value_parser = PlayerId::new)]
    player: Option<PlayerId>,
    /// Where to; .gz is compressed; standard output otherwise
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrites a file that is there
    #[arg(long, requires = "output")]
    force: bool,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("it is no time, such as 2026-11-29T12:00:00Z")
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let filter = EventFilter {
        event_type: arguments.event_type.clone(),
        player: arguments.player.clone(),
        from: arguments.from,
        until: arguments.until,
    };
    let (store, plan) = inspect(config).await?;
    if let Some(event_type) = &filter.event_type {
        must_exist(event_type, &plan.definition, &*store).await?;
    }
    let mut writer = open_output(arguments.output.as_deref(), arguments.force)?;
    let written = match write_events(&*store, &filter, &mut writer).await {
        Err(error) if reader_has_left(&error) => return Ok(ExitCode::SUCCESS),
        written => written?,
    };
    match writer.finish() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        finished => finished?,
    }
    note!("{} exported", counted(written, "event"));
    Ok(ExitCode::SUCCESS)
}

/// Fails if there is no such type: neither does the definition have it, nor has it an event of the past.
async fn must_exist(
    event_type: &str,
    definition: &Definition,
    store: &dyn Store,
) -> anyhow::Result<()> {
    if definition.event_type(event_type).is_some() {
        return Ok(());
    }
    let of_type = EventFilter { event_type: Some(event_type.to_owned()), ..EventFilter::default() };
    if !store.scan(of_type, None, 1).await?.is_empty() {
        return Ok(());
    }
    let known = definition.events.keys().map(AsRef::as_ref);
    let hint = did_you_mean(event_type, known.clone())
        .unwrap_or_else(|| format!("there are {}", known.collect::<Vec<_>>().join(", ")));
    bail!("there is no event type {event_type:?}; {hint}")
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
        after = Some(last.position.clone());
        for stored in &chunk {
            writeln!(writer, "{}", line(&stored.event))?;
        }
        written += chunk.len() as u64;
    }
}

/// The reader of the output may stop when it has seen enough, as `head` does.
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

/// Whether a file of this name is to be compressed.
fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

fn open_output(path: Option<&Path>, overwrite: bool) -> anyhow::Result<Output> {
    let Some(path) = path else {
        return Ok(Output::Plain(Box::new(BufWriter::new(std::io::stdout()))));
    };
    let writer = BufWriter::new(private_file::create(path, overwrite)?);
    if is_compressed(path) {
        return Ok(Output::Compressed(GzEncoder::new(writer, Compression::default())));
    }
    Ok(Output::Plain(Box::new(writer)))
}

fn line(event: &Event) -> String {
    format!(
        "{{\"received_at\":{},\"counted_at\":{},\"event\":{}}}",
        event.received_at.as_ms(),
        event.counted_at.as_ms(),
        event.as_sent(),
    )
}
