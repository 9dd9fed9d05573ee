//! What honest players feel while a stranger attacks: a measurement, with the bounds of docs/security.md.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::support::{DEADLINE, Server, game_ended, scoreline};

/// How long each measurement takes.
const MEASURED: Duration = Duration::from_secs(6);
/// How often each attack is measured, each time right after a time without it. What counts is the run in
/// the middle: a disk that others write to as well stalls now and then, attack or not.
const ROUNDS: usize = 5;
/// Honest players that send and read at the same time.
const PLAYERS: usize = 4;
/// How often each of them asks.
const EVERY: Duration = Duration::from_millis(20);
/// How many times slower honest answers may be beside an attack.
const SLOWER_MOST: f64 = 3.0;
/// How often a stranger opens again what the server closed.
const REFILLED_EVERY: Duration = Duration::from_millis(500);
/// Differences below this are not felt, and on two shared cores not measured: 5 ms.
const FELT_MS: f64 = 5.0;
/// How long the question whether the process lives may take.
const LIVE_MS: f64 = 50.0;
const MIB: usize = 1024 * 1024;

/// What honest players felt.
struct Felt {
    p99_ms: f64,
    live_ms: f64,
    failed: usize,
}

/// One connection that asks one thing after another.
struct Asking {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Asking {
    fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Asks, on another connection if the server closed the last one. The status of the answer.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Option<u16> {
        let fresh = self.stream.is_none();
        self.try_ask(method, path, body).or_else(|| {
            self.stream = None;
            if fresh { None } else { self.try_ask(method, path, body) }
        })
    }

    fn try_ask(&mut self, method: &str, path: &str, body: &str) -> Option<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).ok()?;
            stream.set_read_timeout(Some(DEADLINE)).ok()?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut()?;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: g\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        loop {
            let mut buffer = [0; 16 * 1024];
            let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
            answer.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            if body.len() >= length.parse().ok()? {
                return head.split(' ').nth(1)?.parse().ok();
            }
        }
    }
}

fn percentile_99(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

/// Plays honestly for a while.
fn play(address: SocketAddr) -> Felt {
    let until = Instant::now() + MEASURED;
    let pace = |what: &mut dyn FnMut() -> bool| {
        let (mut times, mut failed) = (Vec::new(), 0);
        while Instant::now() < until {
            let asked = Instant::now();
            if !what() {
                failed += 1;
            }
            times.push(asked.elapsed().as_secs_f64() * 1_000.0);
            std::thread::sleep(EVERY.saturating_sub(asked.elapsed()));
        }
        (times, failed)
    };
    std::thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS)
            .map(|number| {
                scope.spawn(move || {
                    let mut asking = Asking::new(address);
                    let player = format!("honest-{number}");
                    let rank = format!("/api/v2/leaderboard/user/{player}");
                    pace(&mut || {
                        let game = game_ended(&player, 100).to_string();
                        asking.ask("POST", "/api/events", &game) == Some(200)
                            && asking.ask("GET", &rank, "") == Some(200)
                    })
                })
            })
            .collect();
        let live = scope.spawn(move || {
            let mut asking = Asking::new(address);
            pace(&mut || asking.ask("GET", "/livez", "") == Some(200))
        });
        let (times, failed): (Vec<_>, Vec<_>) =
            players.into_iter().map(|player| player.join().expect("it plays")).unzip();
        let (live, live_failed) = live.join().expect("it asks");
        let failed = failed.into_iter().sum::<usize>() + live_failed;
        Felt { p99_ms: percentile_99(times.concat()), live_ms: percentile_99(live), failed }
    })
}

/// A connection from another address than that of honest players.
fn from_elsewhere(server: SocketAddr) -> Option<TcpStream> {
    static SOCKETS: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    let stream = SOCKETS.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 2], 0)))?;
        socket.connect(server).await?.into_std()
    });
    let stream = stream.ok()?;
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    Some(stream)
}

fn head(length: usize, more: &str) -> String {
    format!("POST /api/events HTTP/1.1\r\nHost: g\r\n{more}Content-Length: {length}\r\n\r\n")
}

/// What a stranger does with each of their connections, again and again until told to stop.
type Attack = fn(SocketAddr, usize, &AtomicBool);

/// Keeps `count` connections in the state that `begin` brings them into.
fn keep(
    server: SocketAddr,
    count: usize,
    stop: &AtomicBool,
    mut begin: impl FnMut(&mut TcpStream) -> bool,
) {
    let mut held: Vec<TcpStream> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        held.retain_mut(|stream| {
            let _ = stream.set_nonblocking(true);
            let gone = matches!(stream.read(&mut [0; 1]), Ok(0)) || stream.write(b"").is_err();
            let _ = stream.set_nonblocking(false);
            !gone
        });
        while held.len() < count && !stop.load(Ordering::Relaxed) {
            let Some(mut stream) = from_elsewhere(server) else { break };
            if !begin(&mut stream) {
                break;
            }
            held.push(stream);
        }
        std::thread::sleep(REFILLED_EVERY);
    }
}

fn inflate(server: SocketAddr, count: usize, stop: &AtomicBool) {
    // Inflates to nearly 10 MiB, at a ratio that is just taken.
    let mut text = String::from("[");
    let mut seed = 1_u64;
    while text.len() < 9 * MIB {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let filler = "x".repeat(2_000);
        write!(text, "{{\"a\":\"{seed:x}{filler}\"}},").expect("a String takes everything");
    }
    text.push_str("{}]");
    let body = zip(text.as_bytes());
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let Some(mut stream) = from_elsewhere(server) else { continue };
                    let more = "Content-Encoding: gzip\r\nConnection: close\r\n";
                    let _ = stream.write_all(head(body.len(), more).as_bytes());
                    let _ = stream.write_all(&body);
                    let _ = stream.read_to_end(&mut Vec::new());
                }
            });
        }
    });
}

fn zip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

fn stall(server: SocketAddr, count: usize, stop: &AtomicBool) {
    let most = vec![b' '; 7 * MIB];
    keep(server, count, stop, |stream| {
        stream.write_all(head(8 * MIB, "").as_bytes()).is_ok() && stream.write_all(&most).is_ok()
    });
}

fn idle(server: SocketAddr, count: usize, stop: &AtomicBool) {
    keep(server, count, stop, |_| true);
}

fn read_nothing(server: SocketAddr, count: usize, stop: &AtomicBool) {
    let asked = "GET /api/openapi.json HTTP/1.1\r\nHost: g\r\n\r\n".repeat(30);
    keep(server, count, stop, |stream| stream.write_all(asked.as_bytes()).is_ok());
}

fn begin_heads(server: SocketAddr, count: usize, stop: &AtomicBool) {
    keep(server, count, stop, |stream| {
        stream.write_all(b"POST /api/events HTTP/1.1\r\nHo").is_ok()
    });
}

/// What honest players feel beside an attack that is under way before anybody measures.
fn beside(server: SocketAddr, count: usize, attack: Attack) -> Felt {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| attack(server, count, &stop));
        std::thread::sleep(Duration::from_secs(1));
        let felt = play(server);
        stop.store(true, Ordering::Relaxed);
        felt
    })
}

/// The one in the middle.
fn middle(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The server with as many open files as many systems give it.
fn with_few_files(folder: &std::path::Path) -> Server {
    let mut command = std::process::Command::new("sh");
    let binary = scoreline(folder).get_program().to_owned();
    command.args(["-c", "ulimit -n 1024; exec \"$0\" serve --port 0"]).arg(binary);
    command.current_dir(folder).env_clear().env("RUST_LOG", "error");
    Server::started(folder, command)
}

#[test]
#[ignore = "a measurement of about six minutes; it needs the machine for itself"]
fn honest_players_hardly_feel_an_attack() {
    // The attackers need files, too.
    let all = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: all.maximum, ..all };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, raised);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = with_few_files(folder.path());
    let address: SocketAddr =
        server.base.trim_start_matches("http://").parse().expect("an address");
    play(address);
    let attacks: [(&str, usize, Attack); 5] = [
        ("inflating strangers", 20, inflate),
        ("stalled bodies of 8 MB", 40, stall),
        ("idle connections", 1_400, idle),
        ("slow readers", 800, read_nothing),
        ("unfinished heads", 600, begin_heads),
    ];
    let mut too_slow = Vec::new();
    for (name, count, attack) in attacks {
        let rounds: Vec<_> =
            (0..ROUNDS).map(|_| (play(address), beside(address, count, attack))).collect();
        let [alone, felt] = [
            middle(rounds.iter().map(|(alone, _)| alone.p99_ms)),
            middle(rounds.iter().map(|(_, felt)| felt.p99_ms)),
        ];
        let ratio = middle(rounds.iter().map(|(alone, felt)| felt.p99_ms / alone.p99_ms));
        let live_ms = rounds.iter().map(|(_, felt)| felt.live_ms).fold(0.0, f64::max);
        let failed: usize = rounds.iter().map(|(_, felt)| felt.failed).sum();
        let each: Vec<_> = rounds
            .iter()
            .map(|(alone, felt)| format!("{:.1}/{:.1}", felt.p99_ms, alone.p99_ms))
            .collect();
        println!(
            "{count} {name}: p99 {felt:.1} ms, {alone:.1} without, {ratio:.1} times ({}); /livez {live_ms:.1} ms at \
             most, {failed} failed",
            each.join(" ")
        );
        let is_felt = ratio > SLOWER_MOST && felt > alone + FELT_MS;
        if is_felt || live_ms > LIVE_MS || failed > 0 {
            too_slow.push(name);
        }
    }
    let metrics = server.text("/metrics");
    for line in metrics.lines().filter(|line| line.contains("turned_away_total")) {
        println!("{line}");
    }
    let health: Value = server.get("/api/health");
    assert_eq!(health["status"], "healthy", "{health}");
    assert!(too_slow.is_empty(), "felt too much of: {too_slow:?}");
}
