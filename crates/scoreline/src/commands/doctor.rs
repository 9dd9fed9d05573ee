//! `scoreline doctor`: what is wrong with this setup, and what to do.

mod definition;
mod servers;

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::HumanBytes;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::limits::CLOCK_SET_SINCE_MS;
use scoreline_core::plural::counted;
use scoreline_core::store::Store;
use scoreline_core::time::Clock;
use scoreline_server::{Config, ConfigError, DataDir, SystemClock, inspect, pending_migrations};

use crate::exit;
use crate::output::say;

/// Bytes of write-ahead log from which on something keeps it from being merged: 512 MiB.
const LOG_BYTES_SUSPECT: u64 = 512 * 1024 * 1024;
/// Free bytes from which on downwards the disk is soon full: 2 GiB.
const FREE_BYTES_SCARCE: u64 = 2 * 1024 * 1024 * 1024;
/// Free bytes that a busy server fills within minutes: 128 MiB.
const FREE_BYTES_LEAST: u64 = 128 * 1024 * 1024;

/// What a check found.
enum Finding {
    Fine(String),
    Warning(String),
    Wrong(String),
}

use Finding::{Fine, Warning, Wrong};

/// Runs every check that the settings allow.
pub async fn run(config: Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            report("settings", &Wrong(error.to_string()))?;
            return Ok(ExitCode::from(exit::FOUND));
        }
    };
    let mut findings = vec![("settings", Fine("valid".to_owned()))];
    findings.push(("clock", clock()));
    findings.push(("data directory", writable(&config.data_dir)));
    if config.profile.postgres().is_none() {
        findings.push(("disk", room(&config.data_dir)));
    }
    let (holder, running) = holder(&config.data_dir);
    findings.push(("server", holder));
    if !running {
        findings.push(("port", port(&config)));
    }
    findings.extend(servers::postgres(&config).await);
    let (in_force, of_database) = database(&config).await;
    let definition = definition::judge(config.game.as_deref(), in_force.as_deref());
    findings.push(("game definition", definition));
    findings.extend(of_database);
    findings.extend(servers::redis(&config).await);
    for (what, finding) in &findings {
        report(what, finding)?;
    }
    let wrong = findings.iter().any(|(_, finding)| matches!(finding, Wrong(_)));
    Ok(if wrong { ExitCode::from(exit::FOUND) } else { ExitCode::SUCCESS })
}

fn report(what: &str, finding: &Finding) -> std::io::Result<()> {
    let (mark, text) = match finding {
        Fine(text) => ("ok  ", text),
        Warning(text) => ("warn", text),
        Wrong(text) => ("FAIL", text),
    };
    say!("{mark}  {what}: {text}")
}

fn clock() -> Finding {
    let now = SystemClock.now();
    if now.as_ms() < CLOCK_SET_SINCE_MS {
        return Wrong(format!("it says {now}; set it, because tournaments go by it"));
    }
    Fine(format!("it says {now}"))
}

/// The folder itself, or the nearest one above it that is there already.
fn standing(path: &Path) -> &Path {
    let above = path.ancestors().find(|one| one.exists());
    // Above a relative path lies the current folder, which has no name there.
    above.unwrap_or(Path::new("."))
}

fn writable(path: &Path) -> Finding {
    let standing = standing(path);
    let probe = standing.join(format!(".scoreline-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe));
    let (shown, asked) = (path.display(), standing.display());
    match written {
        Ok(()) if standing == path => Fine(format!("{shown} can be written")),
        Ok(()) => Fine(format!("{shown} will be made at first start")),
        Err(error) => {
            let cure = match error.kind() {
                ErrorKind::StorageFull => "free some space",
                ErrorKind::NotADirectory => "it must be a directory",
                _ => "give this user the right",
            };
            let other = "or name another with SCORELINE_DATA_DIR or --data-dir";
            Wrong(format!("{asked} cannot be written: {error}; {cure}, {other}"))
        }
    }
}

/// How much room the file system of the data directory has left.
fn room(path: &Path) -> Finding {
    match rustix::fs::statvfs(standing(path)) {
        Ok(system) => judge_room(system.f_bavail.saturating_mul(system.f_frsize)),
        Err(error) => Warning(format!("how much is free cannot be told: {error}")),
    }
}

fn judge_room(free_bytes: u64) -> Finding {
    let text = format!("{} free", HumanBytes(free_bytes));
    let cure = "events are refused (503) while it is full: free some space";
    if free_bytes < FREE_BYTES_LEAST {
        Wrong(format!("{text}; {cure}"))
    } else if free_bytes < FREE_BYTES_SCARCE {
        Warning(format!("{text}; {cure}"))
    } else {
        Fine(text)
    }
}

fn holder(path: &Path) -> (Finding, bool) {
    if !path.join("lock").exists() {
        return (Fine("none runs yet".to_owned()), false);
    }
    match (DataDir::hold(path), DataDir::running(path)) {
        (Ok(_), None) => (Fine("none runs".to_owned()), false),
        (Ok(held), Some(last)) => {
            held.withdraw();
            let text = format!("process {} ended without saying so; nothing is lost", last.pid);
            (Warning(text), false)
        }
        (Err(_), Some(server)) => {
            (Fine(format!("process {} serves on {}", server.pid, server.address)), true)
        }
        (Err(error), None) => (Warning(error.to_string()), true),
    }
}

fn port(config: &Config) -> Finding {
    match TcpListener::bind(config.listen) {
        Ok(_) => Fine(format!("{} is free", config.listen)),
        Err(error) => {
            Wrong(format!("{}: {error}; choose another with PORT or --port", config.listen))
        }
    }
}

type Findings = Vec<(&'static str, Finding)>;

/// The definition that is in force, and what else was found in the database.
async fn database(config: &Config) -> (Option<Arc<Definition>>, Findings) {
    let alone = |finding| (None, vec![("database", finding)]);
    if config.profile.postgres().is_none() && !DataDir::database(&config.data_dir).exists() {
        return alone(Fine("will be made at first start".to_owned()));
    }
    match pending_migrations(config).await {
        Ok(pending) if pending.first().is_some_and(|first| first.version == 1) => {
            return alone(Fine("its schema will be made at first start".to_owned()));
        }
        Ok(pending) if !pending.is_empty() => {
            let text = format!(
                "{} to run at the next start; 'scoreline migrate --plan' shows what",
                counted(pending.len(), "migration")
            );
            return alone(Warning(text));
        }
        // What is wrong is reported below.
        Ok(_) | Err(_) => {}
    }
    let (store, plan) = match inspect(config).await {
        Ok(opened) => opened,
        Err(error) => return alone(Wrong(error.to_string())),
    };
    let findings = contents(&*store, &plan).await;
    (Some(Arc::clone(&plan.definition)), findings)
}

/// What is in a database that can be opened.
async fn contents(store: &dyn Store, plan: &Plan) -> Findings {
    let mut findings = Vec::new();
    match store.totals().await {
        Ok(totals) => {
            findings.push((
                "database",
                Fine(format!("opens; {} applied", counted(totals.applied, "event"))),
            ));
            let waiting = format!("{} in quarantine, {} dead", totals.quarantined, totals.dead);
            let finding = if totals.dead + totals.quarantined == 0 {
                Fine(waiting)
            } else {
                Warning(format!(
                    "{waiting}; GET /api/events/quarantine and /api/events/dead say why"
                ))
            };
            findings.push(("rejected events", finding));
        }
        Err(error) => findings.push(("database", Wrong(error.to_string()))),
    }
    if let Ok(Some(note)) = store.clock_note().await
        && let Some(doubt) = note.doubts(SystemClock.now())
    {
        findings.push(("clock in doubt", Warning(doubt)));
    }
    if let Ok(figures) = store.store_figures().await
        && figures.log_bytes > LOG_BYTES_SUSPECT
    {
        let text = "the write-ahead log is large; a reader may be holding it open (a long export?)";
        findings.push(("write-ahead log", Warning(text.to_owned())));
    }
    let incomplete = plan.incomplete().len();
    if incomplete > 0 {
        let text = format!("without history: {incomplete}; 'scoreline rebuild' fills them");
        findings.push(("boards and statistics", Warning(text)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_told_before_it_is_full() {
        assert!(matches!(judge_room(FREE_BYTES_SCARCE), Fine(_)));
        assert!(matches!(judge_room(FREE_BYTES_SCARCE - 1), Warning(_)));
        assert!(matches!(judge_room(FREE_BYTES_LEAST), Warning(_)));
        assert!(matches!(judge_room(FREE_BYTES_LEAST - 1), Wrong(_)));
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_judged_by_the_one_above() {
        assert_eq!(standing(Path::new("nowhere/at/all")), Path::new("."));
        assert_eq!(standing(Path::new("/nowhere/at/all")), Path::new("/"));
        assert_eq!(standing(Path::new("./nowhere")), Path::new("."));
    }
}
