//! The `WebDriver` protocol, as far as these tests need it: JSON over HTTP to a chromedriver of their own.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long one command may take before a test gives up.
const COMMAND_DEADLINE: Duration = Duration::from_secs(120);
/// How long the driver may take to start.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// A chromedriver that ends with the test.
pub struct Driver {
    process: Child,
    address: SocketAddr,
}

impl Driver {
    /// Starts one on a free port. A browser that is not installed fails the test: scripts/test installs it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let process = Command::new("chromedriver")
            .arg(format!("--port={}", address.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts (Debian's packages chromium and chromium-driver)");
        let driver = Self { process, address };
        let start = Instant::now();
        while driver.command("GET", "/status", None).await.is_err() {
            assert!(start.elapsed() < START_DEADLINE, "chromedriver takes commands");
            tokio::task::yield_now().await;
        }
        driver
    }

    /// One command; answers its value, or what the driver says went wrong.
    pub async fn command(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let exchange = self.exchange(method, path, body);
        let answer = tokio::time::timeout(COMMAND_DEADLINE, exchange).await;
        let (is_done, value) = answer.map_err(|_| format!("{path} took too long"))??;
        if is_done { Ok(value) } else { Err(value.to_string()) }
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(bool, Value), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let stream = TcpStream::connect(self.address).await.map_err(|error| text(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
        let driving = tokio::spawn(connection);
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.address.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| text(&error))?;
        let response = sender.send_request(request).await.map_err(|error| text(&error))?;
        let is_done = response.status().is_success();
        let body = response.into_body().collect().await.map_err(|error| text(&error))?.to_bytes();
        driving.abort();
        let mut answer: Value = serde_json::from_slice(&body).map_err(|error| text(&error))?;
        Ok((is_done, answer["value"].take()))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser is its child and goes with it.
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// What a new browser is asked for.
pub fn capabilities() -> Value {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
    ];
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments },
    }}})
}
