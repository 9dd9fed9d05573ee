//! A TCP proxy in front of a server, which makes it as slow as a test wants, or cuts it off.
//!
//! What the server answers is held back; what it is asked goes through at once, unless it is cut off:
//! then nothing goes through either way. Threads and blocking sockets, so that it works beside any
//! runtime.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How much is passed on at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// A proxy on a port of 127.0.0.1. It takes no more connections once it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    delay_us: AtomicU64,
    is_cut: AtomicBool,
    stopped: AtomicBool,
}

impl Proxy {
    /// A proxy for the server on a port of this machine. It holds up nothing yet.
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared::default());
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, server, &shared)
        });
        Self { port, shared, accepting: Some(accepting) }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the server off for good: every connection ends with its next bytes, and no new one
    /// succeeds.
    pub fn cut(&self) {
        self.shared.is_cut.store(true, Ordering::Relaxed);
    }

    /// Holds back every answer for this long, on all connections.
    pub fn hold_back(&self, delay: Duration) {
        let delay_us = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.shared.delay_us.store(delay_us, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // One more connection, so that it notices.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn accept(listener: &TcpListener, server: u16, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        if shared.is_cut.load(Ordering::Relaxed) {
            continue;
        }
        // Without a server the client's connection is closed, as if nobody listened.
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("an open connection");
        }
        let (asking, answering) = (both(&client, &server), both(&server, &client));
        let (asked, answered) = (Arc::clone(shared), Arc::clone(shared));
        std::thread::spawn(move || pass(asking, &asked, |_| 0));
        std::thread::spawn(move || {
            pass(answering, &answered, |shared| shared.delay_us.load(Ordering::Relaxed));
        });
    }
}

fn both(from: &TcpStream, to: &TcpStream) -> (TcpStream, TcpStream) {
    let clone = |stream: &TcpStream| stream.try_clone().expect("an open connection");
    (clone(from), clone(to))
}

/// Passes on what one side says until either is gone.
fn pass(
    (mut from, mut to): (TcpStream, TcpStream),
    shared: &Shared,
    delay_us: impl Fn(&Shared) -> u64,
) {
    let mut chunk = [0; CHUNK_BYTES];
    while let Ok(length @ 1..) = from.read(&mut chunk) {
        if shared.is_cut.load(Ordering::Relaxed) {
            break;
        }
        let delay_us = delay_us(shared);
        if delay_us > 0 {
            std::thread::sleep(Duration::from_micros(delay_us));
        }
        if to.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
