//! Traces, of a program that was built with them: what a collector hears of a request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::{Server, game_ended, scoreline, wait_for};

/// A collector that keeps what it was sent, as text: the strings of a span are bytes of their own in it.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<String>>>);

impl Collector {
    /// Starts one, and answers its address.
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let collector = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let collector = collector.clone();
                std::thread::spawn(move || collector.hear(&stream));
            }
        });
        format!("http://{address}")
    }

    /// Answers the requests of a connection until it ends.
    fn hear(&self, mut stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                if line.trim().is_empty() {
                    break;
                }
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().expect("a number");
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a whole body");
            let text = String::from_utf8_lossy(&body);
            self.0.lock().expect("nobody panicked").push(format!("{head}{text}"));
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it is read");
        }
    }

    fn heard(&self) -> String {
        self.0.lock().expect("nobody panicked").join("\n")
    }
}

#[test]
fn a_collector_hears_of_each_request_with_its_id_route_and_status() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let collector = Collector::default();
    let mut command = scoreline(folder.path());
    command.args(["serve", "--port", "0"]).env("RUST_LOG", "info");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.start());
    let server = Server::started(folder.path(), command);
    let (status, answer) =
        server.post("/api/events", &json!([game_ended("ann", 900)])).expect("an answer");
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)), "{answer}");
    let asked = ureq::get(format!("{}/api/v2/leaderboard/global", server.base))
        .header("x-request-id", "a-word-of-the-proxy")
        .call();
    assert_eq!(asked.expect("an answer").status(), 200);
    // What waits goes out when it stops.
    server.signal("TERM");
    assert!(server.wait().success());
    let heard = wait_for("the spans", || {
        let heard = collector.heard();
        heard.contains("a-word-of-the-proxy").then_some(heard)
    });
    for part in [
        "POST /v1/traces ",
        "scoreline",
        "/api/events",
        "/api/v2/leaderboard/global",
        "http.route",
        "request.id",
        "http.status",
    ] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
    assert!(!heard.contains(&server_token(folder.path())), "no secret leaves");
}

fn server_token(folder: &std::path::Path) -> String {
    let token = std::fs::read_to_string(folder.join("data/admin_token")).expect("it is there");
    token.trim().to_owned()
}
