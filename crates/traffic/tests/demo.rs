//! The demo against a small server that knows one tournament at a time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use parking_lot::Mutex;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_traffic::demo::{DemoOptions, Happening, play};
use scoreline_traffic::load::SystemClock;
use serde_json::{Value, json};

mod support;

const TOKEN: &str = "the operator's token";

/// What the server was told.
#[derive(Default)]
struct Game {
    tournaments: Vec<Value>,
    players: Vec<String>,
    nicknames: HashSet<String>,
    event_ids: HashSet<String>,
    claimed: HashSet<String>,
    /// Requests with events that were refused so far; the first ones are.
    refused: u32,
}

type Shared = State<Arc<Mutex<Game>>>;

async fn events(State(game): Shared, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let mut game = game.lock();
    if game.refused < 2 {
        game.refused += 1;
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"success": false})));
    }
    for event in body["events"].as_array().expect("a list") {
        let id = event["event_id"].as_str().expect("an id").to_owned();
        assert!(game.event_ids.insert(id), "taken twice: {event}");
        let player = event["user_id"].as_str().expect("an id").to_owned();
        if !game.players.contains(&player) {
            game.players.push(player);
        }
    }
    (StatusCode::OK, Json(json!({"success": true})))
}

/// Nothing has happened yet on this server.
async fn stats(State(game): Shared) -> Json<Value> {
    let events = game.lock().event_ids.len();
    Json(json!({"success": true, "summary": {"total_events": events}}))
}

async fn name(State(game): Shared, Json(wish): Json<Value>) {
    game.lock().nicknames.insert(wish["nickname"].as_str().expect("a name").to_owned());
}

async fn create(State(game): Shared, headers: HeaderMap, Json(wanted): Json<Value>) -> StatusCode {
    assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(
        wanted["prizes"][0],
        json!({"first_rank": 1, "last_rank": 1, "coins": 5_000, "gems": 250})
    );
    game.lock().tournaments.push(wanted);
    StatusCode::CREATED
}

async fn list(State(game): Shared) -> Json<Value> {
    let status = |one: &Value| {
        let ends_at = Timestamp::parse(one["ends_at"].as_str().expect("a time"));
        if Some(SystemClock.now()) < ends_at { "active" } else { "closed" }
    };
    let listed = |one: &Value| json!({"tournament_id": one["id"], "status": status(one)});
    let all: Vec<Value> = game.lock().tournaments.iter().map(listed).collect();
    Json(json!({"success": true, "tournaments": all}))
}

/// Whoever came first leads.
fn rows(game: &Game, score: &str) -> Json<Value> {
    let row = |(rank, id): (u64, &String)| json!({"rank": rank, "user_id": id, "nickname": format!("Pilot {rank}"), score: 1_000 - rank});
    let rows: Vec<Value> = (1..).zip(&game.players).map(row).collect();
    Json(json!({"success": true, "leaderboard": rows}))
}

async fn pending(
    State(game): Shared,
    axum::extract::Query(query): axum::extract::Query<std::collections::HashMap<String, String>>,
) -> Json<Value> {
    let game = game.lock();
    let user = &query["user_id"];
    let first = game.players.first() == Some(user) && !game.claimed.contains(user);
    let prizes = if first {
        vec![json!({"prize_id": user, "rank": 1, "coins": 5_000, "gems": 250})]
    } else {
        Vec::new()
    };
    Json(json!({"success": true, "prizes": prizes}))
}

async fn claim(State(game): Shared, Json(claim): Json<Value>) -> Json<Value> {
    let user = claim["user_id"].as_str().expect("an id").to_owned();
    assert_eq!(claim["prize_id"], user);
    let status = if game.lock().claimed.insert(user) { "claimed" } else { "already_claimed" };
    Json(json!({"success": true, "status": status}))
}

fn router(game: &Arc<Mutex<Game>>) -> Router {
    let board = |State(game): Shared| async move { rows(&game.lock(), "high_score") };
    let tournament = |State(game): Shared, Path(_): Path<String>| async move {
        rows(&game.lock(), "best_score")
    };
    Router::new()
        .route("/api/events", post(events))
        .route("/api/events/stats", get(stats))
        .route("/api/v2/leaderboard/update-nickname", post(name))
        .route("/api/v2/leaderboard/global", get(board))
        .route("/api/v2/tournaments", get(list).post(create))
        .route("/api/v2/tournaments/{id}/leaderboard", get(tournament))
        .route("/api/v2/prizes/pending", get(pending))
        .route("/api/v2/prizes/claim", post(claim))
        .with_state(Arc::clone(game))
}

#[tokio::test]
async fn players_play_through_a_tournament_and_claim_what_they_win() {
    let game = Arc::new(Mutex::new(Game::default()));
    let target = support::serve(router(&game)).await;
    let options = DemoOptions {
        pace: 3_600,
        past_players: 20,
        tournament: Duration::from_millis(1_500),
        ..DemoOptions::new(target, Some(TOKEN.to_owned()))
    };
    let (told, mut happenings) = tokio::sync::mpsc::unbounded_channel();
    let demo = tokio::spawn(play(options, move |happening| {
        // The test may have seen enough.
        let _ = told.send(happening);
    }));
    let mut seen = Vec::new();
    let enough = |seen: &[Happening]| {
        let opened = |one: &&Happening| matches!(one, Happening::TournamentOpened { .. });
        let opened = seen.iter().filter(opened).count();
        let claimed = seen.iter().any(|one| matches!(one, Happening::PrizeClaimed { .. }));
        opened == 2 && claimed
    };
    let story = async {
        while !enough(&seen) {
            seen.push(happenings.recv().await.expect("the demo goes on"));
        }
    };
    tokio::time::timeout(Duration::from_secs(30), story).await.expect("it happens in time");
    demo.abort();

    let is = |wanted: fn(&Happening) -> bool| seen.iter().any(wanted);
    assert!(is(|one| matches!(one, Happening::Trouble { what } if what.contains("503"))));
    assert!(is(|one| matches!(one, Happening::Climbed { rank: 1, .. })));
    assert!(is(
        |one| matches!(one, Happening::TournamentClosed { winners, .. } if winners.len() == 3)
    ));
    let past = |one: &Happening| matches!(one, Happening::PastTold { players: 20, events } if *events > 100);
    assert!(is(past), "{seen:?}");
    let prize = |one: &&Happening| {
        matches!(one, Happening::PrizeClaimed { coins: 5_000, gems: 250, rank: 1, .. })
    };
    assert_eq!(seen.iter().filter(prize).count(), 1, "{seen:?}");
    let game = game.lock();
    assert!(!game.event_ids.is_empty() && !game.nicknames.is_empty());
    assert_eq!(game.claimed.len(), 1);
    assert_eq!(game.tournaments.len(), 2, "the next tournament follows the last");
}
