//! Clients that cost more than they are worth, on real sockets: what they get, and what others feel.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use scoreline_server::Patience;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::client::Request;
use crate::test_app::{TestApp, eventually};

/// How long a client waits for something before its test gives up.
const DEADLINE: Duration = Duration::from_secs(20);
const MIB: usize = 1024 * 1024;

/// A connection from another address than that of the other clients.
async fn from_elsewhere(server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 2], 0))).expect("all of 127.0.0.0/8 is ours");
    socket.connect(server).await.expect("a connection")
}

/// All that comes until the server closes the connection.
async fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is cut is closed, too.
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(length: usize, more: &str) -> String {
    format!("POST /api/events HTTP/1.1\r\nHost: game\r\nContent-Length: {length}\r\n{more}\r\n")
}

async fn turned_away(app: &TestApp, reason: &str) {
    let line = format!("scoreline_http_turned_away_total{{reason=\"{reason}\"}} ");
    eventually(reason, async || {
        let metrics = app.send(Request::get("/metrics")).await.text();
        let count = metrics.lines().find_map(|found| found.strip_prefix(&line)).map(str::to_owned);
        if count.as_deref().is_some_and(|count| count != "0") { Ok(()) } else { Err(count) }
    })
    .await;
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

#[tokio::test]
async fn who_proves_nothing_is_told_so_before_anything_of_the_body_is_asked_for() {
    let app = TestApp::with().setting("auth", "player").start().await;
    for more in ["", "Expect: 100-continue\r\n", "Authorization: Bearer v1.00.99.00\r\n"] {
        let mut stream = TcpStream::connect(app.server().address()).await.expect("a connection");
        stream.write_all(head(8 * MIB, more).as_bytes()).await.expect("written");
        let answer = rest_of(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{more}{answer}");
        assert!(!answer.contains("100 Continue"), "{answer}");
    }
}

#[tokio::test]
async fn who_sends_all_of_a_body_before_reading_can_still_read_why_it_was_refused() {
    let app = TestApp::with().setting("auth", "player").start().await;
    let mut stream = TcpStream::connect(app.server().address()).await.expect("a connection");
    stream.write_all(head(MIB / 2, "").as_bytes()).await.expect("written");
    stream.write_all(&vec![b' '; MIB / 2]).await.expect("somebody takes it");
    assert!(rest_of(&mut stream).await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn thousands_of_empty_members_and_bodies_that_grow_too_far_are_refused() {
    let app = TestApp::start().await;
    let members = Request::post("/api/events").encoded("gzip", gzip(b"").repeat(50_000));
    let problem = app.send(members).await.problem(400);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("parts")), "{problem}");
    let bomb = gzip(&vec![b' '; 8 * MIB]);
    let problem = app.send(Request::post("/api/events").encoded("gzip", bomb)).await.problem(413);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("too far")), "{problem}");
    turned_away(&app, "inflates_too_far").await;
    let events: Vec<_> = (0..500).map(|n| app.game("ann", n)).collect();
    let honest = gzip(json!(events).to_string().as_bytes());
    let answer = app.send(Request::post("/api/events").encoded("gzip", honest)).await;
    assert_eq!(answer.expect(200)["accepted"], 500, "what compresses well is no bomb");
}

#[tokio::test]
async fn large_bodies_that_stall_take_no_room_from_other_addresses() {
    let app = TestApp::start().await;
    let address = app.server().address();
    let part = vec![b' '; 4 * MIB + 1];
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut stream = from_elsewhere(address).await;
        stream.write_all(head(8 * MIB, "").as_bytes()).await.expect("written");
        stream.write_all(&part).await.expect("written");
        stalled.push(stream);
    }
    // Each of the eight takes 8 MiB of the 64 MiB of their address as soon as it has arrived.
    let mut more = app.game("ben", 1).to_string();
    more.push_str(&" ".repeat(128 * 1024));
    eventually("one body too many", async || {
        let mut ninth = from_elsewhere(address).await;
        ninth
            .write_all(head(more.len(), "Connection: close\r\n").as_bytes())
            .await
            .expect("written");
        ninth.write_all(more.as_bytes()).await.expect("somebody takes it");
        let answer = rest_of(&mut ninth).await;
        if answer.starts_with("HTTP/1.1 503 ") { Ok(()) } else { Err(answer) }
    })
    .await;
    turned_away(&app, "room_of_address").await;
    let mut large = app.game("ann", 1).to_string();
    large.push_str(&" ".repeat(5 * MIB));
    assert_eq!(app.send(Request::post("/api/events").body(large)).await.expect(200)["accepted"], 1);
}

#[tokio::test]
async fn heads_bodies_and_readers_that_take_too_long_are_cut_off_and_counted() {
    let short = Duration::from_millis(300);
    let patience = Patience { first_head: short, body: short, write: short, ..Patience::default() };
    let app = TestApp::with().patience(patience).start().await;
    let address = app.server().address();

    let mut slow_head = TcpStream::connect(address).await.expect("a connection");
    slow_head.write_all(b"GET /livez HTTP/1.1\r\nHost: ga").await.expect("written");
    assert_eq!(rest_of(&mut slow_head).await, "");
    turned_away(&app, "slow_head").await;

    let mut slow_body = TcpStream::connect(address).await.expect("a connection");
    slow_body.write_all(head(1_000, "").as_bytes()).await.expect("written");
    slow_body.write_all(b"[").await.expect("written");
    let answer = rest_of(&mut slow_body).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("slowly"), "{answer}");
    turned_away(&app, "slow_body").await;

    let mut slow_reader = TcpStream::connect(address).await.expect("a connection");
    // Answers pile up behind a reader that takes none, until no buffer holds more.
    let asking = async {
        while slow_reader
            .write_all(b"GET /api/openapi.json HTTP/1.1\r\nHost: g\r\n\r\n")
            .await
            .is_ok()
        {}
    };
    tokio::time::timeout(DEADLINE, asking).await.expect("it is cut off");
    turned_away(&app, "slow_reader").await;
}

#[tokio::test]
async fn a_head_of_more_than_64_kib_is_refused() {
    let app = TestApp::start().await;
    for (bytes, status) in [(30_000, "200"), (70_000, "431")] {
        let mut stream = TcpStream::connect(app.server().address()).await.expect("a connection");
        let filler = "x".repeat(bytes);
        let head =
            format!("GET /livez HTTP/1.1\r\nHost: g\r\nX-F: {filler}\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = rest_of(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}: {answer}");
    }
}

#[tokio::test]
async fn idle_connections_make_room_for_those_that_ask() {
    let app = TestApp::with().setting("connections_max", "16").start().await;
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(from_elsewhere(app.server().address()).await);
        assert_eq!(app.send(Request::get("/livez")).await.status, 200);
    }
    turned_away(&app, "made_room").await;
    let mut first = idle.swap_remove(0);
    assert_eq!(rest_of(&mut first).await, "", "it rested longest");
}

#[tokio::test]
async fn an_address_that_sends_too_many_bytes_is_told_when_to_come_again() {
    let app = TestApp::with()
        .setting("trusted_proxies", "127.0.0.1")
        .setting("auth", "open")
        .setting("rate_limit", "off")
        .start()
        .await;
    // Blanks alone compress too well to be taken.
    let mut noise: Vec<u8> = Vec::with_capacity(9 * MIB);
    let mut seed = 1_u64;
    while noise.len() < 9 * MIB {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        noise.extend_from_slice(if seed >> 63 == 0 { b" " } else { b"\n" });
        noise.extend_from_slice(&[b' '; 31]);
    }
    noise.extend_from_slice(b"[]");
    let body = gzip(&noise);
    let post_from = async |from: &str| {
        let request = Request::post("/api/events").header("x-forwarded-for", from);
        app.send(request.encoded("gzip", body.clone())).await
    };
    let mut sent = 0;
    let refused = loop {
        let answer = post_from("203.0.113.7").await;
        if answer.status != 200 {
            break answer;
        }
        sent += 1;
    };
    // 128 MiB are fourteen bodies of nine; more is free again by the time that they have been checked.
    assert!((14..60).contains(&sent), "{sent}");
    refused.problem(429);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(post_from("203.0.113.8").await.status, 200, "others have quotas of their own");
    turned_away(&app, "bytes_of_address").await;
}

#[tokio::test]
async fn of_rejected_events_little_is_kept_however_many_and_long_they_are() {
    let app = TestApp::start().await;
    let long =
        json!({ "event_type": "unheard_of", "user_id": "ann", "filler": "x".repeat(20_000) });
    let events: Vec<_> = (0..400).map(|_| &long).collect();
    app.post_events(&json!(events)).await;
    let page = app.operator_get("/api/events/quarantine?limit=1000&raw=true").await;
    let kept = page["events"].as_array().expect("a list");
    assert_eq!(kept.len(), 400, "each is an entry");
    for entry in kept {
        let text = entry["event"].as_str().expect("a text");
        assert!(text.contains("cut from 20"), "{text}");
    }
    let requeued = app.operate("/api/events/requeue-quarantined", &json!({})).await.expect(200);
    assert_eq!(requeued["accepted"], 0, "what was cut stays as it is: {requeued}");
    assert_eq!(app.quarantine().await[0]["code"], "unknown_event_type");
}
