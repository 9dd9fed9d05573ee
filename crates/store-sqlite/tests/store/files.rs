//! Which files are opened, and which are refused and left alone.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use scoreline_core::store::{
    EventFilter, EventStore, MaintenanceStore, ProjectionStore, Store, StoreError, TournamentStore,
    VerifyStore,
};
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_testkit::game::{assorted, cup, definition, player};
use scoreline_testkit::store_conformance::world::World;
use scoreline_testkit::store_conformance::{Database, FileDatabase};

use crate::support::File;

/// Opening must fail in both ways, with a reason that holds `hint`, and leave the file as it is.
fn refused(path: &Path, hint: &str) {
    let before = fs::read(path).ok();
    for access in [Access::ReadWrite, Access::ReadOnly] {
        match SqliteStore::open(path, access) {
            Err(StoreError::Unusable(reason)) => {
                assert!(reason.contains(hint), "{access:?}: {reason:?} tells {hint:?}");
            }
            Err(other) => panic!("{access:?}: {other:?}"),
            Ok(_) => panic!("{access:?}: it was opened"),
        }
    }
    assert_eq!(fs::read(path).ok(), before, "the file is as it was");
}

async fn in_order(file: &File) {
    let mut world = World::new(file).await;
    world.apply(&assorted(300, 1)).await;
}

#[test]
fn another_programs_database_is_refused() {
    let file = File::new();
    file.execute("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('precious')");
    refused(&file.path(), "another program");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let file = File::new();
    fs::write(file.path(), "Dear diary, ".repeat(1_000)).expect("writes");
    refused(&file.path(), "no SQLite database");
}

#[test]
fn a_folder_is_refused() {
    let file = File::new();
    fs::create_dir(file.path()).expect("makes a folder");
    refused(&file.path(), "is a folder");
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let file = File::new();
    refused(&file.path().join("no/such/folder/scoreline.db"), "folder must exist");
}

#[tokio::test]
async fn a_schema_of_which_a_newer_version_has_removed_something_is_refused() {
    let file = File::new();
    in_order(&file).await;
    file.execute("INSERT INTO schema_migrations VALUES (2, 7, 1), (3, 7, 2)");
    refused(&file.path(), "newer program");
}

#[tokio::test]
async fn a_schema_that_a_newer_version_has_only_added_to_is_used() {
    let file = File::new();
    let mut world = World::new(&file).await;
    world.apply(&assorted(100, 1)).await;
    file.execute(
        "ALTER TABLE events ADD COLUMN later TEXT; CREATE TABLE later (id INTEGER) STRICT;
         INSERT INTO schema_migrations VALUES (2, 7, 1)",
    );
    world.store = file.open().await;
    world.apply(&assorted(200, 2)).await;
    world.check().await;
}

#[tokio::test]
async fn a_schema_that_was_never_released_is_refused() {
    let file = File::new();
    in_order(&file).await;
    file.execute("UPDATE schema_migrations SET checksum = checksum + 1");
    refused(&file.path(), "not the released one");
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let file = File::new();
    in_order(&file).await;
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let sound = fs::read(file.path()).expect("reads");
    for (from, length) in [(0, 60), (16 * 4_096, 8 * 4_096), (sound.len() / 2, sound.len() / 2)] {
        let mut damaged = sound.clone();
        damaged[from..from + length].fill(0x5a);
        fs::write(file.path(), damaged).expect("writes");
        refused(&file.path(), "restore a backup");
    }
    fs::write(file.path(), &sound[..sound.len() / 2]).expect("writes");
    refused(&file.path(), "restore a backup");
    fs::write(file.path(), &sound).expect("writes");
    SqliteStore::open(&file.path(), Access::ReadWrite).expect("the sound one opens");
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let file = File::new();
    fs::write(file.path(), "").expect("writes");
    refuse_for_reading(&file.path());
    in_order(&file).await;
}

fn refuse_for_reading(path: &Path) {
    let opened = SqliteStore::open(path, Access::ReadOnly);
    assert!(matches!(opened, Err(StoreError::Unusable(_))), "there is nothing to read yet");
}

#[tokio::test]
async fn a_store_for_reading_sees_what_a_server_writes_and_writes_nothing() {
    let file = File::new();
    refuse_for_reading(&file.path());
    let mut world = World::new(&file).await;
    let tool = SqliteStore::open(&file.path(), Access::ReadOnly).expect("opens");
    world.apply(&assorted(100, 2)).await;
    let seen = tool.scan(EventFilter::default(), None, 1_000).await.expect("scans");
    assert_eq!(seen.len(), world.known.len());
    let in_force = tool.definition().await.expect("reads");
    assert_eq!(in_force.as_deref(), Some(&*definition().source));
    let report = tool.verify(world.plan().await, 5, std::sync::Arc::new(|_| ())).await;
    assert_eq!(report.expect("verifies").differing, 0);
    tool.backup(file.backup_path(), std::sync::Arc::new(|_| ())).await.expect("backs up");
    tool.ping().await.expect("answers");
    let refused = tool.create_tournament(cup("cup", "best", 0, 1)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    world.check().await;
}

#[tokio::test]
async fn a_database_without_a_definition_says_so() {
    let file = File::new();
    let store = SqliteStore::open(&file.path(), Access::ReadWrite).expect("opens");
    assert_eq!(store.definition().await.expect("answers"), None);
}

#[tokio::test]
async fn what_is_damaged_behind_the_back_of_a_running_store_is_not_served() {
    let file = File::new();
    let mut world = World::new(&file).await;
    world.apply(&assorted(50, 3)).await;
    let figures = "figure_players SET players = x'0909'";
    file.execute(&format!("UPDATE {figures}"));
    let slot = world.plan().await.projections[0].slot;
    let grain_ms = scoreline_core::fold::COARSE_GRAIN_MS;
    let served = world.store.figures(slot, grain_ms, scoreline_core::time::Timestamp::MIN).await;
    assert!(matches!(served, Err(StoreError::Unusable(_))), "{served:?}");
    let profile = world.store.profile(player("ann")).await.expect("the rest is served");
    assert!(profile.is_some());
}

#[tokio::test]
async fn a_store_left_without_goodbye_opens_with_everything() {
    let file = File::new();
    let mut world = World::new(&file).await;
    world.apply(&assorted(200, 4)).await;
    // A copy of the files as a power cut would leave them: the log is not merged.
    let left = File::new();
    for suffix in ["", "-wal"] {
        let name = |path: std::path::PathBuf| format!("{}{suffix}", path.display());
        fs::copy(name(file.path()), name(left.path())).expect("copies");
    }
    let (known, definition) = (world.known.clone(), std::sync::Arc::clone(&world.definition));
    drop(world);
    let mut world = World::new(&left).await;
    assert_eq!(world.definition.source, definition.source);
    world.known = known;
    world.check().await;
    let connection = Connection::open(left.path()).expect("opens");
    let mode: String =
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("answers");
    assert_eq!(mode, "wal");
    let _: &dyn Store = &*world.store;
}
