//! What is asked often is found through an index, however much is stored, and every statement can
//! be prepared.

use std::fs;
use std::path::{Path, PathBuf};

use scoreline_testkit::store_conformance::Database;

use crate::support::Schema;

/// Enough rows for an index to be worth its while: an hour of events, and what follows from them.
const MANY_ROWS: &str = "
    INSERT INTO events
    SELECT 1000 * n + (extract(epoch FROM current_date) * 1000)::int8, 'player ' || n % 1000,
        gen_random_uuid(), n, 'ended', n, NULL, n, n, '{}'
    FROM generate_series(1, 20000) AS n;
    INSERT INTO event_keys SELECT player_id, event_id, key_time FROM events;
    INSERT INTO board_entries
    SELECT slot, period, 'player ' || n, n, n, 1, n, NULL, 0, 0, 0, 0
    FROM generate_series(1, 10) AS slot, generate_series(0, 1) AS period,
        generate_series(1, 1000) AS n;
    INSERT INTO player_statistics
    SELECT 'player ' || n, ARRAY[1, 2, 3], ARRAY[n, n, n] FROM generate_series(1, 10000) AS n;
    INSERT INTO figures
    SELECT slot, 1, n, 'ended', 0, 1, 1, n, n
    FROM generate_series(1, 10) AS slot, generate_series(1, 1000) AS n;
    INSERT INTO figure_players SELECT slot, grain_ms, start_at, event_type, shard, '' FROM figures;
    INSERT INTO tournaments
    SELECT 'cup ' || n, NULL, 'Cup', n, n + 1, '[]' FROM generate_series(1, 1000) AS n;
    INSERT INTO projections (kind, name, fingerprint, meaning, slot, complete)
    SELECT 'tournament', 'cup ' || n, '', '', n, true FROM generate_series(1, 1000) AS n;
    INSERT INTO prizes
    SELECT gen_random_uuid(), 'cup ' || n, 'player ' || p, p, 1, 1, n
    FROM generate_series(1, 1000) AS n, generate_series(1, 10) AS p;
    ANALYZE";

fn queries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")
}

fn text_of(query: &str) -> String {
    fs::read_to_string(queries().join(format!("{query}.sql"))).expect("reads")
}

/// How many values a statement has.
fn values_of(sql: &str) -> usize {
    (1..=20).take_while(|n| sql.contains(&format!("${n}"))).count()
}

/// The steps of the plan that PostgreSQL keeps for a statement whatever its values are. Sequential
/// scans are dear, as they would be on tables of many rows.
fn plan_of(schema: &Schema, query: &str, types: &str, values: &str) -> String {
    let sql = text_of(query);
    schema.run(&format!(
        "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan;
         PREPARE asked ({types}) AS {sql}; EXPLAIN (COSTS off) EXECUTE asked ({values})"
    ))
}

#[tokio::test]
async fn questions_that_are_asked_often_never_walk_through_a_table() {
    let schema = Schema::new();
    schema.open().await;
    schema.run(MANY_ROWS);
    let id = "'00000000-0000-0000-0000-000000000000'";
    for (query, types, values, step) in [
        (
            "event/scan",
            "int8, uuid, text, int8, int8, text, int8",
            &*format!("0, {id}, '', 0, 9223372036854775807, NULL, 10"),
            "Index Cond: (applied_at >= $1)",
        ),
        (
            "event/scan_player",
            "int8, uuid, text, int8, int8, text, int8, text",
            &format!("0, {id}, '', 0, 9223372036854775807, NULL, 10, 'ann'"),
            "Index Cond: (player_id = $8)",
        ),
        (
            "event/recent",
            "int8, int8, text, int8, int8, int8",
            "0, 9223372036854775807, NULL, 10, 100, 0",
            "applied_at_idx",
        ),
        (
            "event/recent_player",
            "int8, int8, text, int8, text, int8",
            "0, 9223372036854775807, NULL, 10, 'ann', 0",
            "Index Cond: (player_id = $5)",
        ),
        (
            "event/kept",
            "int8[], text[], uuid[], int8[]",
            &format!("'{{NULL,1}}', '{{ann,ann}}', ARRAY[{id}, {id}]::uuid[], '{{1,1}}'"),
            "Index Cond: ((player_id = k.player_id) AND (event_id = k.event_id) AND (key_time =",
        ),
        ("retention/removable", "int8, int8", "0, 10", "Index Cond: (applied_at < $1)"),
        (
            "board/entries",
            "int8, int8, text[]",
            "1, 0, '{ann}'",
            "using board_entries_pkey on board_entries b",
        ),
        (
            "board/page",
            "int8, int8, text, int8",
            "1, 0, 'a', 10",
            "Index Cond: ((slot = $1) AND (period = $2) AND (player_id > $3))",
        ),
        (
            "board/periods",
            "int8, int8",
            "1, 0",
            "Index Only Scan Backward using board_entries_pkey",
        ),
        ("player/names", "text, int8", "'a', 10", "Index Cond: (player_id > $1)"),
        ("feed/after", "text, text[], int8", "'1', '{2,3}', 10", "Index Cond: (xid >= ($1)::xid8)"),
        ("statistic/of_player", "text", "'ann'", "player_statistics_pkey"),
        (
            "statistic/lock",
            "text[]",
            "'{ann}'",
            "using player_statistics_pkey on player_statistics",
        ),
        (
            "figure/list",
            "int8, int8, int8, int8",
            "1, 1, 0, 9",
            "Index Cond: ((slot = $1) AND (grain_ms = $2) AND (start_at >= $3) AND (start_at < $4))",
        ),
        (
            "figure/read_players",
            "int8[], int8[], int8[], text[], int4",
            "'{1}', '{1}', '{1}', '{a}', 0",
            "using figure_players_pkey",
        ),
        ("prize/pending", "text", "'ann'", "prizes_by_player"),
        ("prize/history", "text, int8, bool", "'ann', 10, false", "prizes_by_player"),
        ("prize/statistics", "text", "'ann'", "prizes_by_player"),
        (
            "prize/of_tournament",
            "text, int8, int8",
            "'cup', 10, 0",
            "using prizes_by_rank on prizes z",
        ),
        ("tournament/page", "int8, int8", "10, 0", "using tournaments_by_start"),
    ] {
        let (types, values) = if types.is_empty() { ("", "") } else { (types, values) };
        let plan = if types.is_empty() {
            schema.run(&format!("SET enable_seqscan = off; EXPLAIN (COSTS off) {}", text_of(query)))
        } else {
            plan_of(&schema, query, types, values)
        };
        assert!(plan.contains(step), "{query}:\n{plan}");
    }
}

#[tokio::test]
async fn players_are_found_by_how_names_and_ids_begin_without_a_walk() {
    let schema = Schema::new();
    schema.open().await;
    schema.run(MANY_ROWS);
    for (query, types, values, step) in [
        (
            "player/called_like",
            "text, text, int8",
            "'a', 'b', 10",
            "Index Cond: ((nickname_skeleton >= $1) AND (nickname_skeleton < $2))",
        ),
        (
            "player/known_like",
            "text, text, int8, int8, int8",
            "'a', 'b', 1, 2147483647, 10",
            "Index Cond: ((slot = $3) AND (player_id >= $1) AND (player_id < $2) AND (part = $4))",
        ),
    ] {
        let plan = plan_of(&schema, query, types, values);
        assert!(plan.contains(step), "{query}:\n{plan}");
    }
}

#[tokio::test]
async fn what_a_batch_touches_is_looked_up_however_many_keys_it_has() {
    let schema = Schema::new();
    schema.open().await;
    schema.run(MANY_ROWS);
    let keys = |one: &str, count: usize| vec![one; count].join(",");
    let (number, text) = (keys("1", 3_000), keys("ann", 3_000));
    for (query, types, values) in [
        ("statistic/lock", "text[]", format!("'{{{text}}}'")),
        (
            "figure/read_players",
            "int8[], int8[], int8[], text[], int4",
            format!("'{{{number}}}', '{{{number}}}', '{{{number}}}', '{{{text}}}', 0"),
        ),
        ("board/entries", "int8, int8, text[]", format!("1, 0, '{{{text}}}'")),
    ] {
        // As the planner sees fit, which knows how many keys there are.
        let plan = schema.run(&format!(
            "SET plan_cache_mode = force_custom_plan;
             PREPARE asked ({types}) AS {};
             EXPLAIN (COSTS off) EXECUTE asked ({values})",
            text_of(query)
        ));
        assert!(!plan.contains("Seq Scan") && !plan.contains("Hash"), "{query}:\n{plan}");
    }
}

#[tokio::test]
async fn an_event_is_looked_for_in_one_day() {
    let schema = Schema::new();
    schema.open().await;
    let plan = schema.run(&format!(
        "SET plan_cache_mode = force_generic_plan;
         PREPARE asked (int8[], text[], uuid[], int8[]) AS {};
         EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE asked (
             ARRAY[(extract(epoch FROM current_date::timestamptz AT TIME ZONE 'UTC') * 1000)::int8],
             '{{ann}}', '{{00000000-0000-0000-0000-000000000000}}', '{{1}}')",
        text_of("event/kept")
    ));
    let searched = plan.lines().filter(|line| line.contains("_pkey on events_"));
    let searched = searched.filter(|line| !line.contains("never executed")).count();
    assert_eq!(searched, 1, "{plan}");
}

#[tokio::test]
async fn every_query_can_be_prepared_and_is_used() {
    let schema = Schema::new();
    schema.open().await;
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // What core orders and asks stands there by its name.
    let folders = ["store-postgres/src", "core/src/store", "core/src/store/orders"];
    let sources: String = folders
        .iter()
        .map(|folder| crates.join(folder))
        .flat_map(|folder| fs::read_dir(folder).expect("reads"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).expect("reads"))
        .collect();
    let (mut found, mut prepared) = (0, text_of("verify/scratch"));
    for concern in fs::read_dir(queries()).expect("reads") {
        let concern = concern.expect("an entry").path();
        for file in fs::read_dir(&concern).expect("reads") {
            let file = file.expect("an entry").path();
            let stem = |path: &Path| path.file_stem().expect("a name").display().to_string();
            let name = format!("{}/{}", stem(&concern), stem(&file));
            assert!(sources.contains(&format!("sql!(\"{name}\")")), "{name} is not used");
            found += 1;
            let sql = text_of(&name);
            // These make or lock tables, which is not prepared but done; opening a store has done
            // most of them.
            let changes_tables = ["CREATE", "ALTER", "DROP", "LOCK", "ANALYZE", "VACUUM"]
                .iter()
                .any(|verb| sql.lines().any(|line| line.starts_with(verb)));
            if !changes_tables && !sql.contains("{day}") {
                prepared += &["PREPARE asked_", &found.to_string(), " AS ", &sql, ";\n"].concat();
            }
            assert!(values_of(&sql) <= 15, "{name}");
        }
    }
    assert!(found > 105, "{found} queries");
    // One transaction, in which the scratch tables of verification are there.
    schema.run(&format!("BEGIN; {prepared} COMMIT"));
}
