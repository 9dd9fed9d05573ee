//! `scoreline rebuild`: fills projections from history, by the server if one runs, otherwise here.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use scoreline_core::operations::{RebuildScope, RebuildStatus};
use scoreline_core::plural::counted;
use scoreline_core::store::Progress;
use scoreline_server::{Config, DataDir, Offline, SystemClock};
use serde_json::{Value, json};

use crate::local::Local;
use crate::output::say;
use crate::progress::Bar;

/// How often a rebuild is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(200);

#[derive(Args, Default)]
pub struct Arguments {
    /// Boards, tournaments or statistics; those that lack history otherwise
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Everything
    #[arg(long)]
    all: bool,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { names, all } = arguments;
    let bar = Bar::new("folding events");
    let filled = match Local::find(config)? {
        Some(server) => rebuild_remotely(&server, &names, all, &bar).await?,
        None if config.profile.postgres().is_none()
            && !DataDir::database(&config.data_dir).exists() =>
        {
            bail!("there is nothing to rebuild: {} holds no database", config.data_dir.display())
        }
        None => rebuild_here(config, names, all, &bar).await?,
    };
    bar.done();
    match filled {
        None => {
            say!(
                "what was to be filled is no longer wanted: the definition has changed meanwhile"
            )?;
        }
        Some(0) => say!("nothing lacks history")?,
        Some(filled) => say!("filled from history: {}", counted(filled, "projection"))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn rebuild_remotely(
    server: &Local,
    names: &[String],
    all: bool,
    bar: &Bar,
) -> anyhow::Result<Option<usize>> {
    // The server may be filling a tournament at this moment.
    rested(server, bar).await?;
    server.post("/api/admin/rebuild", &json!({ "names": names, "all": all }))?;
    let status = rested(server, bar).await?;
    if status["status"] == "failed" {
        bail!("the rebuild stopped: {}", status["reason"]);
    }
    if status["status"] == "retired" {
        return Ok(None);
    }
    let filled = status["projections_filled"].as_u64().unwrap_or(0);
    Ok(Some(usize::try_from(filled).unwrap_or(usize::MAX)))
}

/// Waits until no rebuild runs, and answers how the last one ended.
async fn rested(server: &Local, bar: &Bar) -> anyhow::Result<Value> {
    loop {
        let status = server.get("/api/admin/rebuild")?;
        if status["status"] != "running" {
            return Ok(status);
        }
        let number = |key: &str| status[key].as_u64().unwrap_or(0);
        bar.show(Progress { done: number("done"), total: number("total"), finished: false });
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn rebuild_here(
    config: &Config,
    names: Vec<String>,
    all: bool,
    bar: &Bar,
) -> anyhow::Result<Option<usize>> {
    let offline = Offline::hold(config, Arc::new(SystemClock)).await?;
    let operations = offline.operations();
    let scope = match (all, names.is_empty()) {
        (true, _) => RebuildScope::All,
        (false, true) => RebuildScope::Incomplete,
        (false, false) => RebuildScope::Named(names),
    };
    operations.rebuild(scope).await?;
    let filled = loop {
        match operations.rebuild_status() {
            RebuildStatus::Running { progress, .. } => bar.show(progress),
            RebuildStatus::Failed { reason, .. } => bail!("the rebuild stopped: {reason}"),
            RebuildStatus::Finished { projections, .. } => break Some(projections),
            RebuildStatus::Retired { .. } => break None,
            RebuildStatus::Idle => break Some(0),
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    offline.close().await;
    Ok(filled)
}
