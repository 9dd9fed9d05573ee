//! `scoreline serve`: runs the server until it is told to stop.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use scoreline_core::game::SAMPLE;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::{AuthMode, Config, Server, SystemClock, clock_of};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::demo::{self, Demo};
use crate::logging;
use crate::output::say;
use crate::service_manager;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pub demo: demo::Arguments,
    /// Takes the definition of another game than that of the data
    #[arg(long)]
    pub replace_game: bool,
}

pub fn run(config: &Config, demo: Option<Demo>) -> anyhow::Result<ExitCode> {
    if demo.is_some() {
        Demo::fits(config)?;
    }
    let _traces = logging::start(config.log_json)?;
    super::runtime()?.block_on(async {
        let signals = Signals::caught()?;
        let server = Server::start(config, clock_of(config)?).await?;
        if demo.is_some() {
            Demo::knows(&server.operations().definition())?;
        }
        if let Err(error) = greet(config, &server, demo.is_some()) {
            tracing::warn!(%error, "the greeting cannot be printed");
        }
        serve(signals, server, demo).await
    })
}

/// Serves as ever, but acknowledges events and forgets them. Only measurements want that.
pub fn run_forgetful(config: &Config) -> anyhow::Result<ExitCode> {
    let _traces = logging::start(config.log_json)?;
    super::runtime()?.block_on(async {
        let signals = Signals::caught()?;
        let server = scoreline_bench::forgetful::start(config).await?;
        tracing::warn!("events are acknowledged and FORGOTTEN: this server only measures");
        serve(signals, server, None).await
    })
}

/// The secret of the player in the greeting, so that its lines can be pasted twice.
const FIRST_SECRET: &str = "my-first-device-secret";

/// The signals that the server handles.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Catches the signals. This comes first, so that none ends the process while the server
    /// starts.
    fn caught() -> anyhow::Result<Self> {
        let caught = |kind, name| signal(kind).with_context(|| format!("{name} cannot be caught"));
        Ok(Self {
            terminate: caught(SignalKind::terminate(), "SIGTERM")?,
            interrupt: caught(SignalKind::interrupt(), "SIGINT")?,
            hang_up: caught(SignalKind::hangup(), "SIGHUP")?,
        })
    }
}

async fn serve(signals: Signals, server: Server, demo: Option<Demo>) -> anyhow::Result<ExitCode> {
    let Signals { mut terminate, mut interrupt, mut hang_up } = signals;
    let playing =
        demo.map(|demo| tokio::spawn(demo.play(server.address(), server.admin_token().to_owned())));
    service_manager::ready(server.address());
    let watchdog = service_manager::keep_watchdog_quiet();
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                service_manager::reloading();
                // The workers have logged the outcome.
                let _outcome = server.operations().reload(false).await;
                service_manager::ready(server.address());
            }
        }
    }
    service_manager::stopping();
    if let Some(playing) = playing {
        playing.abort();
    }
    tracing::info!("stopping: answering what is in flight; a second signal exits at once");
    let stopped = tokio::select! {
        stopped = server.shutdown() => stopped,
        _ = terminate.recv() => false,
        _ = interrupt.recv() => false,
    };
    if let Some(watchdog) = watchdog {
        watchdog.abort();
    }
    if stopped {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped before everything came to rest; what was acknowledged is stored");
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells a newcomer what to do next.
fn greet(config: &Config, server: &Server, is_demo: bool) -> std::io::Result<()> {
    let base = format!("http://{}", server.address());
    let stored_in = match config.profile.postgres() {
        Some(_) => format!("PostgreSQL, schema {}", config.namespace),
        None => config.data_dir.display().to_string(),
    };
    say!("Scoreline serves on {base}, with its data in {stored_in}\n")?;
    if *server.operations().definition().source == *SAMPLE {
        say!("Send a first event:\n\n{}\n", first_event(config, &base, SystemClock.now()))?;
    } else {
        say!("Send events to:       {base}/api/events")?;
    }
    say!("See the leaderboard:  {base}/api/v2/leaderboard/global")?;
    say!("See how it is doing:  {base}/api/health")?;
    if is_demo {
        say!("Open the console:     {}  (signs you in, once)", server.console_link())?;
    } else {
        say!("Open the console:     {base}/console")?;
    }
    if server.admin_token_is_new() {
        say!("Admin token, shown this once:  {}", server.admin_token())?;
        match config.profile.postgres() {
            Some(_) => say!("(kept in the database, for all nodes)")?,
            None => say!("(kept in {})", config.data_dir.join("admin_token").display())?,
        }
    }
    say!("")
}

/// Lines that work when they are pasted into a shell where the sample game is served.
fn first_event(config: &Config, base: &str, now: Timestamp) -> String {
    let event = serde_json::json!({
        "event_type": "game_ended", "user_id": "my-first-player", "timestamp": now.to_string(),
        "app_version": "1.0.0", "platform": "ios", "game_mode": "endless", "score": 1200,
        "duration_seconds": 90, "obstacles_dodged": 40, "coins_collected": 25, "gems_collected": 1,
        "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 12,
    });
    let (session, token) = match config.auth {
        AuthMode::Open => (String::new(), ""),
        AuthMode::Player => (
            format!(
                "TOKEN=$(curl -s -X POST {base}/api/v2/players/session \\\n  \
                 -d '{{\"user_id\":\"my-first-player\",\"device_secret\":\"{FIRST_SECRET}\"}}' \\\n  \
                 | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')\n"
            ),
            " -H \"Authorization: Bearer $TOKEN\"",
        ),
    };
    format!(
        "{session}curl -X POST {base}/api/events -H 'Content-Type: application/json'{token} \\\n  \
         -d '{event}'"
    )
}
