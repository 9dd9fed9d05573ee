//! `scoreline check FILE`: every mistake in a game definition at once.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use scoreline_core::game::Definition;
use scoreline_core::plural::counted;

use crate::exit;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// The definition
    file: PathBuf,
}

pub fn run(Arguments { file: path }: &Arguments) -> anyhow::Result<ExitCode> {
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
            Ok(ExitCode::from(exit::FOUND))
        }
    }
}
