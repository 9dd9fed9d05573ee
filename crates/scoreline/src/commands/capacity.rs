//! `scoreline capacity`: how much this machine takes, in daily players.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, value_parser};
use comfy_table::Table;
use scoreline_bench::capacity::{self, verdict::Bounds};

use super::bench::{Made, until_interrupted};
use crate::output::{aside, note, say};

#[derive(Args)]
pub struct Arguments {
    /// What the server is made of. PostgreSQL and Redis are started out of the programs that are installed
    #[arg(long, value_enum, default_value_t = Made::Embedded)]
    profile: Made,
    /// Players on the board when the ramp begins
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = value_parser!(u64).range(1_000..=10_000_000))]
    players: u64,
    /// How long each step is measured
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(2..=600))]
    seconds: u64,
    /// 99 of 100 answers must come within this
    #[arg(long, value_name = "MS", default_value_t = 100.0)]
    answers: f64,
    /// 99 of 100 scores must be on the board this soon after their answer
    #[arg(long, value_name = "MS", default_value_t = 1_000.0)]
    freshness: f64,
    /// Prints JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Where the report goes as one page of HTML, with plots
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let options = capacity::Options {
        program: std::env::current_exe()?,
        profile: arguments.profile.into(),
        players: arguments.players,
        duration: Duration::from_secs(arguments.seconds),
        bounds: Bounds {
            p99_ms: arguments.answers,
            freshness_ms: arguments.freshness,
            ..Bounds::default()
        },
        note: aside,
    };
    let found = until_interrupted(Box::pin(capacity::find(options))).await?;
    if let Some(path) = &arguments.html {
        let written = std::fs::write(path, found.to_html());
        written.with_context(|| format!("{} cannot be written", path.display()))?;
        note!("The page is {}", path.display());
    }
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&found)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (words, rows) = found.told();
    let mut table = Table::new();
    let mut rows = rows.into_iter();
    if let Some(heads) = rows.next() {
        table.set_header(heads);
    }
    for row in rows {
        table.add_row(row);
    }
    say!("\n{}\n\n{table}", words.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
