//! Tells the service manager (systemd) how the server is doing, if it has asked for that.
//!
//! Without `NOTIFY_SOCKET` nothing is sent. A message that cannot be delivered never stops the
//! server; it is logged. docs/operations.md says what ops/scoreline.service makes of it.

use std::net::SocketAddr;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

/// Requests are taken at `address`.
pub fn ready(address: SocketAddr) {
    let status = format!("serving on http://{address}");
    say(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The game definition is read again; [`ready`] follows, whatever becomes of it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => say(&[NotifyState::Reloading, now]),
        // Without the time, systemd would take the reload for a failed one.
        Err(error) => tracing::warn!(%error, "the service manager does not hear of the reload"),
    }
}

/// No more requests are taken.
pub fn stopping() {
    say(&[NotifyState::Stopping, NotifyState::Status("answering what is in flight")]);
}

/// Tells for as long as the process runs that its runtime still runs tasks, twice as often as the
/// service manager asks for. It does not look at the database: a restart would not bring that back,
/// and clients are told by 503.
pub fn keep_watchdog_quiet() -> Option<JoinHandle<()>> {
    let patience = sd_notify::watchdog_enabled().filter(|patience| !patience.is_zero())?;
    Some(tokio::spawn(async move {
        let mut every = tokio::time::interval(patience / 2);
        loop {
            every.tick().await;
            say(&[NotifyState::Watchdog]);
        }
    }))
}

fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told how the server is");
    }
}
