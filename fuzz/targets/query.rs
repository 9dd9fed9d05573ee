//! Any parameters of the lists of events are read or refused in words.
//!
//! `fuzz/run query`

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| scoreline_http::fuzzing::query(text));
