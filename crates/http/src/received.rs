//! The body of a request: received, decompressed, and never more of it in memory than there is room for.
//!
//! A few compressed bytes must not become gigabytes, and neither must the bodies of a thousand senders
//! that are each within the limit. Bodies of ordinary size take no room. Large ones share it, and one
//! address has a part of it only, so whoever fills that up keeps out nobody but themselves. A body must
//! arrive within a time that grows with what has arrived: a byte every few seconds is no progress.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRef, FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use scoreline_core::limits::{BODY_BYTES_ORDINARY, WORK_BYTES_INLINE_MAX};
use tokio::time::Instant;

use crate::auth::Caller;
use crate::connections::{Connection, Patience};
use crate::deadline::Deadline;
use crate::heavy::Heavy;
use crate::inflate::{Encoding, NotInflated};
use crate::limits::RateLimits;
use crate::problem::{Problem, Slug};
use crate::room::{NoRoom, Room, Taken};
use crate::turned_away::{Reason, TurnedAway};

/// How bodies come into memory: of what size, in what time, and how much of all of them.
pub(crate) struct Bodies {
    /// Bytes of one body after decompression.
    bytes_max: usize,
    room: Arc<Room>,
    heavy: Heavy,
    patience: Patience,
    limits: Arc<RateLimits>,
    turned_away: Arc<TurnedAway>,
}

/// The bytes of a request's body, decompressed.
pub(crate) struct Received {
    bytes: Bytes,
    from: Option<IpAddr>,
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
        let bytes_max = bodies.bytes_max;
        bodies.receive(request, bytes_max).await
    }
}

impl Bodies {
    /// Bodies of at most `bytes_max` bytes.
    pub fn new(
        bytes_max: usize,
        patience: Patience,
        limits: Arc<RateLimits>,
        turned_away: Arc<TurnedAway>,
    ) -> Self {
        let (room, heavy) = (Arc::new(Room::new(bytes_max)), Heavy::new());
        Self { bytes_max, room, heavy, patience, limits, turned_away }
    }

    /// Receives a body of at most `bytes_max` bytes, or of what the settings allow if that is less.
    pub async fn receive(&self, request: Request, bytes_max: usize) -> Result<Received, Problem> {
        let (parts, body) = request.into_parts();
        let limit = Limit { bytes: bytes_max.min(self.bytes_max), of: self.bytes_max };
        let from = self.sender(&parts);
        Deadline::suspend(&parts.extensions);
        let mut room = self.room.of(from);
        let received = self.arrive(body, limit, &mut room).await?;
        if let Some(connection) = parts.extensions.get::<Arc<Connection>>() {
            connection.body_is_whole();
        }
        Deadline::begin(&parts.extensions);
        let bytes = match encoding(&parts.headers, &received)? {
            None => received,
            Some(encoding) => {
                let inflated = self.inflate(encoding, received, limit, from).await?;
                self.reach(&mut room, inflated.len(), true)?;
                inflated.into()
            }
        };
        self.count(parts.extensions.get::<Caller>(), from, bytes.len())?;
        Ok(Received { bytes, from, _room: room })
    }

    /// Counts the bytes of a body against the limits of who sent it.
    fn count(
        &self,
        caller: Option<&Caller>,
        from: Option<IpAddr>,
        bytes: usize,
    ) -> Result<(), Problem> {
        if let Some(key) = caller.and_then(|caller| caller.key.as_deref()) {
            return self.limits.bytes_of_key(key, bytes).inspect_err(|_| {
                self.turned_away.note(Reason::BytesOfKey, from);
            });
        }
        self.limits.bytes(from, bytes).inspect_err(|_| {
            self.turned_away.note(Reason::BytesOfAddress, from);
        })?;
        let Some(player) = caller.and_then(|caller| caller.speaker.only()) else { return Ok(()) };
        self.limits.bytes_of_players(&[(player, bytes)]).inspect_err(|_| {
            self.turned_away.note(Reason::BytesOfPlayer, from);
        })
    }

    /// Does what takes as long as `received` is large: at once if it is small, and beside the threads
    /// that serve requests if it is not.
    pub async fn work_on<T: Send + 'static>(
        &self,
        received: Received,
        work: impl FnOnce(&[u8]) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        if received.len() <= WORK_BYTES_INLINE_MAX {
            return Ok(work(&received));
        }
        let from = received.from;
        self.beside(from, move || work(&received)).await
    }

    async fn beside<T: Send + 'static>(
        &self,
        from: Option<IpAddr>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.heavy.run(from, work).await.map_err(|_| {
            self.turned_away.note(Reason::WorkOfAddress, from);
            let detail = "too many large bodies of this address wait for their turn";
            Problem::new(Slug::Unavailable, detail)
        })
    }

    fn sender(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
        self.limits.household(peer, &parts.headers)
    }

    /// Takes what arrives until it is whole.
    async fn arrive(
        &self,
        mut body: axum::body::Body,
        limit: Limit,
        room: &mut Taken,
    ) -> Result<Bytes, Problem> {
        let mut received = Vec::new();
        let started = Instant::now();
        loop {
            let in_all = started + Patience::for_bytes(self.patience.body, received.len());
            let next = in_all.min(Instant::now() + self.patience.silence);
            let frame = match tokio::time::timeout_at(next, body.frame()).await {
                Ok(None) => return Ok(received.into()),
                Ok(Some(frame)) => frame.map_err(|error| not_whole(&reason(&error)))?,
                Err(_) => {
                    self.turned_away.note(Reason::SlowBody, room.from());
                    return Err(not_whole("it came too slowly"));
                }
            };
            let Ok(data) = frame.into_data() else { continue };
            let length = received.len() + data.len();
            if length > limit.bytes {
                return Err(limit.exceeded());
            }
            // What is received is kept in steps of up to twice its size.
            self.reach(room, length.next_power_of_two(), false)?;
            received.extend_from_slice(&data);
        }
    }

    /// Takes room for `bytes` bytes, `more` than there is room for already or in all.
    fn reach(&self, room: &mut Taken, bytes: usize, more: bool) -> Result<(), Problem> {
        let bytes = if more { room.bytes() + bytes } else { bytes };
        room.reach(bytes).map_err(|no_room| {
            let (reason, whose) = match no_room {
                NoRoom::InAll => (Reason::RoomInAll, ""),
                NoRoom::OfAddress => (Reason::RoomOfAddress, " from this address"),
            };
            self.turned_away.note(reason, room.from());
            let detail =
                format!("too many large bodies are on their way{whose}; send smaller ones");
            Problem::new(Slug::Unavailable, detail)
        })
    }

    async fn inflate(
        &self,
        encoding: Encoding,
        body: Bytes,
        limit: Limit,
        from: Option<IpAddr>,
    ) -> Result<Vec<u8>, Problem> {
        let allowed = Encoding::allowed(body.len(), limit.bytes);
        let is_ordinary = body.len() <= BODY_BYTES_ORDINARY;
        if is_ordinary {
            // Most bodies are done with in less time than handing them over takes.
            let most = allowed.min(WORK_BYTES_INLINE_MAX);
            match encoding.inflate(&body, most) {
                Err(NotInflated::TooManyBytes(_)) if most < allowed => {}
                inflated => {
                    return inflated.map_err(|error| self.problem(encoding, error, limit, from));
                }
            }
        }
        let inflated = self.beside(from, move || encoding.inflate(&body, allowed)).await?;
        inflated.map_err(|error| self.problem(encoding, error, limit, from))
    }

    fn problem(
        &self,
        encoding: Encoding,
        error: NotInflated,
        limit: Limit,
        from: Option<IpAddr>,
    ) -> Problem {
        let name = encoding.as_str();
        match error {
            NotInflated::Broken(error) => {
                Problem::invalid_json(format!("the body is not valid {name}: {error}"))
            }
            NotInflated::TooManyParts => {
                self.turned_away.note(Reason::InflatesTooFar, from);
                Problem::invalid_json(format!("the body is made of too many parts of {name}"))
            }
            NotInflated::TooManyBytes(allowed) => {
                self.turned_away.note(Reason::InflatesTooFar, from);
                if allowed == limit.bytes {
                    return limit.exceeded();
                }
                let detail = format!(
                    "the body inflates to more than {allowed} bytes, which is too far for its size; {}",
                    limit.words()
                );
                Problem::new(Slug::TooLarge, detail)
            }
        }
    }
}

/// How many bytes a body may have, and how many any may.
#[derive(Debug, Clone, Copy)]
struct Limit {
    bytes: usize,
    of: usize,
}

impl Limit {
    fn words(self) -> String {
        let setting = if self.bytes == self.of { " (body_bytes_max)" } else { "" };
        format!("at most {} bytes are taken{setting}", self.bytes)
    }

    fn exceeded(self) -> Problem {
        Problem::new(Slug::TooLarge, format!("the body is too large: {}", self.words()))
    }
}

/// How a body is encoded; `None` where it is not.
fn encoding(headers: &HeaderMap, body: &Bytes) -> Result<Option<Encoding>, Problem> {
    let named = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let named = named.unwrap_or_default().trim().to_ascii_lowercase();
    // Some clients' libraries name an encoding even where there is nothing to encode.
    if body.is_empty() {
        return Ok(None);
    }
    match &*named {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => Ok(Some(Encoding::Gzip)),
        "zstd" => Ok(Some(Encoding::Zstd)),
        other => {
            let detail = format!("the body's encoding is {other:?}; gzip and zstd are understood");
            Err(Problem::new(Slug::UnsupportedEncoding, detail))
        }
    }
}

fn reason(error: &axum::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

fn not_whole(reason: &str) -> Problem {
    Problem::invalid_json(format!("the body did not arrive whole: {reason}"))
}
