//! `scoreline backup`, `reload` and `rebuild`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ArgMatches;
use scoreline_core::operations::{RebuildScope, RebuildStatus};
use scoreline_core::store::Progress;
use scoreline_server::{Config, DataDir, Offline, SystemClock, inspect, pending_migrations};
use serde_json::json;

use crate::local::Local;
use crate::output::{note, say};
use crate::progress::Bar;

/// How often a rebuild is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Writes a consistent copy, whether a server runs or not.
pub async fn backup(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let to: &PathBuf = matches.get_one("file").expect("clap requires it");
    let (store, _) = inspect(config).await?;
    let bar = Bar::new("copying pages");
    store.backup(to.clone(), bar.shower()).await?;
    bar.done();
    say!("{} is a consistent copy of the database", to.display())?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the schema of the database up to date, or shows what would run.
pub async fn migrate(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let pending = pending_migrations(config).await?;
    if matches.get_flag("plan") {
        for migration in &pending {
            say!("-- {} {migration}\n{}", migration.version, migration.sql)?;
        }
        note!("{} migrations to run", pending.len());
        return Ok(ExitCode::SUCCESS);
    }
    scoreline_server::migrate(config).await?;
    say!("the schema is up to date")?;
    Ok(ExitCode::SUCCESS)
}

/// Puts the changed definition in force.
pub fn reload(config: &Config) -> anyhow::Result<ExitCode> {
    let server = Local::find(config)?.with_context(|| {
        format!(
            "no server runs on {}; it reads the definition when it starts",
            config.data_dir.display()
        )
    })?;
    let answer = server.post("/api/admin/reload", &json!({}))?;
    say!("{}", answer["message"].as_str().unwrap_or_default())?;
    for one in answer["incomplete"].as_array().into_iter().flatten() {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        say!("  incomplete: {} {}", text("kind"), text("name"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Fills projections from history: by the server if one runs, otherwise here.
pub async fn rebuild(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let names: Vec<String> = matches.get_many("names").into_iter().flatten().cloned().collect();
    let all = matches.get_flag("all");
    let bar = Bar::new("folding events");
    let filled = match Local::find(config)? {
        Some(server) => rebuild_remotely(&server, &names, all, &bar).await?,
        None if config.postgres.is_none() && !DataDir::database(&config.data_dir).exists() => {
            bail!("there is nothing to rebuild: {} holds no database", config.data_dir.display())
        }
        None => rebuild_here(config, names, all, &bar).await?,
    };
    bar.done();
    match filled {
        0 => say!("nothing lacks history")?,
        1 => say!("1 projection was filled from history")?,
        _ => say!("{filled} projections were filled from history")?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn rebuild_remotely(
    server: &Local,
    names: &[String],
    all: bool,
    bar: &Bar,
) -> anyhow::Result<usize> {
    server.post("/api/admin/rebuild", &json!({ "names": names, "all": all }))?;
    loop {
        let status = server.get("/api/admin/rebuild")?;
        let number = |key: &str| status[key].as_u64().unwrap_or(0);
        match status["status"].as_str() {
            Some("running") => {
                bar.show(Progress {
                    done: number("done"),
                    total: number("total"),
                    finished: false,
                });
            }
            Some("failed") => bail!("the rebuild stopped: {}", status["reason"]),
            _ => return Ok(usize::try_from(number("projections_filled")).unwrap_or(usize::MAX)),
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn rebuild_here(
    config: &Config,
    names: Vec<String>,
    all: bool,
    bar: &Bar,
) -> anyhow::Result<usize> {
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
            RebuildStatus::Finished { projections, .. } => break projections,
            RebuildStatus::Idle => break 0,
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    offline.close().await;
    Ok(filled)
}
