//! `scoreline bench compare` and what it is for: a server that becomes dearer shows, on a machine that does
//! other things too.

use std::path::PathBuf;
use std::time::Duration;

use scoreline_bench::compare::{Options, PROCESSOR, ROUNDS_LEAST, Side, rounds};
use scoreline_bench::{Profile, forgetful};

use crate::support::{printed, scoreline};

/// The processor time of an event, storing included, by that of a server that stores nothing: as it was
/// recorded, of the program that tests build.
const RECORDED: f64 = 2.6;
/// The estimate may be so many times as much, or as little. See docs/proving.md for how often that cries wolf.
const WIDE: f64 = 1.6;

#[test]
fn an_event_costs_as_much_beside_one_that_is_not_stored_as_was_recorded() {
    let options = Options {
        program: PathBuf::from(env!("CARGO_BIN_EXE_scoreline")),
        sides: [Side::of_command(forgetful::COMMAND), Side::of_command("serve")],
        profile: Profile::Embedded,
        rounds: ROUNDS_LEAST,
        duration: Duration::from_secs(1),
        warm_up: Duration::from_millis(500),
        connections: 16,
        wanted: None,
        note: |_| {},
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let compared = runtime.block_on(rounds(&options)).expect("it is measured");
    // Systems that do not tell processor time have nothing to compare.
    let Some(found) = compared.iter().find(|one| one.name == PROCESSOR) else { return };
    let ratio = found.interval.ratio;
    assert!((RECORDED / WIDE..RECORDED * WIDE).contains(&ratio), "{found:?}");
    // Storing costs something: the two sides are told apart.
    assert!(found.interval.low > 1.0, "{found:?}");
}

#[test]
fn a_program_that_is_compared_with_itself_shows_no_difference_that_is_missed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut bench = scoreline(folder.path());
    bench.args(["bench", "compare", ":SCORELINE_LOG=text", ":SCORELINE_LOG=json"]);
    bench.args(["--rounds", "6", "--seconds", "1", "--wanted", "0.2"]);
    let measured = bench.output().expect("the binary runs");
    let told = printed(&measured);
    assert!(measured.status.success(), "{told}");
    for part in ["B by A", "events/s", "SCORELINE_LOG=json", "Hodges"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}
