//! What an event costs before it reaches the database: taking a body apart, checking its events,
//! folding them. `cargo bench -p scoreline-core`.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use scoreline_core::event::Event;
use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::fold::{Layer, Plan};
use scoreline_core::game::Definition;
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::limits::BATCH_EVENTS_MAX;
use scoreline_core::time::Timestamp;

/// Events of one POST, as the game's clients send them.
const POST_EVENTS: usize = 20;
/// Events of one transaction.
const FOLD_EVENTS: usize = 2_000;

fn received_at() -> Timestamp {
    Timestamp::parse("2026-11-23T10:00:00Z").expect("a time")
}

/// A game that ended, by the `n`-th player of many.
fn game_ended(n: usize, event_id: &str) -> String {
    let player = n % 700;
    let second = n % 60;
    let score = n * 37 % 1_200;
    format!(
        r#"{{"event_type":"game_ended","user_id":"device-{player:08}","timestamp":"2026-11-23T09:59:{second:02}.{millis:03}Z",{event_id}"app_version":"1.4.2","platform":"ios","session_id":"s-{player}-1","locale":"en_US","game_mode":"endless","score":{score},"duration_seconds":60,"obstacles_dodged":41,"coins_collected":17,"gems_collected":1,"hearts_remaining":0,"cause_of_death":"missile","max_combo":9,"powerups_used":["shield","magnet"]}}"#,
        millis = n % 1_000,
    )
}

fn body(with_ids: bool) -> String {
    let events: Vec<String> = (0..POST_EVENTS)
        .map(|n| {
            let id = if with_ids {
                format!("\"event_id\":\"0193f0a2-1111-7abc-8def-{n:012x}\",")
            } else {
                String::new()
            };
            // One device's events in a row.
            game_ended(n * 700, &id)
        })
        .collect();
    format!(r#"{{"events":[{}],"sent_at":"2026-11-23T10:00:00.000Z"}}"#, events.join(","))
}

fn check_all(definition: &Definition, body: &Body<'_>) -> Vec<Event> {
    let mut validator = Validator::new(definition, received_at(), body.sent_at, None);
    body.events
        .iter()
        .enumerate()
        .map(|(n, item)| validator.check_item(n, item).expect("a valid event"))
        .collect()
}

/// The plan of a store that has adopted the definition and holds no tournaments.
fn plan(definition: Definition) -> Plan {
    let projections = definition
        .wanted_projections()
        .into_iter()
        .zip(1..)
        .map(|(wanted, no)| wanted.made(ProjectionNo(no), Slot(no), true))
        .collect();
    Plan::new(1, Arc::new(definition), projections, Vec::new())
}

fn intake(criterion: &mut Criterion) {
    let definition = Definition::sample();
    let mut group = criterion.benchmark_group("intake");
    group.throughput(Throughput::Elements(POST_EVENTS as u64));
    for (name, with_ids) in [("ids_of_the_client", true), ("derived_ids", false)] {
        let text = body(with_ids);
        group.bench_function(format!("parse/{name}"), |bench| {
            bench.iter(|| {
                Body::parse(black_box(text.as_bytes()), BATCH_EVENTS_MAX).expect("a body")
            });
        });
        let parsed = Body::parse(text.as_bytes(), BATCH_EVENTS_MAX).expect("a body");
        group.bench_function(format!("validate/{name}"), |bench| {
            bench.iter_with_large_drop(|| check_all(&definition, black_box(&parsed)));
        });
    }
    group.finish();
}

fn fold(criterion: &mut Criterion) {
    let definition = Definition::sample();
    let texts: Vec<String> = (0..FOLD_EVENTS).map(|n| game_ended(n, "")).collect();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    let events: Vec<Event> = texts
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .map(|raw| validator.check(0, raw).expect("a valid event"))
        .collect();
    let plan = plan(definition);
    let applied_at = received_at().plus_ms(5);
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(FOLD_EVENTS as u64));
    group.bench_function("live", |bench| {
        bench.iter_batched(
            || events.iter().map(|event| (event, applied_at)),
            |events| plan.fold(events, Layer::Live).expect("no overflow"),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, intake, fold);
criterion_main!(benches);
