//! `scoreline bench`: measures this machine with servers and data of its own, and reports.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::ArgMatches;
use scoreline_bench::indexes;
use scoreline_bench::{Options, Profile};
use scoreline_server::Config;
use scoreline_traffic::report::Report;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::EXIT_FOUND;
use crate::output::{aside, say};
use crate::progress::Bar;

/// Measures a profile.
pub async fn profile(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let number = |name: &str| *matches.get_one::<u64>(name).expect("it has a default");
    let named: &String = matches.get_one("profile").expect("it has a default");
    let known = [Profile::Embedded, Profile::Postgres, Profile::Queue];
    let profile = known.into_iter().find(|profile| profile.as_str() == named);
    let options = Options {
        program: std::env::current_exe()?,
        profile: profile.expect("clap knows no other"),
        players: number("players"),
        stored: number("stored"),
        duration: Duration::from_secs(number("seconds")),
        note: aside,
    };
    let report = until_interrupted(scoreline_bench::measure(options)).await?;
    publish(matches, &report)
}

/// Measures what indexes buy.
pub async fn indexes(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let number = |name: &str| *matches.get_one::<u64>(name).expect("it has a default");
    let bar = Bar::new("rows");
    let options = indexes::Options {
        program: std::env::current_exe()?,
        players: number("players"),
        events: number("events"),
        prizes: number("prizes"),
        duration: Duration::from_secs(number("seconds")),
        note: aside,
        progress: Arc::new(move |progress| {
            bar.show(progress);
            if progress.finished {
                bar.done();
            }
        }),
    };
    let report = until_interrupted(indexes::measure(config, &options)).await?;
    publish(matches, &report)
}

/// Measures until it is done, or somebody has seen enough. Whatever was started ends with it, and its
/// files go.
async fn until_interrupted(
    measuring: impl Future<Output = scoreline_bench::Result<Report>>,
) -> anyhow::Result<Report> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        measured = measuring => Ok(measured?),
        _ = tokio::signal::ctrl_c() => anyhow::bail!("the measurement was interrupted"),
        _ = terminate.recv() => anyhow::bail!("the measurement was interrupted"),
    }
}

/// Prints the report and writes it where it was asked for.
fn publish(matches: &ArgMatches, report: &Report) -> anyhow::Result<ExitCode> {
    let text = report.to_markdown();
    say!("{text}")?;
    for (name, text) in [("json", &report.to_json()), ("report", &text)] {
        if let Some(path) = matches.get_one::<PathBuf>(name) {
            let path: &Path = path;
            std::fs::write(path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
    }
    Ok(if report.all_met() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}
