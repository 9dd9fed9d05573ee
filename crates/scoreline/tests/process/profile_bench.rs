//! `scoreline bench`: the smallest one, which measures the embedded profile.

use serde_json::Value;

use crate::support::{printed, scoreline};

#[test]
fn a_measurement_compares_the_server_with_its_ceilings_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut bench = scoreline(folder.path());
    bench.args(["bench", "--seconds", "1", "--players", "1000", "--stored", "0"]);
    bench.args(["--json", "bench.json", "--report", "bench.md"]);
    let measured = bench.output().expect("the binary runs");
    // What is wanted of a release on an idle machine need not be met here.
    let code = measured.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}: {}", printed(&measured));

    let json = std::fs::read_to_string(folder.path().join("bench.json")).expect("a file");
    let outcome: Value = serde_json::from_str(&json).expect("JSON");
    let phases = outcome["phases"].as_array().expect("a list");
    let names: Vec<_> = phases.iter().filter_map(|phase| phase["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "bare insert into SQLite",
            "a store that does nothing",
            "acknowledgement",
            "end to end, empty store"
        ]
    );
    for phase in phases {
        assert_eq!(phase["errors"], 0, "{phase}");
        assert_eq!(phase["accepted"], phase["events"], "{phase}");
        assert!(phase["events_per_second"].as_f64() > Some(0.0), "{phase}");
    }
    let ratios = outcome["ratios"].as_array().expect("a list");
    assert!(ratios.len() == 2 && ratios.iter().all(|ratio| ratio["ratio"].as_f64() > Some(0.0)));
    let page = std::fs::read_to_string(folder.path().join("bench.md")).expect("a file");
    assert!(printed(&measured).contains(page.trim_end()), "the report is printed, too");
}

#[test]
fn acts_on_a_player_of_many_events_are_measured_beside_events_that_come_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut bench = scoreline(folder.path());
    bench.args(["bench", "acts", "--seconds", "1", "--players", "100", "--stored", "500"]);
    bench.args(["--json", "acts.json"]);
    let measured = bench.output().expect("the binary runs");
    let code = measured.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}: {}", printed(&measured));

    let json = std::fs::read_to_string(folder.path().join("acts.json")).expect("a file");
    let outcome: Value = serde_json::from_str(&json).expect("JSON");
    let rows = outcome["tables"][0]["rows"].as_array().expect("a list");
    let names: Vec<_> = rows.iter().filter_map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["void", "unvoid"]);
    for row in rows {
        assert!(row[1][0].as_f64() >= Some(1.0), "done at least once: {row}");
    }
    for phase in outcome["phases"].as_array().expect("a list") {
        assert_eq!(phase["errors"], 0, "{phase}");
    }
}
