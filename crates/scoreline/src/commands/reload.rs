//! `scoreline reload`: puts the changed game definition in force, without a restart, or lists what
//! that would change.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use scoreline_core::plural::counted;
use scoreline_server::{Config, SystemClock, preview_reload};
use serde_json::{Value, json};

use super::rebuild;
use crate::exit;
use crate::local::Local;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// Lists what would change, and changes nothing
    #[arg(long, conflicts_with = "rebuild")]
    plan: bool,
    /// Fills at once what lacks history, with progress
    #[arg(long)]
    rebuild: bool,
    /// Takes the definition of another game than that of the data
    #[arg(long)]
    pub replace_game: bool,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Some(server) = Local::find(config)? else {
        if arguments.plan {
            return plan_here(config).await;
        }
        let folder = config.data_dir.display();
        bail!("no server runs on {folder}; it reads the definition when it starts");
    };
    let request = json!({ "plan": arguments.plan, "replace_game": arguments.replace_game });
    let answer = server.post("/api/admin/reload", &request)?;
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    if arguments.plan {
        let changes = answer["plan"].as_array().into_iter().flatten();
        let told = changes.map(|one| (text(one, "words"), one["lacks_history"] == true));
        return say_plan(told.collect());
    }
    say!("{}", text(&answer, "message"))?;
    let incomplete = answer["incomplete"].as_array().map_or(&[][..], Vec::as_slice);
    for one in incomplete {
        say!("  lacks history: {} {}", text(one, "kind"), text(one, "name"))?;
    }
    if arguments.rebuild && !incomplete.is_empty() {
        return rebuild::run(config, rebuild::Arguments::default()).await;
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan where no server runs.
async fn plan_here(config: &Config) -> anyhow::Result<ExitCode> {
    let changes = match preview_reload(config, &SystemClock).await {
        Err(error) if !error.mistakes().is_empty() => {
            for mistake in error.mistakes() {
                say!("{mistake}")?;
            }
            say!("{}", counted(error.mistakes().len(), "mistake"))?;
            return Ok(ExitCode::from(exit::FOUND));
        }
        previewed => previewed?,
    };
    say_plan(changes.iter().map(|change| (change.words(), change.lacks_history())).collect())
}

/// Says what would change, as words and whether history is lacking afterwards.
fn say_plan(changes: Vec<(String, bool)>) -> anyhow::Result<ExitCode> {
    if changes.is_empty() {
        say!("nothing would change")?;
        return Ok(ExitCode::SUCCESS);
    }
    say!("a reload would change this:")?;
    let lacks_history = changes.iter().any(|(_, lacks_history)| *lacks_history);
    for (words, _) in changes {
        say!("  - {words}")?;
    }
    if lacks_history {
        say!("'scoreline reload --rebuild' puts it in force and fills from history at once")?;
    }
    say!("nothing was changed")?;
    Ok(ExitCode::SUCCESS)
}
