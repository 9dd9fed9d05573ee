//! The dependency arrows of ARCHITECTURE.md, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use toml::Table;

/// What each crate may use of the workspace, outside its tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("store-postgres", &["core"]),
    ("store-sqlite", &["core"]),
    ("redis-link", &[]),
    ("queue-redis", &["core", "redis-link"]),
    ("ranking", &["core", "redis-link"]),
    ("workers", &["core", "ranking"]),
    ("http", &["core", "ranking"]),
    (
        "server",
        &["core", "http", "workers", "ranking", "store-sqlite", "store-postgres", "queue-redis"],
    ),
    ("scoreline", &["core", "server", "store-sqlite", "traffic"]),
    ("traffic", &["core"]),
    ("testkit", &["core"]),
];

/// What the rules must compile without: I/O, async runtimes and locks.
const NOT_IN_CORE: &[&str] = &[
    "async-lock",
    "axum",
    "futures",
    "futures-util",
    "hyper",
    "parking_lot",
    "redis",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tower",
];

fn crates_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate has a parent").to_path_buf()
}

fn dependencies(folder: &str) -> BTreeSet<String> {
    let path = crates_folder().join(folder).join("Cargo.toml");
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
    let folders: BTreeSet<String> = std::fs::read_dir(crates_folder())
        .expect("the crates folder can be read")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
        .collect();
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
fn the_rules_compile_without_io_an_async_runtime_or_locks() {
    let used = dependencies("core");
    for name in NOT_IN_CORE {
        assert!(!used.contains(*name), "core must not depend on {name}");
    }
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
