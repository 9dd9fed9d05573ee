//! Connections: one thread that writes, a few that read.
//!
//! SQLite has one writer at a time, so there is one, and it never waits for a lock of our own. Work
//! comes as closures over a channel and is answered through another; nothing here knows what the
//! work is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rusqlite::Connection;
use scoreline_core::store::{PoolFigures, Result, StoreError};

type Work = Box<dyn FnOnce(&mut Connection) + Send>;
type After = Arc<dyn Fn(&Connection) + Send + Sync>;

/// Threads that each own a connection and do the work that comes.
pub(crate) struct Connections {
    /// `None` once the threads are told to end.
    sender: Option<mpsc::Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
    load: Arc<Load>,
}

/// How busy the threads are.
#[derive(Default)]
struct Load {
    working: AtomicU32,
    waiting: AtomicU32,
}

impl Connections {
    /// Starts a thread for each connection. After each piece of work, when it is answered, `after`
    /// is called on its thread.
    pub fn start(
        name: &str,
        connections: Vec<Connection>,
        after: impl Fn(&Connection) + Send + Sync + 'static,
    ) -> Result<Self> {
        let after: After = Arc::new(after);
        let (sender, receiver) = mpsc::channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        let load = Arc::new(Load::default());
        let threads = connections
            .into_iter()
            .enumerate()
            .map(|(n, connection)| {
                let (receiver, load) = (Arc::clone(&receiver), Arc::clone(&load));
                let after = Arc::clone(&after);
                std::thread::Builder::new()
                    .name(format!("sqlite-{name}-{n}"))
                    .spawn(move || work_through(&receiver, connection, &load, &after))
            })
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        Ok(Self { sender: Some(sender), threads, load })
    }

    /// Does `work` on one of the connections. Once begun it is finished, even if the caller stops
    /// waiting.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // A caller that no longer waits has lost interest in the answer, not in the work.
            let _ = answer.send(work(connection));
        });
        let sender = self.sender.as_ref().expect("threads end only when the store is dropped");
        self.load.waiting.fetch_add(1, Ordering::Relaxed);
        sender.send(work).map_err(|_| given_up())?;
        answered.await.map_err(|_| given_up())?
    }

    /// How busy the connections are.
    pub fn figures(&self) -> PoolFigures {
        let total = u32::try_from(self.threads.len()).expect("a handful of threads");
        let working = self.load.working.load(Ordering::Relaxed).min(total);
        let waiting = self.load.waiting.load(Ordering::Relaxed);
        let idle = total - working;
        PoolFigures { total, idle, waiting, max: total, wanted: total, load_percent: None }
    }
}

/// The error that stands for a panic in a piece of work; the panic itself was reported where it
/// happened.
fn given_up() -> StoreError {
    StoreError::Failed("the work on the database broke off".into())
}

fn work_through(
    receiver: &Mutex<mpsc::Receiver<Work>>,
    mut connection: Connection,
    load: &Load,
    after: &After,
) {
    loop {
        // The lock is held while waiting for work, not while doing it.
        let next = receiver.lock().recv();
        let Ok(work) = next else { return };
        load.waiting.fetch_sub(1, Ordering::Relaxed);
        load.working.fetch_add(1, Ordering::Relaxed);
        // A bug in one piece of work must not end all work: unwinding has taken its transaction
        // back, and the connection is as before.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut connection)));
        after(&connection);
        load.working.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Connections {
    /// Finishes what was begun and closes the connections.
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            // A panic was reported when it happened.
            let _ = thread.join();
        }
    }
}
