//! The corpus of the fuzzer of exported files, run as a test: whatever a file holds, an import ends in words.

use std::path::PathBuf;

use crate::support::{printed, run};

const IMPORTED: &str = "{\"event_type\":\"game_ended\",\"user_id\":\"ann\",\"score\":1}\n";

#[test]
fn whatever_a_file_holds_an_import_ends_in_words_and_good_ones_end_well() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/export");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let long = folder.path().join("bad-long-line.ndjson");
    std::fs::write(&long, format!("{{\"a\":\"{}\"}}\n{IMPORTED}", "x".repeat(600_000)))
        .expect("it is written");
    let files = std::fs::read_dir(corpus).expect("the corpus is part of the repository");
    let mut files: Vec<PathBuf> =
        files.map(|file| file.expect("a readable folder").path()).collect();
    files.push(long);
    assert!(files.len() > 10);
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let imported = run(folder.path(), &["import", file.to_str().expect("a plain path")]);
        let code = imported.status.code();
        assert!(matches!(code, Some(0..=2)), "{name}: {code:?}: {}", printed(&imported));
        assert!(!printed(&imported).is_empty(), "{name}");
        if name.starts_with("bad") {
            assert_ne!(code, Some(0), "{name}: {}", printed(&imported));
        }
    }
}
