//! docs/api.md, kept word for word: every promise is tested from outside, over HTTP, against the
//! server with a real database.

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
const ON_POSTGRES: bool = false;
