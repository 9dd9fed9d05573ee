//! `scoreline capacity`: a short ramp.

use serde_json::Value;

use crate::support::{printed, scoreline};

#[test]
fn a_ramp_ends_where_a_bound_breaks_and_says_what_that_means() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut capacity = scoreline(folder.path());
    capacity.args(["capacity", "--players", "1000", "--seconds", "2", "--json"]);
    // Of a debug build on a machine that does other things too.
    capacity.args(["--answers", "3000", "--freshness", "10000", "--html", "page.html"]);
    let measured = capacity.output().expect("the binary runs");
    assert!(measured.status.success(), "{}", printed(&measured));
    let found: Value = serde_json::from_slice(&measured.stdout).expect("JSON");
    let steps = found["steps"].as_array().expect("a list");
    assert!(steps.len() >= 2, "{found}");
    let broke = steps.iter().filter(|step| !step["broke"].is_null()).count();
    assert!(broke >= 1 && steps.last().is_some_and(|step| !step["broke"].is_null()), "{found}");
    assert_eq!(found["rungs"].as_array().map(Vec::len), Some(5));
    assert!(found["costs"]["disk_bytes_per_event"].as_f64() > Some(0.0), "{found}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("<polyline") && !page.contains("http"), "{page}");
}
