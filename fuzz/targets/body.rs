//! Any bytes are a body or an error, and every event of a body is accepted or rejected.
//!
//! `fuzz/run body`

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scoreline_core::event::body::{Body, Item};
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::limits::BATCH_EVENTS_MAX;
use scoreline_core::time::Timestamp;

static SAMPLE: LazyLock<Definition> = LazyLock::new(Definition::sample);

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = Body::parse(bytes, BATCH_EVENTS_MAX) else { return };
    assert!(body.events.len() <= BATCH_EVENTS_MAX);
    let received_at = Timestamp::from_ms(1_795_428_000_000).expect("within the calendar");
    let mut validator = Validator::new(&SAMPLE, received_at, body.sent_at, None);
    for (index, item) in body.events.iter().enumerate() {
        match validator.check_item(index, item) {
            Ok(event) => assert!(event.payload.starts_with('{') && event.payload.ends_with('}')),
            Err(rejected) => {
                let Item::Json(raw) = item else { continue };
                assert!(rejected.is_cut() || *rejected.raw == *raw.get());
                let again = validator.check_again(rejected.occurrence, raw);
                assert_eq!(again.expect_err("the same answer").digest, rejected.digest);
            }
        }
    }
});
