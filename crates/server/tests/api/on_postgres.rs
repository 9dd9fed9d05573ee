//! docs/api.md again, against the server that stores in PostgreSQL.

mod acts;
mod analytics;
mod auth;
mod boards;
mod claims;
mod client;
mod clock;
mod console;
mod console_erasing;
mod contract;
mod dead;
mod erasure_page;
mod event_bodies;
mod event_resends;
mod event_shapes;
mod event_times;
mod event_values;
mod figures;
mod health;
mod keys;
mod leaderboards;
mod own_clock;
mod players;
mod prizes;
mod prometheus;
mod protocol;
mod quarantine;
mod rate_limits;
mod reload;
mod reviews;
mod samples;
mod secrets;
mod story;
mod strangers;
mod test_app;
mod tournaments;

/// Where the servers of these tests store.
const ON_POSTGRES: bool = true;

#[test]
fn nothing_is_tested_on_sqlite_alone() {
    let areas = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("mod ")).map(str::to_owned).collect()
    };
    assert_eq!(areas(include_str!("on_postgres.rs")), areas(include_str!("main.rs")));
}
