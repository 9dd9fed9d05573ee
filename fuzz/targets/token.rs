//! Whatever somebody shows as a player's token, only what the server signed is one.
//!
//! `fuzz/run token`

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| scoreline_http::fuzzing::token(text));
