//! `scoreline migrate`: brings the schema of the database up to date, or shows what would run.

use std::process::ExitCode;

use clap::Args;
use scoreline_core::plural::counted;
use scoreline_server::{Config, pending_migrations};

use crate::output::{note, say};

#[derive(Args)]
pub struct Arguments {
    /// Prints what would run, and changes nothing
    #[arg(long)]
    plan: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let pending = pending_migrations(config).await?;
    if arguments.plan {
        for migration in &pending {
            say!("-- {} {migration}\n{}", migration.version, migration.sql)?;
        }
        note!("{} to run", counted(pending.len(), "migration"));
        return Ok(ExitCode::SUCCESS);
    }
    scoreline_server::migrate(config).await?;
    say!("the schema is up to date")?;
    Ok(ExitCode::SUCCESS)
}
