//! Any bytes are lines, or faults that are told with their lines, and come to an end.
//!
//! `fuzz/run export`

#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/scoreline/src/commands/import/lines.rs"]
mod lines;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("it is written");
    let mut lines = lines::Lines::open(file.path()).expect("it is there");
    let mut last = 0;
    while let Some(line) = lines.next().expect("a file of this disk can be read") {
        assert!(line.number > last, "lines come in order");
        last = line.number;
        if let Err(reason) = line.text {
            assert!(!reason.is_empty());
        }
    }
});
