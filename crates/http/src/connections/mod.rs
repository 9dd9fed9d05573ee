//! The connections of clients: limited in all and by address, each with deadlines.
//!
//! A connection costs memory and a file, whether or not it asks for anything. When there are too many,
//! those that rest are closed: first those that never asked for anything, then those that rest longest.
//! A connection whose request is being answered is never closed for others. Here is who may stay;
//! `stream.rs` keeps the deadlines, `acceptor.rs` puts both around what the server serves.

mod acceptor;
mod patience;
mod stream;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use scoreline_core::limits::{CONNECTIONS_ADDRESS_SHARE, CONNECTIONS_ROOM_SHARE};
use tokio::sync::oneshot;
use tokio::time::Instant;

pub use acceptor::Acceptor;
pub use patience::Patience;

use crate::limits::household;
use crate::sender::Network;
use crate::turned_away::{Reason, TurnedAway};

/// How many connections clients may have.
#[derive(Debug, Clone, Copy)]
struct Bound {
    /// How many there may be.
    most: usize,
    /// From how many on those that rest are closed.
    crowded: usize,
    /// How many of those are closed at once, so that looking for them costs little for each.
    at_once: usize,
}

impl Bound {
    fn new(most: usize) -> Self {
        let at_once = (most / CONNECTIONS_ROOM_SHARE).max(1);
        Self { most, crowded: most.saturating_sub(at_once).max(1), at_once }
    }
}

/// All connections of clients.
pub(crate) struct Connections {
    in_all: Bound,
    of_address: Bound,
    /// Proxies speak for many clients: what one address may have does not bind them.
    proxies: Vec<Network>,
    started: Instant,
    table: Mutex<Table>,
    turned_away: Arc<TurnedAway>,
}

#[derive(Default)]
struct Table {
    next: u64,
    entries: HashMap<u64, Entry>,
    of_address: HashMap<IpAddr, usize>,
    /// Those that were asked to close and are still there.
    closing: usize,
}

struct Entry {
    connection: Arc<Connection>,
    /// Asks it to close; `None` when that was done.
    close: Option<oneshot::Sender<()>>,
}

/// What is known of one connection, by both of its halves: the bytes and the requests.
#[derive(Debug)]
pub(crate) struct Connection {
    number: u64,
    address: IpAddr,
    started: Instant,
    busy: AtomicBool,
    /// Requests so far.
    requests: AtomicU64,
    /// When it began to rest, in milliseconds since the start.
    resting_since_ms: AtomicU64,
    /// Whether the body of its last request has not arrived whole.
    body_is_open: AtomicBool,
}

/// A connection that may stay. It counts until this is dropped.
pub(crate) struct Admitted {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
    /// Resolves when the connection is to close.
    closed: oneshot::Receiver<()>,
}

impl Connections {
    /// At most `most` connections. Those of `proxies` may be any part of them.
    pub fn new(most: usize, proxies: Vec<Network>, turned_away: Arc<TurnedAway>) -> Self {
        Self {
            in_all: Bound::new(most),
            of_address: Bound::new((most / CONNECTIONS_ADDRESS_SHARE).max(1)),
            proxies,
            started: Instant::now(),
            table: Mutex::default(),
            turned_away,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.table.lock().entries.len()
    }

    /// Lets a new connection stay, if there is room or some can be made.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Admitted, Reason> {
        let is_proxy = self.proxies.iter().any(|network| network.contains(address));
        let address = household(address.to_canonical());
        let mut table = self.table.lock();
        if !is_proxy {
            let count = table.of_address.get(&address).copied().unwrap_or(0);
            if count >= self.of_address.crowded {
                self.make_room(&mut table, self.of_address, Some(address));
            }
            if count >= self.of_address.most {
                return Err(Reason::ConnectionsOfAddress);
            }
        }
        if table.entries.len() >= self.in_all.crowded + table.closing {
            self.make_room(&mut table, self.in_all, None);
        }
        if table.entries.len() >= self.in_all.most {
            return Err(Reason::ConnectionsInAll);
        }
        Ok(self.add(&mut table, address))
    }

    fn add(self: &Arc<Self>, table: &mut Table, address: IpAddr) -> Admitted {
        let number = table.next;
        table.next += 1;
        let connection = Arc::new(Connection {
            number,
            address,
            started: self.started,
            busy: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            resting_since_ms: AtomicU64::new(ms_since(self.started)),
            body_is_open: AtomicBool::new(false),
        });
        let (close, closed) = oneshot::channel();
        let entry = Entry { connection: Arc::clone(&connection), close: Some(close) };
        table.entries.insert(number, entry);
        *table.of_address.entry(address).or_default() += 1;
        Admitted { connections: Arc::clone(self), connection, closed }
    }

    /// Asks some connections that rest to close, of one address or of all.
    fn make_room(&self, table: &mut Table, bound: Bound, of: Option<IpAddr>) {
        let mut resting: Vec<(bool, u64, u64)> = table
            .entries
            .values()
            .filter(|entry| entry.close.is_some())
            .map(|entry| &entry.connection)
            .filter(|connection| of.is_none_or(|address| connection.address == address))
            .filter_map(|connection| connection.resting())
            .collect();
        let wanted = bound.at_once.min(resting.len());
        if wanted == 0 {
            return;
        }
        if wanted < resting.len() {
            resting.select_nth_unstable(wanted);
        }
        for (_, _, number) in &resting[..wanted] {
            let Some(entry) = table.entries.get_mut(number) else { continue };
            if let Some(close) = entry.close.take() {
                // One that is just ending no longer listens.
                let _ = close.send(());
                table.closing += 1;
                self.turned_away.note(Reason::MadeRoom, Some(entry.connection.address));
            }
        }
    }
}

fn ms_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Connection {
    /// A request begins.
    fn begin(&self, has_body: bool) {
        self.busy.store(true, Ordering::Release);
        self.body_is_open.store(has_body, Ordering::Release);
        self.requests.fetch_add(1, Ordering::AcqRel);
    }

    /// The answer to a request was handed over, or nobody waits for it any longer.
    fn end(&self) {
        self.resting_since_ms.store(ms_since(self.started), Ordering::Release);
        self.busy.store(false, Ordering::Release);
    }

    /// The body of the request has arrived whole.
    pub fn body_is_whole(&self) {
        self.body_is_open.store(false, Ordering::Release);
    }

    fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Acquire)
    }

    fn body_is_open(&self) -> bool {
        self.body_is_open.load(Ordering::Acquire)
    }

    /// In which order it closes when room is needed, with its number; `None` while a request is answered.
    fn resting(&self) -> Option<(bool, u64, u64)> {
        let has_asked = self.requests() > 0;
        let since_ms = self.resting_since_ms.load(Ordering::Acquire);
        (!self.is_busy()).then_some((has_asked, since_ms, self.number))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut table = self.connections.table.lock();
        let Some(entry) = table.entries.remove(&self.connection.number) else { return };
        if entry.close.is_none() {
            table.closing -= 1;
        }
        let address = self.connection.address;
        if let Some(count) = table.of_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                table.of_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
