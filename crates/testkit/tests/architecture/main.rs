//! The shape of the workspace, as ARCHITECTURE.md draws it, read from manifests and sources.

mod circles;
mod manifests;
mod source;

use std::path::{Path, PathBuf};

/// The folder of all crates.
fn crates_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate has a parent")
}

/// The folders of the crates by their names.
fn crate_names() -> Vec<String> {
    let folders = std::fs::read_dir(crates_folder()).expect("the crates folder can be read");
    let folders = folders.map(|entry| entry.expect("readable"));
    let crates = folders.filter(|entry| manifest_of(&entry.path()).exists());
    let mut names: Vec<String> =
        crates.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

fn manifest_of(folder: &Path) -> PathBuf {
    folder.join("Cargo.toml")
}
