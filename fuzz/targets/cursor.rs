//! Any text is the cursor of a page or none, and a cursor is written as it was read.
//!
//! `fuzz/run cursor`

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| scoreline_http::fuzzing::cursor(text));
