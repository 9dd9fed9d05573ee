//! `scoreline audit`: the log of what operators and keys did, as NDJSON, newest first.

use std::process::ExitCode;

use clap::Args;
use scoreline_core::time::Timestamp;
use scoreline_server::Config;

use crate::local::Local;
use crate::output::say;

/// Entries that are asked for at a time.
const PAGE: usize = 1_000;

#[derive(Args)]
pub struct Arguments {
    /// Not before this time, such as 2026-11-23 or 2026-11-23T10:00:00Z
    #[arg(long, value_parser = time)]
    from: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_parser = time)]
    until: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("must be a time such as 2026-11-23T10:00:00Z")
}

pub fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let server = Local::running(config)?;
    let mut asked = format!("/api/admin/audit?limit={PAGE}");
    for (name, bound) in [("from", arguments.from), ("until", arguments.until)] {
        if let Some(bound) = bound {
            asked = format!("{asked}&{name}={bound}");
        }
    }
    let mut cursor: Option<String> = None;
    loop {
        let next = cursor.as_ref().map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = server.get(&format!("{asked}{next}"))?;
        for entry in page["entries"].as_array().into_iter().flatten() {
            say!("{entry}")?;
        }
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}
