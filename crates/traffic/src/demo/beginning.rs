//! What a new server is told of the month before, so that every chart shows something at once.

use bytes::Bytes;
use scoreline_core::limits::BATCH_EVENTS_MAX;
use scoreline_core::time::Clock;
use serde_json::Value;

use super::{DemoOptions, Happening, send_body_until_taken};
use crate::client::Connection;
use crate::load::SystemClock;
use crate::past::Past;

/// How far back events count by their own time: a day less than the server believes.
const DAYS: u32 = 29;

/// Tells the past, unless something has happened on the server already.
pub(super) async fn tell_past(options: &DemoOptions, tell: &(impl Fn(Happening) + Send + Sync)) {
    let mut connection = Connection::new(options.target.clone());
    if options.past_players == 0 || has_history(&mut connection).await {
        return;
    }
    let until = SystemClock.now().plus_ms(-60_000);
    let past = Past { seed: options.seed, players: options.past_players, days: DAYS, until };
    let mut events: Vec<String> = Vec::new();
    let mut told = 0;
    for session in past.sessions() {
        if events.len() + session.events.len() > BATCH_EVENTS_MAX {
            told += send(&mut connection, &mut events, tell).await;
        }
        events.extend(session.events);
    }
    told += send(&mut connection, &mut events, tell).await;
    tell(Happening::PastTold { players: options.past_players, events: told });
}

async fn send(
    connection: &mut Connection,
    events: &mut Vec<String>,
    tell: &(impl Fn(Happening) + Send + Sync),
) -> usize {
    let body = Bytes::from(format!("{{\"events\":[{}]}}", events.join(",")));
    send_body_until_taken(connection, &body, tell).await;
    std::mem::take(events).len()
}

/// Whether the server knows of any event. One that does not say is left alone.
async fn has_history(connection: &mut Connection) -> bool {
    let Ok(answer) = connection.get("/api/events/stats?timeframe=30d").await else { return true };
    let total = answer.json::<Value>().ok();
    let total = total.and_then(|stats| stats["summary"]["total_events"].as_u64());
    !answer.is_success() || total != Some(0)
}
