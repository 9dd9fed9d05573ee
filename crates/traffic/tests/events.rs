//! Simulated players speak the sample game's language, all of it.

use std::collections::BTreeMap;

use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::limits::BATCH_EVENTS_MAX;
use scoreline_core::time::Timestamp;
use scoreline_traffic::simulation::Simulation;
use scoreline_traffic::workload::{Ingest, Request, Workload};

fn start() -> Timestamp {
    Timestamp::parse("2026-11-23T10:00:00Z").expect("a time")
}

/// Checks a body as the server does, received when it was sent, and counts its events by type.
fn check(definition: &Definition, body: &[u8], at: Timestamp, seen: &mut BTreeMap<String, u64>) {
    let body = Body::parse(body, BATCH_EVENTS_MAX).expect("a body");
    assert_eq!(body.sent_at, Some(at));
    let mut validator = Validator::new(definition, at, body.sent_at, None);
    for (index, item) in body.events.iter().enumerate() {
        match validator.check_item(index, item) {
            Ok(event) => {
                assert!(!event.has_wrong_clock(), "{item:?}");
                *seen.entry(event.event_type.to_string()).or_default() += 1;
            }
            Err(rejected) => panic!("{} in {item:?}", rejected.message),
        }
    }
}

#[test]
fn all_types_of_the_sample_game_occur_and_every_event_is_valid() {
    let definition = Definition::sample();
    assert_eq!(definition.events.len(), 28);
    let mut seen = BTreeMap::new();
    for request in Simulation::new(28, 60, start()).take(6_000) {
        check(&definition, request.body().as_bytes(), request.at, &mut seen);
    }
    let types: Vec<&str> = definition.events.keys().map(|name| &**name).collect();
    let missing: Vec<&&str> = types.iter().filter(|name| !seen.contains_key(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} never occur");
}

#[test]
fn the_requests_of_the_load_generator_are_valid() {
    let definition = Definition::sample();
    let ingest = Ingest::new(20, 1_000, 7);
    let mut seen = BTreeMap::new();
    for n in 0..300 {
        let Request::Post { body, .. } = ingest.request(n, start()) else {
            panic!("events are posted")
        };
        check(&definition, &body, start(), &mut seen);
    }
    assert_eq!(seen.values().sum::<u64>(), 6_000);
    let games = seen.get("game_ended").copied().unwrap_or_default();
    assert!(games > 300, "{games} games ended: ranks move");
}

#[test]
fn ranks_move_while_players_play() {
    // The best score so far of each player; the leader changes as time goes on.
    let mut best: BTreeMap<String, i64> = BTreeMap::new();
    let mut leaders = Vec::new();
    for request in Simulation::new(28, 60, start()).take(3_000) {
        for event in &request.events {
            let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
            if event["event_type"] != "game_ended" || event["game_mode"] != "endless" {
                continue;
            }
            let score = event["score"].as_i64().expect("a score");
            let own = best.entry(request.player_id.clone()).or_default();
            *own = score.max(*own);
        }
        let leader = best.iter().max_by_key(|(_, score)| **score).map(|(player, _)| player.clone());
        if leader != leaders.last().cloned() {
            leaders.extend(leader);
        }
    }
    assert!(leaders.len() >= 4, "{} leaders", leaders.len());
    assert!(best.len() > 50, "{} players finished a flight", best.len());
}
