//! The corpora of the fuzzers of this crate, run as tests.

use std::path::PathBuf;

use scoreline_http::fuzzing;

/// Runs a check on every text of a corpus.
fn every(corpus: &str, check: fn(&str)) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let files = std::fs::read_dir(folder).expect("the corpus is part of the repository");
    let mut texts = 0;
    for file in files {
        let path = file.expect("a readable folder").path();
        check(&std::fs::read_to_string(&path).expect("a text"));
        texts += 1;
    }
    assert!(texts > 10, "{corpus}");
}

#[test]
fn nothing_but_a_signed_token_is_a_token() {
    every("token", fuzzing::token);
}

#[test]
fn every_text_is_a_cursor_that_is_written_as_it_was_read_or_none() {
    every("cursor", fuzzing::cursor);
}

#[test]
fn every_list_of_parameters_is_read_or_refused_in_words() {
    every("query", fuzzing::query);
}
