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
    let [answers, prices] = [0, 1].map(|n| outcome["tables"][n]["rows"].as_array().expect("rows"));
    for row in answers.iter().chain(prices) {
        let figures = row[1].as_array().expect("figures");
        let is_there = |figure: &Value| figure.is_null() || figure.as_f64() > Some(0.0);
        assert!(figures.iter().all(is_there), "{row}");
    }

    // Everything is as a fresh schema has it, and nothing that could be left away was forgotten.
    let page = std::fs::read_to_string(folder.path().join("indexes.md")).expect("a file");
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
        // Only moves and erasures of players ask who became somebody, and only a job which tickets are over.
        let is_rare = ["moved_players_by_end", "used_tickets_by_end"].contains(&name);
        assert!(
            is_of_a_part || is_rare || page.contains(&format!("`{name}`")),
            "{name} is not measured"
        );
    }
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
