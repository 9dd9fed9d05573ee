//! The ceiling that SQLite sets: the same events put into one table, and nothing else done.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::report::Phase;
use scoreline_traffic::workload::{Ingest, Request, Workload};
use serde_json::Value;

use crate::error::{Error, Result};

/// The name of its phase.
pub const BARE: &str = "bare insert into SQLite";
/// Events of one transaction: about what group commit finds waiting at saturation.
const TRANSACTION_EVENTS: usize = 1_000;

/// A row of raw events.
struct Row {
    time: i64,
    id: [u8; 16],
    player: String,
    event_type: String,
    payload: String,
}

/// Inserts the events of `workload` for this long, as durably as Scoreline does: time-ordered key,
/// write-ahead log, synchronous FULL.
pub fn insert(folder: &Path, workload: &Ingest, length: Duration) -> Result<Phase> {
    let mut connection = Connection::open(folder.join("bare.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (
             event_time INTEGER NOT NULL, event_id BLOB NOT NULL, player_id TEXT NOT NULL,
             event_type TEXT NOT NULL, received_at INTEGER NOT NULL, applied_at INTEGER NOT NULL,
             payload TEXT NOT NULL, PRIMARY KEY (event_time, event_id)
         ) STRICT, WITHOUT ROWID;",
    )?;
    let (mut requests, mut events, mut spent) = (0.., 0, Duration::ZERO);
    while spent < length {
        let mut rows = Vec::with_capacity(TRANSACTION_EVENTS);
        while rows.len() < TRANSACTION_EVENTS {
            rows_of(workload, requests.next().expect("no end"), &mut rows)?;
        }
        let begun = Instant::now();
        commit(&mut connection, &rows)?;
        spent += begun.elapsed();
        events += rows.len() as u64;
    }
    Ok(Phase::of_events(BARE, events, spent.as_secs_f64()))
}

fn rows_of(workload: &Ingest, n: u64, rows: &mut Vec<Row>) -> Result<()> {
    let now = SystemClock.now();
    let Request::Post { body, .. } = workload.request(n, now) else { return Ok(()) };
    let mut body: Value = serde_json::from_slice(&body).map_err(Error::unexpected("a request"))?;
    for event in body["events"].as_array_mut().into_iter().flatten() {
        let mut taken = |field: &str| {
            let value = event.as_object_mut().and_then(|event| event.remove(field));
            value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let id: uuid::Uuid =
            taken("event_id").parse().map_err(Error::unexpected("the id of an event"))?;
        let (player, event_type) = (taken("user_id"), taken("event_type"));
        taken("timestamp");
        let payload = event.to_string();
        rows.push(Row { time: now.as_ms(), id: id.into_bytes(), player, event_type, payload });
    }
    Ok(())
}

fn commit(connection: &mut Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let tx = connection.transaction()?;
    {
        let mut insert = tx.prepare_cached(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?1, ?1, ?5) ON CONFLICT DO NOTHING",
        )?;
        for Row { time, id, player, event_type, payload } in rows {
            insert.execute(params![time, id, player, event_type, payload])?;
        }
    }
    tx.commit()
}
