//! Runs of many seeds. One that went wrong is repeated by `SCORELINE_SIM_SEED=… cargo test -p scoreline-simulation`,
//! and told step by step by `cargo run -p scoreline-simulation -- --told --seed …`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use scoreline_simulation::run::{How, Outcome, run};

/// How many seeds are played at once.
const THREADS: u64 = 2;

/// Plays seeds until one goes wrong, at most as many as these.
fn first_wrong(seeds: std::ops::RangeInclusive<u64>, how: How) -> Option<Outcome> {
    let (next, wrong_from) = (AtomicU64::new(*seeds.start()), AtomicU64::new(u64::MAX));
    let search = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > *seeds.end() || seed > wrong_from.load(Ordering::Relaxed) {
                return None;
            }
            let outcome = run(seed, how);
            if !outcome.complaints.is_empty() {
                wrong_from.fetch_min(seed, Ordering::Relaxed);
                return Some(outcome);
            }
        }
    };
    thread::scope(|scope| {
        let searches: Vec<_> = (0..THREADS).map(|_| scope.spawn(search)).collect();
        let found = searches.into_iter().filter_map(|one| one.join().expect("no run panics"));
        found.min_by_key(|outcome| outcome.seed)
    })
}

#[cfg(not(feature = "planted-bug"))]
mod without_the_planted_bug {
    use scoreline_simulation::sabotage::Sabotage;

    use super::*;

    /// The one seed to play, instead of many.
    const SEED: &str = "SCORELINE_SIM_SEED";
    /// Seeds of every test run.
    const RUNS: u64 = 200;

    fn chosen() -> Option<u64> {
        let seed = std::env::var(SEED).ok()?;
        Some(seed.parse().unwrap_or_else(|_| panic!("{SEED} is a number, not {seed:?}")))
    }

    #[test]
    fn whatever_goes_wrong_everything_counts_once_and_every_node_shows_it() {
        let seeds = chosen().map_or(1..=RUNS, |seed| seed..=seed);
        if let Some(wrong) = first_wrong(seeds, How::default()) {
            panic!("repeat it with {SEED}={}: {wrong}", wrong.seed);
        }
    }

    #[test]
    fn a_seed_repeats_its_run_to_the_last_step() {
        for seed in 1..=5 {
            let [once, again] = [run(seed, How::default()), run(seed, How::default())];
            assert_eq!(once, again);
            assert!(once.copies > once.events, "some are sent again");
        }
        assert_ne!(run(1, How::default()).record, run(2, How::default()).record);
    }

    #[test]
    fn what_is_done_wrongly_on_purpose_is_found() {
        for sabotage in Sabotage::ALL {
            let how = How { sabotage: Some(sabotage), ..How::default() };
            let found = first_wrong(1..=RUNS, how);
            assert!(found.is_some(), "{sabotage:?} is not found");
        }
    }
}

#[cfg(feature = "planted-bug")]
#[test]
fn the_planted_bug_is_found_within_a_minute() {
    let began = tokio::time::Instant::now();
    let found = first_wrong(1..=u64::MAX - 1, How::default()).expect("nobody searches for ever");
    println!("found after {:?}: {found}", began.elapsed());
    assert!(began.elapsed() < std::time::Duration::from_secs(60));
}
