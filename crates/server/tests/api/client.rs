//! One request, one connection, one answer: what any client can see of the server.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, HOST, HeaderMap};
use hyper_util::rt::TokioIo;
use scoreline_testkit::contract::{Answered, Contract};
use serde_json::Value;
use tokio::net::TcpStream;

/// The document that the server serves.
pub static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(scoreline_http::openapi_json()));

/// How long one request may take before a test gives up.
const REQUEST_DEADLINE: Duration = Duration::from_secs(60);

/// A request on its way to be sent.
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A body that says how it is encoded.
    pub fn encoded(self, encoding: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header(CONTENT_ENCODING.as_str(), encoding).body(body)
    }

    /// Sends it on a connection of its own and reads the whole answer.
    pub async fn send(self, address: SocketAddr) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        let answer = tokio::time::timeout(REQUEST_DEADLINE, self.exchange(address)).await;
        answer.unwrap_or_else(|_| panic!("{what} had no answer within {REQUEST_DEADLINE:?}"))
    }

    async fn exchange(self, address: SocketAddr) -> Answer {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        let driver = tokio::spawn(connection);
        let mut request = hyper::Request::builder().method(&*self.method).uri(&*self.path);
        request = request.header(HOST, address.to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(self.body))).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, body };
        answer.must_be_described(&self.method, &self.path);
        answer
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Every answer that any test sees must be one that the `OpenAPI` document describes.
    fn must_be_described(&self, method: &str, target: &str) {
        // OPTIONS and HEAD are the protocol's own, and what is compressed is looked at elsewhere.
        if ["OPTIONS", "HEAD"].contains(&method) || self.headers.contains_key(CONTENT_ENCODING) {
            return;
        }
        let path = target.split('?').next().unwrap_or(target).trim_end_matches('/');
        // Pages are for people.
        if path == "/console"
            || ["/console/", "/privacy/"].iter().any(|pages| path.starts_with(pages))
        {
            return;
        }
        let content_type = self.header("content-type");
        let answered =
            Answered { method, path, status: self.status, content_type, body: &self.body };
        if let Err(reason) = CONTRACT.judge(&answered) {
            panic!("{method} {target}: {reason}: {} {}", self.status, self.text());
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// A header's text, empty where the header is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a plain header"))
    }

    /// The problem of an answer that must be one of this status: everything that the contract says
    /// of errors is looked at here.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["success"], false, "{problem}");
        for field in ["type", "title", "detail", "error"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        problem
    }

    /// The problem of an answer that must be a 400 with this short text for older clients.
    #[track_caller]
    pub fn refused(&self, error: &str) -> Value {
        let problem = self.problem(400);
        assert_eq!(problem["error"], error);
        problem
    }
}
