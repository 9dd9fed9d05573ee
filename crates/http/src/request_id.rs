//! The id of a request: what the log lines of it carry and its answer says, so that a player's ticket leads
//! to the log.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an id that a client or a proxy gives.
const CHARS_MAX: usize = 64;

/// Another secret in every process, so that ids of two nodes differ.
static SECRET: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The id that a request brings along, if it is a plain word, or a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> HeaderValue {
    match headers.get(REQUEST_ID).filter(|id| is_plain(id)) {
        Some(id) => id.clone(),
        None => new_id(),
    }
}

/// Nothing that steers a terminal, breaks a line or fills the log.
fn is_plain(id: &HeaderValue) -> bool {
    let letters = id.as_bytes();
    let fits = |letter: &u8| letter.is_ascii_alphanumeric() || b"-_.".contains(letter);
    (1..=CHARS_MAX).contains(&letters.len()) && letters.iter().all(fits)
}

fn new_id() -> HeaderValue {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = format!("{:016x}", SECRET.hash_one(number));
    HeaderValue::from_str(&text).expect("hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_proxy_is_kept_if_it_is_a_plain_word() {
        let id = |text: &'static str| {
            request_id(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(text))]))
        };
        assert_eq!(id("4bf92f35-77b3.4da6_a3ce"), "4bf92f35-77b3.4da6_a3ce");
        for wrong in ["", "a b", "a\u{1b}[31m", "\"}{\"", &*"x".repeat(65).leak()] {
            let Ok(value) = HeaderValue::from_str(wrong) else { continue };
            let made = request_id(&HeaderMap::from_iter([(REQUEST_ID, value.clone())]));
            assert!(made != value && made.len() == 16, "{wrong:?}");
        }
    }

    #[test]
    fn every_request_has_an_id_of_its_own() {
        let ids: std::collections::BTreeSet<_> =
            (0..1_000).map(|_| new_id().as_bytes().to_vec()).collect();
        assert_eq!(ids.len(), 1_000);
    }
}
