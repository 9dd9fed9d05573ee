//! A server with the sample game, on a free port, with a folder of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, HOST};
use hyper_util::rt::TokioIo;
use scoreline_core::game::SAMPLE;
use scoreline_core::time::Clock;
use scoreline_server::{Config, Server, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::browser::Browser;

pub const ADMIN_TOKEN: &str = "the-admin-token-of-the-tests";

/// A running server.
pub struct Site {
    server: Server,
    folder: TempDir,
}

impl Site {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
        std::fs::write(path("game.toml"), SAMPLE).expect("the definition is written");
        let settings = [
            ("port", "0".to_owned()),
            ("admin_token", ADMIN_TOKEN.to_owned()),
            ("data_dir", path("data")),
            ("game", path("game.toml")),
        ];
        let settings: BTreeMap<String, String> =
            settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        std::fs::write(path("scoreline.toml"), "").expect("the settings are written");
        let file = folder.path().join("scoreline.toml");
        let config =
            Config::read(&settings, &BTreeMap::new(), &file, true).expect("the settings are valid");
        let server = Server::start(&config, Arc::new(SystemClock)).await.expect("it starts");
        Self { server, folder }
    }

    /// Where a page is.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// The link that signs in once.
    pub fn link(&self) -> String {
        self.server.console_link()
    }

    /// Adds to the definition file; nothing happens before a reload.
    pub fn adds_to_game(&self, text: &str) {
        let path = self.folder.path().join("game.toml");
        std::fs::write(path, format!("{SAMPLE}\n{text}")).expect("it is written");
    }

    /// Posts with the admin token; the answer must be 200.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let address = self.server.address();
        let stream = TcpStream::connect(address).await.expect("a connection");
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        let driving = tokio::spawn(connection);
        let request = hyper::Request::post(path)
            .header(HOST, address.to_string())
            .header(AUTHORIZATION, format!("Bearer {ADMIN_TOKEN}"))
            .body(Full::new(Bytes::from(body.to_string())))
            .expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driving.abort();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    /// Stops it in order.
    pub async fn stops(self) {
        let start = tokio::time::Instant::now();
        assert!(self.server.shutdown().await, "everything came to rest");
        assert!(start.elapsed() < Duration::from_secs(15), "a live page holds nothing up");
    }
}

/// An endless game that ended just now.
pub fn game(player: &str, score: i64) -> Value {
    let now = SystemClock.now();
    json!({
        "event_type": "game_ended", "user_id": player, "event_id": fresh_id(),
        "timestamp": now.to_string(), "app_version": "1.0.0", "platform": "ios",
        "game_mode": "endless", "score": score, "duration_seconds": 60 + score.abs() / 20,
        "obstacles_dodged": 4, "coins_collected": 3, "gems_collected": 1,
        "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 2,
    })
}

/// Events of a type that the sample game does not have.
pub fn boss(player: &str) -> Value {
    json!({
        "event_type": "boss_defeated", "user_id": player, "event_id": fresh_id(),
        "timestamp": SystemClock.now().to_string(), "app_version": "2.9.0",
        "platform": "ios", "boss": "kraken", "seconds": 74.5,
    })
}

#[expect(clippy::disallowed_methods, reason = "events of these tests need ids of their own")]
fn fresh_id() -> Uuid {
    Uuid::new_v4()
}

/// A browser in which an operator signed in.
pub async fn signed_in(site: &Site) -> Browser {
    let browser = Browser::start().await;
    browser.opens(&site.at("/console")).await;
    browser.reads("Sign in to Sample Flight").await;
    browser.types("#key", &format!("{ADMIN_TOKEN}\n")).await;
    browser.sees("the overview", "!!document.getElementById('sentence')").await;
    browser
}
