//! Waiting for work, without asking again and again.
//!
//! Each class has a list that is its bell. Scripts put one sign into it when there is something to
//! claim that was not there before; a node that takes the sign and leaves work behind puts it back.
//! A node listens on connections of its own, as long as somebody waits, and hands each sign to one
//! of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use redis::{Cmd, RedisResult, Value};
use scoreline_core::queue::{QueueError, Result};
use scoreline_redis_link::{Link, Server};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The longest that one command waits for a sign. A connection that died unnoticed is found after
/// this time and [`SLACK`].
const LISTEN: Duration = Duration::from_secs(2);
/// How much later than that an answer may come.
const SLACK: Duration = Duration::from_secs(2);
/// The pause between two attempts to listen to a server that is away.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// What a node has heard about work to be claimed.
pub(crate) struct Bell {
    shared: Arc<Shared>,
    listeners: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// How many callers wait.
    waiting: AtomicUsize,
    /// Rings when a caller begins to wait.
    came: Notify,
    /// Rings when there is a sign.
    rung: Notify,
    /// Why the node cannot listen, while it cannot.
    deaf: Mutex<Option<String>>,
    /// When something can be claimed without a sign, for example a retry that will be due.
    next: Mutex<Option<Instant>>,
}

impl Bell {
    /// Listens to these lists. In a cluster each is a connection of its own, as they may be on
    /// different servers.
    pub fn new(server: &Arc<Server>, lists: Vec<String>) -> Self {
        let shared = Arc::new(Shared::default());
        let groups = if server.is_cluster() {
            lists.into_iter().map(|list| vec![list]).collect()
        } else {
            vec![lists]
        };
        let listeners = groups.into_iter().map(|lists| {
            let link = Link::new(Arc::clone(server), LISTEN + SLACK);
            tokio::spawn(listen(Arc::clone(&shared), link, lists))
        });
        let listeners = listeners.collect();
        Self { shared, listeners }
    }

    /// Waits for a sign or for the time set by [`Self::set_next`], at most `longest`.
    pub async fn wait(&self, longest: Duration) -> Result<()> {
        let deadline = Instant::now() + longest;
        let _waiting = self.shared.enter();
        loop {
            if let Some(reason) = self.shared.deaf.lock().clone() {
                return Err(QueueError::Unreachable(reason));
            }
            let next = *self.shared.next.lock();
            let wake = next.map_or(deadline, |next| next.min(deadline));
            tokio::select! {
                // A failure rings too, and is found above.
                () = self.shared.rung.notified() => {
                    if self.shared.deaf.lock().is_none() {
                        return Ok(());
                    }
                }
                () = tokio::time::sleep_until(wake) => {
                    if wake == deadline || self.take_next(next) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Sets when something can be claimed without a sign, as the last claim learnt it.
    pub fn set_next(&self, next_in: Option<Duration>) {
        *self.shared.next.lock() = next_in.map(|next| Instant::now() + next);
        if next_in == Some(Duration::ZERO) {
            self.shared.rung.notify_one();
        }
    }

    /// Whether this caller is the one, of all that wait, to claim what is due now.
    fn take_next(&self, expected: Option<Instant>) -> bool {
        let mut next = self.shared.next.lock();
        let is_mine = *next == expected;
        if is_mine {
            *next = None;
        }
        is_mine
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

/// Counts one waiting caller until it is dropped.
struct Waiting<'a>(&'a Shared);

impl Shared {
    fn enter(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.came.notify_waiters();
        self.came.notify_one();
        Waiting(self)
    }

    fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Hands on signs for ever.
async fn listen(shared: Arc<Shared>, link: Link, lists: Vec<String>) {
    let mut listening = redis::cmd("BLPOP");
    listening.arg(&lists).arg(LISTEN.as_secs());
    loop {
        if !shared.is_awaited() && shared.deaf.lock().is_none() {
            shared.came.notified().await;
            continue;
        }
        match link.send(&listening).await {
            Ok(sign) => {
                *shared.deaf.lock() = None;
                if let Some(list) = rung(sign) {
                    hand_on(&shared, &link, &list).await;
                }
            }
            Err(error) => {
                *shared.deaf.lock() = Some(error.to_string());
                shared.rung.notify_waiters();
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
}

/// The list in which there was a sign.
fn rung(answer: Value) -> Option<String> {
    let answer: RedisResult<Option<(String, String)>> =
        redis::from_redis_value(answer).map_err(Into::into);
    Some(answer.ok()??.0)
}

/// Gives a sign to a waiting caller, or puts it back if none waits any more.
async fn hand_on(shared: &Shared, link: &Link, list: &str) {
    if shared.is_awaited() {
        return shared.rung.notify_one();
    }
    let mut back: Cmd = redis::cmd("LPUSH");
    back.arg(list).arg(1);
    // If the sign is lost, other nodes find the work when their wait is over.
    if let Err(error) = link.send(&back).await {
        tracing::debug!(queue.error = %error, "a sign of work could not be given back");
    }
}
