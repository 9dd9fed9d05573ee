//! `scoreline identity`: which database this is, and whose the queue is.
//!
//! The two deeds that nobody but an operator may decide: a copy of a database becomes one of its own, and
//! a queue whose database is gone goes to this one.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use scoreline_core::id::DatabaseId;
use scoreline_server::{Config, database_identity, renew_identity, shared_queue};

use crate::exit;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// Gives the database a new identity: for a copy that is to live beside its original
    #[arg(long)]
    renew: bool,
    /// Gives the queue to this database, with all that waits in it
    #[arg(long, conflicts_with = "renew")]
    adopt_queue: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let asked = if arguments.renew {
        renew_identity(config).await?
    } else {
        database_identity(config).await?
    };
    let Some(database) = asked else {
        bail!("only a database that nodes may share has an identity: set DATABASE_URL");
    };
    say!("database: {database}")?;
    let Some(setup) = shared_queue(config, database)? else {
        if arguments.adopt_queue {
            bail!("there is no queue to adopt: set REDIS_URL");
        }
        return Ok(ExitCode::SUCCESS);
    };
    if arguments.adopt_queue {
        setup.queue.adopt().await.context("the queue was not adopted as a whole; try again")?;
    }
    let owner = setup.queue.owner().await.context("whose the queue is cannot be told")?;
    say!("queue:    {}", whose(owner, database))?;
    let is_foreign = owner.is_some_and(|owner| owner != database);
    Ok(if is_foreign { ExitCode::from(exit::FOUND) } else { ExitCode::SUCCESS })
}

fn whose(owner: Option<DatabaseId>, database: DatabaseId) -> String {
    match owner {
        None => {
            "no node has used it; it will belong to the database of the first that does".to_owned()
        }
        Some(owner) if owner == database => format!("{owner}, this database"),
        Some(owner) => format!("{owner}, another database; its events are left alone"),
    }
}
