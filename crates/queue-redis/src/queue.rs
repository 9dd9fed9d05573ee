//! The queue itself: [`Queue`] in terms of classes, claims, leases and the bell.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{try_join_all, try_join3};
use parking_lot::Mutex;
use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::loss::Losses;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Amount, ByClass, ClassFigures, Hold, Lease, Leased, Memory, Objection, Parcel, Queue,
    QueueFigures, QueueSettings, Result, Settled,
};
use scoreline_core::time::Timestamp;
use scoreline_redis_link::{Link, Server, Source, is_namespace};
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer::count;
use crate::bell::Bell;
use crate::classes::Classes;
use crate::error::{ConnectError, unexpected};
use crate::options::RedisOptions;
use crate::preflight::Info;
use crate::scripts;
use crate::{claiming, leases};

/// How long the server may take for an answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// How old what is known of the server's memory may be when something is pushed.
const MEMORY_AGE_MAX: Duration = Duration::from_secs(1);
/// How long a consumer that holds nothing is remembered by its group: an hour.
const CONSUMER_IDLE_MAX_MS: u64 = 3_600_000;

/// One node's way to a queue on Redis.
pub struct RedisQueue {
    classes: Classes,
    bell: Bell,
    settings: QueueSettings,
    memory: Mutex<Remembered>,
}

/// What was last heard of the servers' memory.
#[derive(Default)]
struct Remembered {
    by_class: ByClass<Memory>,
    asked_at: Option<Instant>,
}

impl RedisQueue {
    /// A way to the queue. Redis need not be there yet: until it is, everything fails with
    /// [`QueueError::Unreachable`](scoreline_core::queue::QueueError::Unreachable), and the first command after that succeeds. Fails if the address or the
    /// namespace is malformed. Must be called within a tokio runtime.
    pub fn connect(options: RedisOptions) -> std::result::Result<Self, ConnectError> {
        let RedisOptions { url, namespace, root_certificate, settings } = options;
        if !is_namespace(&namespace) {
            return Err(ConnectError::Namespace);
        }
        let server = Server::parse(&url, root_certificate.as_deref());
        let server = Arc::new(server.map_err(ConnectError::Address)?);
        let link = Arc::new(Link::new(Arc::clone(&server), RESPONSE_TIMEOUT));
        let classes = Classes::new(link, &namespace, settings.database, consumer());
        let lists = Class::ALL.map(|class| classes.bell(class).to_owned());
        let bell = Bell::new(&server, lists.into());
        Ok(Self { classes, bell, settings, memory: Mutex::default() })
    }

    /// The memory of the server that has a class, asked for now and then.
    async fn memory_of(&self, class: Class) -> Memory {
        let is_due = {
            let mut memory = self.memory.lock();
            let is_due = memory.asked_at.is_none_or(|at| at.elapsed() > MEMORY_AGE_MAX);
            if is_due {
                memory.asked_at = Some(Instant::now());
            }
            is_due
        };
        // A server that does not answer this will not take the parcel either.
        if is_due && let Err(error) = self.ask_memory().await {
            tracing::debug!(queue.error = %error, "the memory of the queue's server is unknown");
        }
        self.memory.lock().by_class[class]
    }

    async fn ask_memory(&self) -> Result<Memory> {
        let asked = Class::ALL.map(|class| self.classes.info(class, "memory"));
        let texts = try_join_all(asked).await?;
        let mut memory = self.memory.lock();
        for (class, text) in Class::ALL.into_iter().zip(texts) {
            memory.by_class[class] = Info::new(text).memory();
        }
        memory.asked_at = Some(Instant::now());
        Ok(fullest(&memory.by_class))
    }

    async fn on_leases(
        &self,
        script: &Source,
        extra: [u64; 2],
        leases: &[Lease],
    ) -> Result<Vec<Hold>> {
        let leases: Vec<Settled> =
            leases.iter().map(|lease| Settled { lease: lease.clone(), dead: 0 }).collect();
        leases::run(&self.classes, script, extra, &leases).await
    }

    async fn set_paused(&self, class: Class, paused: bool) -> Result<()> {
        let pause = self.classes.run(class, &scripts::PAUSE, |cmd, _| {
            cmd.arg(u8::from(paused));
        });
        pause.await.map(drop)
    }

    async fn figures_of(&self, class: Class) -> Result<(ClassFigures, Losses)> {
        let mut answer = self.classes.run(class, &scripts::FIGURES, |_, _| {}).await?.answer;
        let counters: Vec<Option<i64>> = answer.next()?;
        let counter = |at: usize| count(counters.get(at).copied().flatten());
        let amount = |at: usize| Amount { events: counter(at), parcels: counter(at + 1) };
        let oldest: Option<i64> = answer.next()?;
        let figures = ClassFigures {
            waiting: amount(0),
            active: amount(2),
            delayed: amount(4),
            oldest: oldest.map(Timestamp::from_stored_ms),
            completed: counter(6),
            failed: counter(7),
            reclaimed: counter(8),
            stale: counter(9),
            paused: counter(12) == 1,
        };
        Ok((figures, Losses { times: counter(10), events: counter(11) }))
    }

    async fn each_class(&self) -> Result<ByClass<(ClassFigures, Losses)>> {
        let [critical, normal, bulk] = Class::ALL.map(|class| self.figures_of(class));
        let (critical, normal, bulk) = try_join3(critical, normal, bulk).await?;
        Ok(ByClass([critical, normal, bulk]))
    }
}

/// The name of this start of this node among the consumers.
#[expect(clippy::disallowed_methods, reason = "no other node may think of the same name")]
fn consumer() -> String {
    format!("node-{}", Uuid::new_v4())
}

fn whole_ms(pause: Duration) -> u64 {
    u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
}

/// The memory of the server that has the least left.
fn fullest(by_class: &ByClass<Memory>) -> Memory {
    let share = |memory: &Memory| match memory.most_bytes {
        Some(most) => memory.used_bytes as f64 / most.max(1) as f64,
        None => 0.0,
    };
    by_class.0.into_iter().max_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or_default()
}

#[async_trait]
impl Queue for RedisQueue {
    async fn push(&self, class: Class, parcel: &Parcel) -> Result<()> {
        let limits = &self.settings.limits;
        limits.admit_memory(class, &self.memory_of(class).await)?;
        let most = limits.open_events_max[class];
        let mut ran = self
            .classes
            .run(class, &scripts::PUSH, |cmd, _| {
                cmd.arg(most).arg(parcel.events()).arg(parcel.received_at().as_ms());
                cmd.arg(parcel.encoded());
            })
            .await?;
        let open_events: i64 = ran.answer.next()?;
        let Ok(open_events) = u64::try_from(open_events) else { return Ok(()) };
        limits.admit_events(class, open_events, parcel.events().into())?;
        Err(unexpected("a class refuses a parcel only if it has too many events"))
    }

    async fn claim(&self, events_max: usize, shares: &Shares) -> Result<Vec<Leased>> {
        let lease = self.settings.lease;
        let claimed = claiming::claim(&self.classes, events_max, shares, lease).await?;
        self.bell.set_next(claimed.others_in);
        Ok(claimed.leased)
    }

    async fn wait(&self, longest: Duration) -> Result<()> {
        self.bell.wait(longest).await
    }

    async fn settle(&self, settled: &[Settled]) -> Result<Vec<Hold>> {
        leases::run(&self.classes, &scripts::SETTLE, [0; 2], settled).await
    }

    async fn retry(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        self.on_leases(&scripts::RETRY, [whole_ms(pause), 1], leases).await
    }

    async fn put_off(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        self.on_leases(&scripts::RETRY, [whole_ms(pause), 0], leases).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        self.on_leases(&scripts::RELEASE, [0; 2], leases).await
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        self.on_leases(&scripts::EXTEND, [0; 2], leases).await
    }

    fn lease(&self) -> Duration {
        self.settings.lease
    }

    async fn pause(&self, class: Class) -> Result<()> {
        self.set_paused(class, true).await
    }

    async fn resume(&self, class: Class) -> Result<()> {
        self.set_paused(class, false).await
    }

    async fn figures(&self) -> Result<QueueFigures> {
        let (classes, memory) =
            futures_util::future::try_join(self.each_class(), self.ask_memory()).await?;
        let mut figures = QueueFigures { memory, ..QueueFigures::default() };
        for (class, (of_class, losses)) in classes.iter() {
            figures.by_class[class] = *of_class;
            figures.losses.times = figures.losses.times.max(losses.times);
            figures.losses.events += losses.events;
        }
        Ok(figures)
    }

    async fn watermark(&self) -> Result<Option<Timestamp>> {
        let classes = self.each_class().await?;
        Ok(classes.iter().filter_map(|(_, (figures, _))| figures.oldest).min())
    }

    async fn preflight(&self) -> Result<Vec<Objection>> {
        let mut objections: Vec<Objection> = Vec::new();
        let syncing = self.classes.syncing().await?;
        for class in Class::ALL {
            let info = Info::new(self.classes.info(class, "default").await?);
            let found = info.objections(&syncing);
            objections.extend(
                found.into_iter().filter(|found| !objections.contains(found)).collect::<Vec<_>>(),
            );
        }
        let own = self.settings.database;
        let foreign = self.owner().await?.filter(|owner| *owner != own);
        objections.extend(foreign.map(|owner| Objection::foreign(owner, own)));
        if objections.is_empty() {
            // A class that this node has not used is left to those who do.
            let used = |class: &Class| self.classes.remembered(*class).sight.is_some();
            for class in Class::ALL.into_iter().filter(used) {
                let sweep = self.classes.run(class, &scripts::SWEEP, |cmd, _| {
                    cmd.arg(CONSUMER_IDLE_MAX_MS);
                });
                sweep.await?;
            }
        }
        Ok(objections)
    }

    async fn ping(&self) -> Result<()> {
        try_join_all(Class::ALL.map(|class| self.classes.touch(class))).await.map(drop)
    }

    async fn owner(&self) -> Result<Option<DatabaseId>> {
        self.classes.owner().await
    }

    async fn adopt(&self) -> Result<()> {
        self.classes.adopt().await
    }
}
