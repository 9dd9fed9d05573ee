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
                "{} is fine: {} event types, {} leaderboards, {} tournament series, {} statistics",
                path.display(),
                definition.events.len(),
                definition.boards.len(),
                definition.tournaments.len(),
                definition.statistics.len()
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                say!("{}: {mistake}", path.display())?;
            }
            let plural = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
            say!("{} {plural}", mistakes.len())?;
            Ok(ExitCode::from(EXIT_FOUND))
        }
    }
}
