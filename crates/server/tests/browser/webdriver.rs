//! The `WebDriver` protocol, as far as these tests need it: JSON over HTTP to a chromedriver of their own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long one command may take before a test gives up.
const COMMAND_DEADLINE: Duration = Duration::from_secs(120);
/// How long the driver may take to start.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// How long the driver may take to end with its browser.
const END_DEADLINE: Duration = Duration::from_secs(30);

/// A chromedriver that ends with the test, and its browser with it.
pub struct Driver {
    process: Child,
    address: SocketAddr,
    /// What the browser writes.
    folder: TempDir,
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
        let folder = tempfile::tempdir().expect("a temporary folder");
        let driver = Self { process, address, folder };
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

impl Driver {
    /// What tells its browser from others.
    pub fn mark(&self) -> String {
        format!("--user-data-dir={}", self.folder.path().display())
    }

    /// Ends the browser, and then the driver. Who is killed leaves its browser behind.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = std::net::TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(END_DEADLINE))?;
        let head = format!("GET /shutdown HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes())?;
        // Closed when it is gone.
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            eprintln!("chromedriver does not end by itself: {error}");
        }
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// What a new browser is asked for. `mark` is that of its driver.
pub fn capabilities(mark: &str) -> Value {
    let arguments = [
        mark,
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
