//! The corpus of the body fuzzer, run as a test: no file makes the parser or the rules panic, and
//! every event in every file gets an answer.

use std::collections::BTreeSet;
use std::path::PathBuf;

use scoreline_core::event::RejectCode;
use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::limits::BATCH_EVENTS_MAX;
use scoreline_core::time::Timestamp;

/// Codes that no event of the corpus can get: the sample keeps unknown fields, a token is not part of
/// a body, and what conflicts, is too old or is of a player who was erased depends on what is stored.
const OUT_OF_REACH: [RejectCode; 5] = [
    RejectCode::UnknownField,
    RejectCode::WrongPlayer,
    RejectCode::ConflictingId,
    RejectCode::TooOld,
    RejectCode::PlayerErased,
];

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/body");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is part of the repository")
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a readable file")))
        .collect();
    files.sort();
    files
}

#[test]
fn every_event_of_the_corpus_is_answered() {
    let definition = Definition::sample();
    let received_at = Timestamp::parse("2026-11-23T10:00:00Z").expect("a time");
    let (mut bodies, mut broken, mut accepted) = (0, 0, 0);
    let mut codes = BTreeSet::new();
    for (path, bytes) in corpus() {
        let Ok(body) = Body::parse(&bytes, BATCH_EVENTS_MAX) else {
            broken += 1;
            continue;
        };
        bodies += 1;
        let mut validator = Validator::new(&definition, received_at, body.sent_at, None);
        for (index, item) in body.events.iter().enumerate() {
            match validator.check_item(index, item) {
                Ok(event) => {
                    accepted += 1;
                    let payload: Result<&serde_json::value::RawValue, _> =
                        serde_json::from_str(&event.payload);
                    assert!(payload.is_ok(), "{}: {}", path.display(), event.payload);
                }
                Err(rejected) => {
                    assert!(!rejected.message.is_empty(), "{}", path.display());
                    codes.insert(rejected.code);
                }
            }
        }
        codes.extend(validator.into_told().flaws.iter().map(|flaw| flaw.code));
    }
    assert!(bodies >= 20 && broken >= 8 && accepted >= 20, "{bodies} {broken} {accepted}");
    for code in RejectCode::ALL {
        let seen = codes.contains(&code);
        assert!(seen || OUT_OF_REACH.contains(&code), "no event of the corpus is {code:?}");
    }
}
