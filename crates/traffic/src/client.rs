//! A lean HTTP/1.1 client: one connection that is kept open, and made anew after it broke.
//!
//! It shares its processors with the server that it measures, so a request costs one write and an
//! answer mostly one read. A request is never repeated automatically once any of it may have been
//! sent; its sender decides. How an answer is framed is read in `wire`.

mod wire;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use scoreline_core::error::ErrorKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use wire::Wire;

/// How long a request may take in all before its connection is given up.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is not one of a server.
    #[error("{0:?} is not an address such as http://127.0.0.1:8080")]
    Address(String),
    /// The server cannot be reached.
    #[error("no connection to {address}: {source}")]
    Connect {
        /// Where it should be.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] std::io::Error),
    /// What came was not HTTP.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(&'static str),
    /// The path or the token cannot be sent.
    #[error("{0} cannot be sent: it has characters that HTTP does not allow there")]
    Request(&'static str),
    /// There was no answer in time.
    #[error("no answer within {} s", REQUEST_TIMEOUT.as_secs())]
    Timeout,
    /// The answer is not the JSON that was expected.
    #[error("an answer that was not expected: {0}")]
    Json(#[from] serde_json::Error),
}

impl ClientError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Address(_) | Self::Request(_) => ErrorKind::Invalid,
            Self::Connect { .. } | Self::Timeout => ErrorKind::Busy,
            Self::Broken(_) | Self::NotHttp(_) | Self::Json(_) => ErrorKind::Broken,
        }
    }
}

/// A server, and how to speak to it.
#[derive(Clone)]
pub struct Target {
    /// Host and port.
    authority: String,
    token: Option<String>,
}

impl fmt::Debug for Target {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Target {
    /// Reads `http://host:port`, with or without the scheme. TLS is not spoken.
    pub fn parse(address: &str) -> Result<Self, ClientError> {
        let bad = || ClientError::Address(address.to_owned());
        let authority = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let authority = match port {
            Some(_) => authority.to_owned(),
            None if authority.contains([':', '/']) || authority.is_empty() => return Err(bad()),
            None => format!("{authority}:80"),
        };
        if !is_one_word(&authority) {
            return Err(bad());
        }
        Ok(Self { authority, token: None })
    }

    /// The same at another address, with the same token.
    pub fn at(self, address: &str) -> Result<Self, ClientError> {
        Ok(Self { token: self.token, ..Self::parse(address)? })
    }

    /// Sends this token with every request.
    pub fn with_token(mut self, token: &str) -> Result<Self, ClientError> {
        // Operators choose it, and may choose several words.
        if token.is_empty() || !token.split(' ').all(|word| word.is_empty() || is_one_word(word)) {
            return Err(ClientError::Request("the token"));
        }
        self.token = Some(token.to_owned());
        Ok(self)
    }
}

/// Whether a text can stand in the head of a request without being taken apart.
fn is_one_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How many seconds the server wants to be left alone.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Whether the request succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// One connection to a server. Requests go one after the other.
#[derive(Debug)]
pub struct Connection {
    target: Target,
    wire: Option<Wire>,
    /// Where a request is put together; its memory is used again for the next.
    request: Vec<u8>,
}

impl Connection {
    /// A connection that is opened with the first request.
    pub fn new(target: Target) -> Self {
        Self { target, wire: None, request: Vec::new() }
    }

    /// Opens the connection, so that the first request does not have to.
    pub async fn open(&mut self) -> Result<(), ClientError> {
        self.wire().await.map(drop)
    }

    /// Asks for `path`, query included.
    pub async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        self.send("GET", path, None).await
    }

    /// Sends events: a body as a device would send it.
    pub async fn post_events(&mut self, body: Bytes) -> Result<Answer, ClientError> {
        self.post(EVENTS_PATH, body).await
    }

    /// Sends a body of JSON.
    pub async fn post(&mut self, path: &str, body: Bytes) -> Result<Answer, ClientError> {
        self.send("POST", path, Some(body)).await
    }

    /// Sends a value as JSON.
    pub async fn post_json(
        &mut self,
        path: &str,
        value: &(impl Serialize + Sync),
    ) -> Result<Answer, ClientError> {
        let body = serde_json::to_vec(value)?;
        self.post(path, body.into()).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer, ClientError> {
        self.write_down(method, path, body.as_deref())?;
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, self.exchange()).await;
        let answer = answer.unwrap_or(Err(ClientError::Timeout));
        if answer.is_err() {
            // Whatever still comes on this connection belongs to no later request.
            self.wire = None;
        }
        answer
    }

    /// Puts the request together, head and body, so that it leaves in one piece.
    fn write_down(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<(), ClientError> {
        if !is_one_word(path) {
            return Err(ClientError::Request("the path"));
        }
        let Target { authority, token } = &self.target;
        let request = &mut self.request;
        request.clear();
        for part in [method, " ", path, " HTTP/1.1\r\nhost: ", authority, "\r\n"] {
            request.extend_from_slice(part.as_bytes());
        }
        if let Some(token) = token {
            for part in ["authorization: Bearer ", token, "\r\n"] {
                request.extend_from_slice(part.as_bytes());
            }
        }
        if let Some(body) = body {
            let length = body.len();
            let head = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
            request.extend_from_slice(head.as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body.unwrap_or_default());
        Ok(())
    }

    async fn exchange(&mut self) -> Result<Answer, ClientError> {
        self.wire().await?;
        let wire = self.wire.as_mut().expect("it was just opened");
        wire.stream.write_all(&self.request).await?;
        let (answer, stays_open) = wire.answer().await?;
        if !stays_open {
            self.wire = None;
        }
        Ok(answer)
    }

    /// The open connection. One that the server closed since the last answer is made anew.
    async fn wire(&mut self) -> Result<&mut Wire, ClientError> {
        if self.wire.as_ref().is_some_and(|wire| !wire.is_quiet()) {
            self.wire = None;
        }
        if self.wire.is_none() {
            self.wire = Some(self.connect().await?);
        }
        Ok(self.wire.as_mut().expect("it was just put there"))
    }

    async fn connect(&self) -> Result<Wire, ClientError> {
        let address = &self.target.authority;
        let failed = |source| ClientError::Connect { address: address.clone(), source };
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Wire::new(stream))
    }
}

/// Where events go.
pub const EVENTS_PATH: &str = "/api/events";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_with_and_without_scheme_and_port() {
        for (address, authority) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("127.0.0.1:8080/", "127.0.0.1:8080"),
            ("http://game.example", "game.example:80"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(Target::parse(address).expect("an address").authority, authority);
        }
        for address in ["", "https://game.example", "game:port", "http://"] {
            assert!(Target::parse(address).is_err(), "{address}");
        }
    }

    #[tokio::test]
    async fn nothing_can_be_smuggled_into_a_head() {
        let target = Target::parse("127.0.0.1:1").expect("an address");
        for token in ["", "two\r\nlines", "caf\u{e9}", "\t"] {
            assert!(target.clone().with_token(token).is_err(), "{token:?}");
        }
        let target = target.with_token("of several words").expect("a token");
        assert!(!format!("{target:?}").contains("several"), "a token is not shown");
        let mut connection = Connection::new(target);
        for path in ["", "/two words", "/two\r\nlines"] {
            let error = connection.get(path).await.expect_err("not sent");
            assert_eq!(error.kind(), ErrorKind::Invalid, "{path:?}");
        }
    }
}
