//! Probes against two nodes of which one lags behind.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use parking_lot::Mutex;
use scoreline_traffic::client::Target;
use scoreline_traffic::freshness::{Route, probe};
use serde_json::{Value, json};
use tokio::time::Instant;

mod support;

use support::serve;

/// Scores that one node took, which the other shows after a while.
struct Scores {
    taken: Mutex<Vec<(String, Instant)>>,
    lag: Duration,
}

impl Scores {
    fn shown(&self) -> Vec<String> {
        let taken = self.taken.lock();
        let shown = taken.iter().filter(|(_, at)| at.elapsed() >= self.lag);
        shown.map(|(player, _)| player.clone()).collect()
    }
}

async fn take(State(scores): State<Arc<Scores>>, Json(event): Json<Value>) -> Json<Value> {
    let player = event["user_id"].as_str().expect("a player").to_owned();
    scores.taken.lock().push((player, Instant::now()));
    Json(json!({ "accepted": 1 }))
}

async fn rank(State(scores): State<Arc<Scores>>, Path(player): Path<String>) -> Json<Value> {
    Json(json!({ "found": scores.shown().contains(&player) }))
}

async fn top(State(scores): State<Arc<Scores>>) -> Json<Value> {
    let rows: Vec<Value> =
        scores.shown().iter().rev().take(50).map(|player| json!({ "user_id": player })).collect();
    Json(json!({ "leaderboard": rows }))
}

async fn node(scores: &Arc<Scores>) -> Target {
    let router = Router::new()
        .route("/api/events", post(take))
        .route("/api/v2/leaderboard/user/{player}", get(rank))
        .route("/api/v2/leaderboard/global", get(top));
    serve(router.with_state(Arc::clone(scores))).await
}

#[tokio::test]
async fn a_score_counts_as_seen_when_the_other_node_shows_it() {
    let lag = Duration::from_millis(60);
    let scores = Arc::new(Scores { taken: Mutex::default(), lag });
    let route = Route { write: node(&scores).await, read: node(&scores).await };
    let (rank, top) = probe(&[route], Duration::from_millis(300)).await.expect("both answer");
    for phase in [rank, top] {
        assert!(phase.requests > 0, "{phase:?}");
        assert_eq!(phase.errors, 0, "{phase:?}");
        // Taken a moment before it was acknowledged.
        assert!(phase.p50_us >= 50_000, "{phase:?}");
    }
}
