//! What crates depend on: each other along the arrows of ARCHITECTURE.md, and of others only what
//! belongs in them.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use crate::{crate_names, crates_folder, manifest_of};

/// What each crate may use of the workspace, outside its tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("store-postgres", &["core"]),
    ("store-sqlite", &["core"]),
    ("redis-link", &[]),
    ("queue-redis", &["core", "redis-link"]),
    ("limits-redis", &["redis-link"]),
    ("ranking", &["core", "redis-link"]),
    ("workers", &["core", "ranking"]),
    ("http", &["core", "ranking"]),
    ("console", &["core", "http"]),
    (
        "server",
        &[
            "console",
            "core",
            "http",
            "workers",
            "ranking",
            "store-sqlite",
            "store-postgres",
            "queue-redis",
            "limits-redis",
        ],
    ),
    ("bench", &["core", "server", "store-postgres", "throwaway", "traffic"]),
    ("proof", &["bench", "core", "server", "throwaway", "traffic"]),
    ("scoreline", &["bench", "core", "proof", "server", "traffic"]),
    ("traffic", &["core"]),
    ("throwaway", &["core"]),
    ("testkit", &["core", "throwaway"]),
    ("simulation", &["core", "ranking", "testkit", "workers"]),
];

/// What the rules must compile without: whatever waits, locks, or talks to the world.
const NOT_IN_CORE: &[&str] = &[
    "arc-swap",
    "async-lock",
    "axum",
    "dashmap",
    "event-listener",
    "futures",
    "futures-util",
    "hyper",
    "moka",
    "parking_lot",
    "rand",
    "redis",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tokio-util",
    "tower",
    "tracing",
];

/// What the command line leaves to the crates that own it.
const NOT_IN_THE_BINARY: &[&str] = &[
    "axum",
    "deadpool-postgres",
    "redis",
    "rusqlite",
    "scoreline-store-postgres",
    "tokio-postgres",
];

fn dependencies(folder: &str) -> BTreeSet<String> {
    let path = manifest_of(&crates_folder().join(folder));
    let text = std::fs::read_to_string(&path).expect("a crate has a manifest");
    let manifest: Table = text.parse().expect("a manifest is TOML");
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn crates_depend_on_each_other_only_along_the_arrows() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let folders: BTreeSet<String> = crate_names().into_iter().collect();
    let known: BTreeSet<String> = arrows.keys().map(ToString::to_string).collect();
    assert_eq!(folders, known, "every crate has its arrows listed here");

    for (folder, allowed) in arrows {
        for name in dependencies(folder) {
            let Some(target) = name.strip_prefix("scoreline-") else { continue };
            assert!(allowed.contains(&target), "{folder} must not depend on {target}");
        }
    }
}

#[test]
fn the_rules_compile_without_io_locks_or_an_async_runtime() {
    has_none_of("core", NOT_IN_CORE);
}

#[test]
fn the_command_line_speaks_to_no_database_itself() {
    has_none_of("scoreline", NOT_IN_THE_BINARY);
}

fn has_none_of(folder: &str, banned: &[&str]) {
    let used = dependencies(folder);
    let found: Vec<_> = banned.iter().filter(|name| used.contains(**name)).collect();
    assert_eq!(found, Vec::<&&str>::new(), "{folder} must not depend on these");
}

/// Crates that do not belong in the tree, and what is used instead.
const BANNED: &[(&str, &str)] = &[
    ("chrono", "jiff"),
    ("native-tls", "rustls"),
    ("openssl-sys", "rustls"),
    ("rsa", "ring"),
    ("serde_yaml", "TOML"),
];

#[test]
fn no_banned_crate_comes_in_through_the_back_door() {
    let path = crates_folder().parent().expect("the workspace").join("Cargo.lock");
    let lock: Table =
        std::fs::read_to_string(path).expect("a lock file").parse().expect("the lock file is TOML");
    let packages = lock["package"].as_array().expect("a list of packages");
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        if let Some((_, instead)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            panic!("{name} is in Cargo.lock; use {instead}");
        }
    }
}
