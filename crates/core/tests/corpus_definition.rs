//! The corpus of the definition fuzzer, run as a test. Files named `good-*` are definitions, files
//! named `bad-*` have mistakes; nothing makes the reader panic.

use std::path::PathBuf;

use scoreline_core::game::Definition;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/definition");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is part of the repository")
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("a readable file"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_corpus_is_a_definition_or_has_mistakes_in_its_lines() {
    let (mut good, mut bad) = (0, 0);
    for (name, bytes) in corpus() {
        let text = String::from_utf8_lossy(&bytes);
        match Definition::parse(&text) {
            Ok(_) => {
                assert!(!name.starts_with("bad-"), "{name} has mistakes");
                good += 1;
            }
            Err(mistakes) => {
                assert!(!name.starts_with("good-"), "{name}: {}", mistakes[0]);
                let lines = text.lines().count().max(1);
                for mistake in mistakes {
                    assert!((1..=lines).contains(&mistake.line), "{name}: {mistake}");
                }
                bad += 1;
            }
        }
    }
    assert!(good >= 4 && bad >= 10, "{good} good files, {bad} bad ones");
}
