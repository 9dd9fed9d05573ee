//! Answers that a CDN may keep for a moment, with a tag of their content.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::auth::token::hex;
use crate::problem::Problem;

/// Seconds that a CDN may keep an answer.
pub(crate) const CACHE_SECONDS: u32 = 1;

/// An answer that may be kept; 304 where the client has it already.
pub(crate) fn cached(headers: &HeaderMap, content: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(content).map_err(|error| Problem::broken(&error))?;
    let digest = Sha256::digest(text.as_bytes());
    let tag = format!("\"{}\"", hex(&digest[..8]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let keep = format!("public, max-age={CACHE_SECONDS}");
    let head = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, keep)];
    // A cache that compresses an answer makes its tag a weak one.
    let is_it = |one: &str| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag;
    if known.is_some_and(|known| known.split(',').map(str::trim).any(is_it)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}
