//! A lean HTTP/1.1 client: one connection that is kept open, and made anew after it broke.
//!
//! A request is never repeated by itself once any of it may have been sent; who sent it decides.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use scoreline_core::error::ErrorKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

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
    /// The connection broke, or what came was not HTTP.
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    /// The path or a header cannot be sent.
    #[error("the request cannot be sent: {0}")]
    Request(#[from] hyper::http::Error),
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
            Self::Broken(_) | Self::Json(_) => ErrorKind::Broken,
        }
    }
}

/// A server, and how to speak to it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Host and port.
    authority: String,
    host: HeaderValue,
    authorization: Option<HeaderValue>,
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
        let host = HeaderValue::from_str(&authority).map_err(|_| bad())?;
        Ok(Self { authority, host, authorization: None })
    }

    /// Sends this token with every request.
    pub fn with_token(mut self, token: &str) -> Result<Self, ClientError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|error| ClientError::Request(error.into()))?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        Ok(self)
    }
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
    /// Whether the request did what it should.
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
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// A connection that is opened with the first request.
    pub fn new(target: Target) -> Self {
        Self { target, sender: None }
    }

    /// Opens the connection, so that the first request does not have to.
    pub async fn open(&mut self) -> Result<(), ClientError> {
        self.sender().await.map(drop)
    }

    /// Asks for `path`, query included.
    pub async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends events: a body as a device would send it.
    pub async fn post_events(&mut self, body: Bytes) -> Result<Answer, ClientError> {
        self.post(EVENTS_PATH, body).await
    }

    /// Sends a body of JSON.
    pub async fn post(&mut self, path: &str, body: Bytes) -> Result<Answer, ClientError> {
        self.send(Method::POST, path, body).await
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
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, self.exchange(method, path, body)).await;
        let answer = answer.unwrap_or(Err(ClientError::Timeout));
        if answer.is_err() {
            // Whatever still comes on this connection belongs to no later request.
            self.sender = None;
        }
        answer
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let has_body = method == Method::POST;
        let mut request = Request::builder().method(method).uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.insert(HOST, self.target.host.clone());
            if has_body {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            if let Some(token) = &self.target.authorization {
                headers.insert(AUTHORIZATION, token.clone());
            }
        }
        let request = request.body(Full::new(body))?;
        let answer = self.sender().await?.send_request(request).await?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(hyper::header::RETRY_AFTER);
        let retry_after_s = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, retry_after_s, body })
    }

    /// The open connection. One that the server closed since the last answer is made anew.
    async fn sender(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, ClientError> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            self.sender = None;
        }
        if self.sender.is_none() {
            self.sender = Some(self.connect().await?);
        }
        Ok(self.sender.as_mut().expect("it was just put there"))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let address = &self.target.authority;
        let failed = |source| ClientError::Connect { address: address.clone(), source };
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the sender or with the server; either way the next request finds out.
        tokio::spawn(connection);
        sender.ready().await?;
        Ok(sender)
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
}
