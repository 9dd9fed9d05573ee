//! What must hold of any text that strangers send, for the fuzzer and for the corpora that tests run.

use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;

use crate::auth::token::{TokenSession, make_token, read_token};
use crate::routes;

/// A secret that no text of a corpus was signed with.
const SECRET: &[u8] = b"a secret that nobody else knows, for this test alone";

/// Whatever somebody shows as a player's token, only what the server signed is one.
///
/// # Panics
///
/// If it does not hold.
pub fn token(text: &str) {
    let now = Timestamp::EPOCH;
    assert_eq!(read_token(SECRET, text, now), None, "nobody signed {text:?}");
    let session = TokenSession { player: PlayerId::from_stored("ann"), revocations: 0 };
    let (good, _) = make_token(SECRET, &session, now);
    assert_eq!(read_token(SECRET, &good, now), Some(session));
    if !text.is_empty() {
        for forged in [format!("{good}{text}"), format!("{text}{good}")] {
            assert_eq!(read_token(SECRET, &forged, now), None, "{forged:?}");
        }
    }
    if let Some((head, _)) = good.rsplit_once('.').filter(|(_, signature)| *signature != text) {
        let forged = format!("{head}.{text}");
        let is_the_same = forged.eq_ignore_ascii_case(&good);
        assert!(is_the_same || read_token(SECRET, &forged, now).is_none(), "{forged:?}");
    }
}

/// Any text is the cursor of a page or none, and a cursor is written as it was read.
///
/// # Panics
///
/// If it does not hold.
pub fn cursor(text: &str) {
    routes::read_cursors_again(text);
}

/// Any parameters of the lists of events are read or refused in words.
///
/// # Panics
///
/// If it does not hold.
pub fn query(text: &str) {
    let Ok(uri) = format!("/?{text}").parse::<Uri>() else { return };
    if let Err(problem) = routes::read_list_parameters(&uri) {
        assert_eq!(problem.into_response().status(), StatusCode::BAD_REQUEST);
    }
}
