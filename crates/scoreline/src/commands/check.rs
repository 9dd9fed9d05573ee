//! `scoreline check FILE`: every mistake in a game definition at once.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::ArgMatches;
use scoreline_core::game::Definition;

use crate::cli::EXIT_FOUND;
use crate::output::say;

pub fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let path: &PathBuf = matches.get_one("file").expect("clap requires it");
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    match Definition::parse(&text) {
        Ok(definition) => {
            say!(
                "{} is fine: {}, {}, {} tournament series, {}",
                path.display(),
                counted(definition.events.len(), "event type"),
                counted(definition.boards.len(), "leaderboard"),
                definition.tournaments.len(),
                counted(definition.statistics.len(), "statistic")
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                say!("{}: {mistake}", path.display())?;
            }
            say!("{}", counted(mistakes.len(), "mistake"))?;
            Ok(ExitCode::from(EXIT_FOUND))
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
