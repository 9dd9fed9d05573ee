//! The body of a request: received, decompressed, and never more of it in memory than there is room for.
//!
//! A few compressed bytes must not become gigabytes, and neither must the bodies of a thousand senders
//! that are each within the limit. Bodies of ordinary size take no room, so whoever fills it up with
//! large ones keeps out nobody but other senders of large ones.

use std::error::Error;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use scoreline_core::limits::{BODIES_BYTES_MAX, BODY_BYTES_ORDINARY};

use crate::problem::{Problem, Slug};

/// How much of bodies may come into memory: of one, and of all large ones together.
pub(crate) struct Bodies {
    /// Bytes of one body after decompression.
    bytes_max: usize,
    /// Bytes of large bodies that may still come into memory.
    left: AtomicUsize,
}

/// Room that is free again when this is dropped.
struct Taken {
    bodies: Arc<Bodies>,
    bytes: usize,
}

impl Bodies {
    /// Bodies of at most `bytes_max` bytes. The largest one always has room, received and
    /// decompressed, if no other large one is under way.
    pub fn new(bytes_max: usize) -> Self {
        // What is received is kept in steps of up to twice its size.
        let bytes = BODIES_BYTES_MAX.max(bytes_max.saturating_mul(3));
        Self { bytes_max, left: AtomicUsize::new(bytes) }
    }

    fn take_nothing(self: &Arc<Self>) -> Taken {
        Taken { bodies: Arc::clone(self), bytes: 0 }
    }
}

impl Taken {
    /// Takes room until it is that of `bytes` bytes. Bodies of ordinary size need none.
    fn reach(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes <= self.bytes || bytes <= BODY_BYTES_ORDINARY {
            return Ok(());
        }
        let less = |left: usize| left.checked_sub(bytes - self.bytes);
        self.bodies.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).map_err(|_| {
            let detail = "too many large bodies are on their way; send smaller batches";
            Problem::new(Slug::Unavailable, detail)
        })?;
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.bodies.left.fetch_add(self.bytes, Ordering::AcqRel);
    }
}

/// The bytes of a request's body, decompressed.
pub(crate) struct Received {
    bytes: Bytes,
    /// Given back when the request is answered.
    _room: Taken,
}

impl std::ops::Deref for Received {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<S> FromRequest<S> for Received
where
    Arc<Bodies>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bodies = Arc::<Bodies>::from_ref(state);
        let max = bodies.bytes_max;
        let (parts, mut body) = request.into_parts();
        let mut room = bodies.take_nothing();
        let mut received = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| not_whole(&error))?;
            let Ok(data) = frame.into_data() else { continue };
            let length = received.len() + data.len();
            if length > max {
                return Err(too_many_bytes(max));
            }
            room.reach(length.next_power_of_two())?;
            received.extend_from_slice(&data);
        }
        let received = Bytes::from(received);
        let Some(inflated) = inflated(&parts.headers, &received, max)? else {
            return Ok(Self { bytes: received, _room: room });
        };
        room.reach(room.bytes + inflated.len())?;
        Ok(Self { bytes: inflated, _room: room })
    }
}

/// What a compressed body holds; `None` where it is not compressed.
fn inflated(headers: &HeaderMap, body: &Bytes, max: usize) -> Result<Option<Bytes>, Problem> {
    let named = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let encoding = named.unwrap_or_default().trim().to_ascii_lowercase();
    // Some clients' libraries name an encoding even where there is nothing to encode.
    if body.is_empty() {
        return Ok(None);
    }
    let reader: Box<dyn Read> = match &*encoding {
        "" | "identity" => return Ok(None),
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(&**body)),
        "zstd" => {
            Box::new(zstd::Decoder::new(&**body).map_err(|error| not_inflated("zstd", &error))?)
        }
        other => {
            let detail = format!("the body's encoding is {other:?}; gzip and zstd are understood");
            return Err(Problem::new(Slug::UnsupportedEncoding, detail));
        }
    };
    let mut text = Vec::new();
    reader
        .take(max as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|error| not_inflated(&encoding, &error))?;
    if text.len() > max { Err(too_many_bytes(max)) } else { Ok(Some(text.into())) }
}

fn not_whole(error: &axum::Error) -> Problem {
    let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Problem::invalid_json(format!("the body did not arrive whole: {reason}"))
}

fn too_many_bytes(max: usize) -> Problem {
    Problem::new(Slug::TooLarge, format!("the body has more than {max} bytes (body_bytes_max)"))
}

fn not_inflated(encoding: &str, error: &std::io::Error) -> Problem {
    Problem::invalid_json(format!("the body is not valid {encoding}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_that_was_taken_comes_back_however_a_request_ends() {
        let bodies = Arc::new(Bodies::new(1));
        let (mut first, mut second) = (bodies.take_nothing(), bodies.take_nothing());
        first.reach(BODIES_BYTES_MAX - 2 * BODY_BYTES_ORDINARY).expect("there is room");
        second.reach(2 * BODY_BYTES_ORDINARY).expect("there is room for the rest");
        second.reach(2 * BODY_BYTES_ORDINARY + 1).expect_err("and no more");
        bodies.take_nothing().reach(BODY_BYTES_ORDINARY).expect("ordinary bodies never ask");
        drop((first, second));
        bodies.take_nothing().reach(BODIES_BYTES_MAX).expect("all of it is free again");
    }

    #[test]
    fn the_largest_body_always_has_room_for_itself_and_what_it_inflates_to() {
        let max = BODIES_BYTES_MAX - 1;
        let mut room = Arc::new(Bodies::new(max)).take_nothing();
        room.reach(max.next_power_of_two()).expect("received");
        room.reach(room.bytes + max).expect("inflated");
    }
}
