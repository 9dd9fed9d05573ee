//! What is asked often is found through an index, however much is stored.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use scoreline_store_sqlite::{Access, SqliteStore};

use crate::support::File;

fn queries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")
}

/// A connection that knows the names of all that queries use.
fn opened(file: &File) -> Connection {
    let connection = Connection::open(file.path()).expect("opens");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let nothing = |_: &mut Context<'_>| Ok(String::new());
    connection.create_scalar_function("payload_of", 2, flags, nothing).expect("registers");
    connection
}

/// The steps of the query plan, one a line.
fn plan_of(connection: &Connection, sql: &str) -> String {
    let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("prepares");
    for n in 1..=query.parameter_count() {
        query.raw_bind_parameter(n, 1_i64).expect("binds");
    }
    let mut rows = query.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().expect("explains") {
        plan += &row.get::<_, String>(3).expect("a text");
        plan.push('\n');
    }
    plan
}

#[test]
fn questions_that_are_asked_often_never_walk_through_a_table() {
    let file = File::new();
    SqliteStore::open(&file.path(), Access::ReadWrite).expect("opens");
    let connection = opened(&file);
    for (query, step) in [
        ("event/scan", "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"),
        ("event/scan_player", "SEARCH e USING INDEX events_by_key (player_no=?)"),
        ("event/recent", "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"),
        ("event/recent_player", "SEARCH e USING INDEX events_by_key (player_no=?)"),
        ("event/kept", "SEARCH e USING INDEX events_by_key (player_no=? AND event_id=?)"),
        ("event/last", "SEARCH events"),
        ("event/first_from", "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"),
        ("retention/removable", "SEARCH e USING INTEGER PRIMARY KEY (rowid<?)"),
        (
            "board/entry",
            "SEARCH board_entries USING PRIMARY KEY (slot=? AND period=? AND player_id=?)",
        ),
        (
            "board/page",
            "SEARCH board_entries USING PRIMARY KEY (slot=? AND period=? AND player_id>?)",
        ),
        ("board/periods", "SEARCH b USING PRIMARY KEY (slot=? AND period<?)"),
        ("player/names", "SEARCH players USING PRIMARY KEY (player_id>?)"),
        (
            "player/called_like",
            "SEARCH players USING INDEX players_by_skeleton (nickname_skeleton>? AND nickname_skeleton<?)",
        ),
        ("player/known_like", "SEARCH players USING PRIMARY KEY (player_id>? AND player_id<?)"),
        (
            "player/known_like",
            "SEARCH player_numbers USING COVERING INDEX sqlite_autoindex_player_numbers_1 (player_id>? AND player_id<?)",
        ),
        ("quarantine/groups", "SCAN quarantine USING COVERING INDEX quarantine_by_group"),
        ("quarantine/count", "SCAN quarantine USING COVERING INDEX quarantine_by_group"),
        ("statistic/of_player", "SEARCH s USING PRIMARY KEY (player_no=? AND slot=? AND part=?)"),
        ("analytics/parts_of", "SEARCH player_state USING PRIMARY KEY (player_no=? AND slot=?)"),
        ("slot/next_players", "SEARCH player_numbers USING COVERING INDEX"),
        ("slot/sweep_analytics", "SEARCH player_state USING PRIMARY KEY (player_no=? AND slot=?)"),
        ("figure/list", "SEARCH figures USING PRIMARY KEY (slot=? AND grain_ms=? AND start_at>?)"),
        (
            "analytics/counters",
            "SEARCH analytics_counters USING PRIMARY KEY (slot=? AND measure=? AND split=? AND day>? AND day<?)",
        ),
        ("prize/pending", "SEARCH z USING INDEX prizes_by_player (player_id=?)"),
        ("prize/history", "SEARCH z USING INDEX prizes_by_player (player_id=?)"),
        ("prize/statistics", "SEARCH prizes USING INDEX prizes_by_player (player_id=?)"),
        ("prize/of_tournament", "SEARCH z USING INDEX prizes_by_rank (tournament_id=?)"),
    ] {
        let sql = fs::read_to_string(queries().join(format!("{query}.sql"))).expect("reads");
        let plan = plan_of(&connection, &sql);
        assert!(plan.contains(step), "{query}:\n{plan}");
        let sorts = plan.contains("TEMP B-TREE FOR ORDER BY");
        let few = matches!(
            query,
            "event/recent_player"
                | "event/scan_player"
                | "prize/pending"
                | "prize/history"
                | "quarantine/groups"
        );
        assert!(!sorts || few, "{query} sorts:\n{plan}");
    }
}

#[test]
fn every_query_can_be_prepared_and_is_used() {
    let file = File::new();
    SqliteStore::open(&file.path(), Access::ReadWrite).expect("opens");
    let connection = opened(&file);
    for table in
        ["board_entries", "player_state", "figures", "figure_players", "analytics_counters"]
    {
        connection
            .execute_batch(&format!("CREATE TEMP TABLE {table} AS SELECT * FROM main.{table}"))
            .expect("makes a scratch table");
    }
    connection.execute_batch("CREATE TEMP TABLE compared (slot INTEGER)").expect("makes a table");
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // What core orders and asks stands there by its name.
    let folders = ["store-sqlite/src", "core/src/store", "core/src/store/orders"];
    let sources: String = folders
        .iter()
        .map(|folder| crates.join(folder))
        .flat_map(|folder| fs::read_dir(folder).expect("reads"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).expect("reads"))
        .collect();
    let mut found = 0;
    for concern in fs::read_dir(queries()).expect("reads") {
        let concern = concern.expect("an entry").path();
        for file in fs::read_dir(&concern).expect("reads") {
            let file = file.expect("an entry").path();
            let sql = fs::read_to_string(&file).expect("reads");
            let stem = |path: &Path| path.file_stem().expect("a name").display().to_string();
            let name = format!("{}/{}", stem(&concern), stem(&file));
            // Tables in the way keep these from being prepared; verification runs them.
            let makes_a_table = name == "verify/compared_table";
            let upserts = sql.contains("ON CONFLICT (slot") || name == "slot/copy_statistics";
            if !makes_a_table && !upserts {
                connection.prepare(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            assert!(sources.contains(&format!("sql!(\"{name}\")")), "{name} is not used");
            found += 1;
        }
    }
    assert!(found > 80, "{found} queries");
}
