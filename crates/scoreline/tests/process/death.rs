//! The process dies, and nothing that was acknowledged dies with it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Server, game_ended, post, printed, run};

const KILLS: u64 = 20;
const SENDERS: u64 = 4;
const BATCH: usize = 10;

/// What devices were told: acknowledged events, and batches whose answer never came.
#[derive(Default)]
struct Ledger {
    acknowledged: BTreeMap<String, usize>,
    unanswered: Vec<Value>,
}

fn seed() -> u64 {
    std::env::var("SCORELINE_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_123)
}

/// Sends batches until the server is gone or `stop` says so.
fn send(base: &str, player: &str, seed: u64, stop: &AtomicBool, ledger: &Mutex<Ledger>) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let mut acknowledged = 0;
    while !stop.load(Ordering::Relaxed) {
        let events: Vec<Value> =
            (0..BATCH).map(|_| game_ended(player, random.random_range(0..5_000))).collect();
        let batch = json!({ "events": events });
        let answer = post(base, "/api/events", "", &batch);
        let mut ledger = ledger.lock().expect("no sender panicked");
        if let Some((200, answer)) = answer {
            assert_eq!(answer["accepted"], BATCH, "{answer}");
            *ledger.acknowledged.entry(player.to_owned()).or_default() += BATCH;
            acknowledged += BATCH;
        } else {
            // Refused or cut off: a device keeps the batch and sends it again later.
            ledger.unanswered.push(batch);
            break;
        }
    }
    acknowledged
}

/// How many games the server counts for every player of a ledger.
fn counted(server: &Server, player: &str) -> u64 {
    let answer = server.get(&format!("/api/v2/leaderboard/user/{player}"));
    answer["user"]["total_games"].as_u64().unwrap_or(0)
}

#[test]
fn killed_twenty_times_under_load_it_counts_every_acknowledged_event_once() {
    let seed = seed();
    println!("seed {seed} (repeat with SCORELINE_TEST_SEED={seed})");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Mutex::new(Ledger::default());
    for round in 0..KILLS {
        let server = Server::start(folder.path(), &[]);
        let base = server.base.clone();
        // What the last death left unanswered is sent again, as devices do.
        let again = std::mem::take(&mut ledger.lock().expect("no sender runs").unanswered);
        for batch in again {
            let (status, answer) = server.post("/api/events", &batch).expect("an answer");
            assert_eq!((status, &answer["accepted"]), (200, &json!(BATCH)), "{answer}");
            let player = batch["events"][0]["user_id"].as_str().expect("a player").to_owned();
            let mut ledger = ledger.lock().expect("no sender runs");
            *ledger.acknowledged.entry(player).or_default() += BATCH;
        }
        let stop = AtomicBool::new(false);
        let kill_after = random.random_range(10..60) * BATCH;
        std::thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|sender| {
                    let (base, stop, ledger) = (&base, &stop, &ledger);
                    let player = format!("player-{sender}");
                    let seed = seed ^ (round * SENDERS + sender);
                    scope.spawn(move || send(base, &player, seed, stop, ledger))
                })
                .collect();
            let before: usize = total(&ledger);
            crate::support::wait_for("enough events", || {
                (total(&ledger) >= before + kill_after).then_some(())
            });
            server.kill();
            stop.store(true, Ordering::Relaxed);
            for sender in senders {
                sender.join().expect("a sender ends in peace");
            }
        });
    }
    let server = Server::start(folder.path(), &[]);
    let ledger = ledger.into_inner().expect("no sender runs");
    for batch in &ledger.unanswered {
        let (status, _) = server.post("/api/events", batch).expect("an answer");
        assert_eq!(status, 200);
    }
    for (player, acknowledged) in &ledger.acknowledged {
        let resent = ledger
            .unanswered
            .iter()
            .filter(|batch| batch["events"][0]["user_id"].as_str() == Some(player));
        let expected = acknowledged + resent.count() * BATCH;
        assert_eq!(counted(&server, player), expected as u64, "{player}");
    }
    let verified = server.run(&["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    assert!(printed(&verified).contains("no difference"), "{}", printed(&verified));
}

fn total(ledger: &Mutex<Ledger>) -> usize {
    ledger.lock().expect("no sender panicked").acknowledged.values().sum()
}

#[test]
fn told_to_stop_under_load_it_answers_what_it_accepted_and_exits_with_zero() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let base = server.base.clone();
    let ledger = Mutex::new(Ledger::default());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (base, stop, ledger) = (&base, &stop, &ledger);
            scope.spawn(move || send(base, &format!("player-{sender}"), sender, stop, ledger));
        }
        crate::support::wait_for("enough events", || (total(&ledger) >= 50 * BATCH).then_some(()));
        server.signal("TERM");
        let status = server.wait();
        assert!(status.success(), "{status}");
        stop.store(true, Ordering::Relaxed);
    });
    let server = Server::start(folder.path(), &[]);
    let ledger = ledger.into_inner().expect("no sender runs");
    for (player, acknowledged) in &ledger.acknowledged {
        // A batch whose answer was cut off may be there or not; each is there whole or not at all.
        let found = usize::try_from(counted(&server, player)).expect("a count");
        let cut_off = ledger.unanswered.len() * BATCH;
        assert!((*acknowledged..=acknowledged + cut_off).contains(&found), "{player}: {found}");
        assert_eq!(found % BATCH, 0, "{player}");
    }
    drop(server);
    let verified = run(folder.path(), &["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
}
