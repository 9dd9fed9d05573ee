//! `scoreline bench indexes`: a small one, on a database of its own.

use std::path::Path;
use std::process::Output;

use scoreline_testkit::postgres::{Server as Postgres, TestDatabase};
use serde_json::Value;

use crate::support::{printed, scoreline};

const SIZES: [&str; 6] = ["--players", "2000", "--events", "5000", "--prizes", "3000"];

fn measure(database: &TestDatabase<'_>, folder: &Path) -> Output {
    let mut command = scoreline(folder);
    command.env("DATABASE_URL", database.url()).args(["bench", "indexes"]).args(SIZES);
    command.args(["--json", "indexes.json", "--report", "indexes.md"]);
    command.output().expect("the binary runs")
}

#[test]
fn every_index_is_measured_with_and_without_it_and_put_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Postgres::shared().database();
    let measured = measure(&database, folder.path());
    assert!(measured.status.success(), "{}", printed(&measured));

    let json = std::fs::read_to_string(folder.path().join("indexes.json")).expect("a file");
    let outcome: Value = serde_json::from_str(&json).expect("JSON");
    let answers = outcome["answers"].as_array().expect("a list");
    for answer in answers {
        let figure = |name: &str| answer[name].as_f64().expect("a number");
        let took = figure("with_ms") > 0.0 && figure("without_ms") > 0.0;
        assert!(took && figure("index_bytes") > 0.0, "{answer}");
    }
    let applied = outcome["applied"].as_array().expect("a list");
    assert!(applied.iter().all(|one| one["share"].as_f64() > Some(0.0)), "{outcome}");

    // Every index that a statement names in a comment of the schema, and nothing was left away.
    let measured_indexes: Vec<&str> = answers
        .iter()
        .flat_map(|answer| answer["indexes"].as_array().expect("a list"))
        .map(|index| index.as_str().expect("a name"))
        .collect();
    let indexes = |database: &TestDatabase<'_>| {
        database.run(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'scoreline' \
             AND tablename !~ '_[0-9]{8}$' ORDER BY indexname",
        )
    };
    let fresh = Postgres::shared().database();
    let mut migrate = scoreline(folder.path());
    let migrated = migrate.env("DATABASE_URL", fresh.url()).arg("migrate").output();
    assert!(migrated.expect("the binary runs").status.success());
    assert_eq!(indexes(&database), indexes(&fresh));
    for line in indexes(&fresh).lines().filter(|line| !line.contains("UNIQUE")) {
        let name = line.split_whitespace().nth(2).expect("CREATE INDEX name");
        let is_of_a_part = name.starts_with("events_absurd");
        assert!(is_of_a_part || measured_indexes.contains(&name), "{name} is not measured");
    }
    let page = std::fs::read_to_string(folder.path().join("indexes.md")).expect("a file");
    assert!(page.contains("| `board_entries_by_rank` |"), "{page}");
}

#[test]
fn a_database_that_is_in_use_is_not_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Postgres::shared().database();
    database.run("CREATE SCHEMA scoreline; CREATE TABLE scoreline.theirs (id INTEGER)");
    let refused = measure(&database, folder.path());
    assert!(printed(&refused).contains("holds tables of another program"), "{}", printed(&refused));
    assert_eq!(refused.status.code(), Some(2));

    let database = Postgres::shared().database();
    assert!(measure(&database, folder.path()).status.success());
    let refused = measure(&database, folder.path());
    assert!(printed(&refused).contains("name an empty one"), "{}", printed(&refused));
    assert_eq!(refused.status.code(), Some(2));
}
