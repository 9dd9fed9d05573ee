//! `scoreline backup FILE`: a consistent copy of the database, whether a server runs or not.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use scoreline_server::{Config, inspect};

use crate::output::say;
use crate::progress::Bar;

#[derive(Args)]
pub struct Arguments {
    /// The copy; must not exist
    file: PathBuf,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let to = &arguments.file;
    let (store, _) = inspect(config).await?;
    let bar = Bar::new("copying pages");
    store.backup(to.clone(), bar.shower()).await?;
    bar.done();
    say!("{} is a consistent copy of the database", to.display())?;
    Ok(ExitCode::SUCCESS)
}
