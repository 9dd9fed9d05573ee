//! `scoreline free-space`: removes for good what nobody needs, by the server if one runs, otherwise here.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use scoreline_core::limits::RETENTION_DAYS_MIN;
use scoreline_core::operations::{RoomMade, RoomOrder};
use scoreline_core::plural::counted;
use scoreline_server::{Config, DataDir, Offline, SystemClock};
use serde_json::json;

use crate::local::Local;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// All that waits in quarantine, beside what was discarded
    #[arg(long)]
    quarantine: bool,
    /// All that waits among the dead, beside what was discarded
    #[arg(long)]
    dead: bool,
    /// Raw events older than this many days; boards and statistics stay as they are
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(i64::from(RETENTION_DAYS_MIN)..))]
    events_older_than: Option<u32>,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { quarantine, dead, events_older_than: days } = *arguments;
    let made = match Local::find(config)? {
        Some(server) => {
            let order =
                json!({ "quarantine": quarantine, "dead": dead, "events_older_than_days": days });
            let answer = server.post("/api/admin/free-space", &order)?;
            let number = |key: &str| answer[key].as_u64().unwrap_or(0);
            RoomMade {
                quarantined: number("quarantined"),
                dead: number("dead"),
                events: number("events"),
                bytes: number("bytes"),
            }
        }
        None if config.profile.postgres().is_none()
            && !DataDir::database(&config.data_dir).exists() =>
        {
            bail!("there is nothing to remove: {} holds no database", config.data_dir.display())
        }
        None => {
            let offline = Offline::hold(config, Arc::new(SystemClock)).await?;
            let order = RoomOrder { quarantine, dead, events_older_than_days: days };
            let made = offline.operations().make_room(order).await;
            offline.close().await;
            made?
        }
    };
    say!(
        "removed for good: {} of quarantine, {}, {}",
        counted(count(made.quarantined), "entry"),
        counted(count(made.dead), "dead event"),
        counted(count(made.events), "raw event"),
    )?;
    say!("the database is {} KiB smaller", made.bytes / 1_024)?;
    Ok(ExitCode::SUCCESS)
}

fn count(events: u64) -> usize {
    usize::try_from(events).unwrap_or(usize::MAX)
}
