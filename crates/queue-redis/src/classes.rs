//! The classes of the queue: their keys, their scripts, and the healing of a class that is not as
//! this node remembers it.
//!
//! Every script is told the epoch of its class and what the node saw last. If the class is not the
//! one that the node remembers, the script does nothing; the node heals the class and runs the
//! script again. So a queue that was emptied is noticed by the first command afterwards, whichever
//! it is.
//!
//! A class belongs to the database of the node that healed it first. A node of another database is
//! refused when it heals the class, and so never learns the epoch without which no script does anything.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use redis::{Cmd, FromRedisValue};
use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::loss::{Losses, Sight};
use scoreline_core::queue::{ByClass, QueueError, Result};
use scoreline_redis_link::{Link, Source};
use uuid::Uuid;

use crate::answer::{Answer, Seen, count};
use crate::error::{queue_error, unexpected};
use crate::remembered::{Found, Remembered};
use crate::scripts;

/// How often a script is run anew because its class had to be healed.
const RUNS_MAX: u32 = 4;

/// The class that a database takes first, so that two of them never share out the classes.
const FIRST: Class = Class::Critical;

/// The keys of a class, in the order in which the prelude names them.
const KEYS: [&str; 6] = ["counts", "work", "open", "delayed", "parcels", "bell"];
const COUNTS: usize = 0;
const BELL: usize = 5;

/// All classes, as one node uses them.
pub(crate) struct Classes {
    link: Arc<Link>,
    /// The database of this node.
    database: DatabaseId,
    /// The name of this node within the consumer groups.
    consumer: String,
    by_class: ByClass<OneClass>,
}

struct OneClass {
    keys: [String; 6],
    remembered: Mutex<Remembered>,
    /// Held while the class is healed, so that commands that find the same damage heal it once.
    healing: tokio::sync::Mutex<()>,
}

impl Classes {
    pub fn new(link: Arc<Link>, namespace: &str, database: DatabaseId, consumer: String) -> Self {
        let by_class = ByClass::from_fn(|class| OneClass {
            keys: KEYS.map(|key| format!("{{{namespace}:queue:{}}}:{key}", class.as_str())),
            remembered: Mutex::default(),
            healing: tokio::sync::Mutex::default(),
        });
        Self { link, database, consumer, by_class }
    }

    /// The key of the list that is the bell of a class.
    pub fn bell(&self, class: Class) -> &str {
        &self.by_class[class].keys[BELL]
    }

    /// What this node remembers of a class.
    pub fn remembered(&self, class: Class) -> Remembered {
        *self.by_class[class].remembered.lock()
    }

    /// Sends a command about a key of a class.
    pub async fn send<T: FromRedisValue>(&self, class: Class, cmd: &Cmd) -> Result<T> {
        let answer = self.link.send(cmd).await;
        let answer = answer.map_err(|error| queue_error(error, Some(class)))?;
        T::from_redis_value(answer).map_err(|error| queue_error(error.into(), None))
    }

    /// Runs a script on a class. `arguments` adds what comes after the first three, and is told the
    /// present generation.
    pub async fn run(
        &self,
        class: Class,
        script: &Source,
        arguments: impl Fn(&mut Cmd, u32),
    ) -> Result<Ran> {
        for _ in 0..RUNS_MAX {
            let remembered = self.remembered(class);
            let generation = remembered.generation;
            let outcome =
                self.run_once(class, script, &remembered, |cmd| arguments(cmd, generation)).await;
            match outcome {
                Ok(Some(mut answer)) => {
                    let seen = Seen::read(&mut answer)?;
                    self.by_class[class].remembered.lock().saw(generation, &seen);
                    return Ok(Ran { generation, seen, answer });
                }
                Ok(None) => self.heal(class, &remembered).await?,
                Err(Trouble::NoGroup) => self.recount(class).await?,
                Err(Trouble::Other(error)) => return Err(error),
            }
        }
        Err(unexpected("the queue is emptied again and again"))
    }

    /// What the server that has a class says of itself in a section of INFO.
    pub async fn info(&self, class: Class, section: &str) -> Result<String> {
        let keys = &self.by_class[class].keys;
        let outcome = scripts::INFO.run(&self.link, keys, |cmd| {
            cmd.arg(section);
        });
        let text = outcome.await.and_then(|text| Ok(String::from_redis_value(text)?));
        text.map_err(|error| queue_error(error, Some(class)))
    }

    /// The `appendfsync` of each server; nothing if one of them does not allow the question.
    pub async fn syncing(&self) -> Result<Vec<String>> {
        let mut cmd = redis::cmd("CONFIG");
        cmd.arg("GET").arg("appendfsync");
        let answers = match self.link.send_to_each(&cmd).await {
            Ok(answers) => answers,
            // Providers of Redis as a service may hide its settings.
            Err(error) if matches!(error.code(), Some("ERR" | "NOPERM")) => return Ok(Vec::new()),
            Err(error) => return Err(queue_error(error, None)),
        };
        let answers = Vec::<HashMap<String, String>>::from_redis_value(answers);
        let answers = answers.map_err(|error| queue_error(error.into(), None))?;
        let told: Option<Vec<String>> =
            answers.into_iter().map(|mut settings| settings.remove("appendfsync")).collect();
        Ok(told.unwrap_or_default())
    }

    /// Writes something to the server that has a class, which keeps nothing of it.
    pub async fn touch(&self, class: Class) -> Result<()> {
        let mut cmd = redis::cmd("DEL");
        cmd.arg(format!("{}:touched", self.by_class[class].keys[COUNTS]));
        self.send(class, &cmd).await
    }

    async fn run_once(
        &self,
        class: Class,
        script: &Source,
        remembered: &Remembered,
        arguments: impl Fn(&mut Cmd),
    ) -> std::result::Result<Option<Answer>, Trouble> {
        let epoch = remembered.sight.map(|sight| sight.epoch.to_string()).unwrap_or_default();
        let pushed = remembered.sight.map_or(0, |sight| sight.pushed);
        let outcome = script.run(&self.link, &self.by_class[class].keys, |cmd| {
            cmd.arg(&epoch).arg(pushed).arg(&self.consumer);
            arguments(cmd);
        });
        match outcome.await {
            Ok(value) => Ok(Answer::read(value)?),
            Err(error) if error.code() == Some("NOGROUP") => Err(Trouble::NoGroup),
            Err(error) => Err(Trouble::Other(queue_error(error, Some(class)))),
        }
    }

    /// Puts a class in order that was changed by somebody other than a node.
    pub async fn recount(&self, class: Class) -> Result<()> {
        let remembered = self.remembered(class);
        match self.run_once(class, &scripts::RECOUNT, &remembered, |_| {}).await {
            Ok(_) => Ok(()),
            Err(trouble) => Err(trouble.into_error()),
        }
    }

    /// Heals a class that is not as `remembered`, and restores in it what this node knows.
    async fn heal(&self, class: Class, remembered: &Remembered) -> Result<()> {
        let own = &self.by_class[class];
        let healing = own.healing.lock().await;
        if !own.remembered.lock().is_as(remembered) {
            return Ok(());
        }
        let remembered = self.remembered(class);
        let before = self.look(class).await?;
        if before.is_none() {
            self.take_in_order(class).await?;
        }
        let losses = remembered.losses_until(before.as_ref());
        let found = self.put_back(class, &remembered, losses).await?;
        own.remembered.lock().found(&found, losses.is_some());
        drop(healing);
        if before.is_none() {
            // Perhaps only its counters were deleted.
            self.recount(class).await?;
        }
        Ok(())
    }

    /// Makes sure that a class that nobody has may be taken: none of the others is another's, and the
    /// first one is ours.
    async fn take_in_order(&self, class: Class) -> Result<()> {
        if let Some(owner) = self.owner().await?
            && owner != self.database
        {
            return Err(self.foreign(owner));
        }
        if class != FIRST {
            let first = self.remembered(FIRST);
            Box::pin(self.heal(FIRST, &first)).await?;
        }
        Ok(())
    }

    fn foreign(&self, owner: DatabaseId) -> QueueError {
        QueueError::Foreign { owner, own: self.database }
    }

    /// The database that the classes belong to: another's before the node's own, should there be both.
    pub async fn owner(&self) -> Result<Option<DatabaseId>> {
        let mut owner = None;
        for class in Class::ALL {
            let mut cmd = redis::cmd("HGET");
            cmd.arg(&self.by_class[class].keys[COUNTS]).arg("database");
            let found: Option<String> = self.send(class, &cmd).await?;
            let found = found.as_deref().map(database_id).transpose()?;
            match found {
                Some(found) if found != self.database => return Ok(Some(found)),
                found => owner = owner.or(found),
            }
        }
        Ok(owner)
    }

    /// Gives all classes to the database of this node.
    pub async fn adopt(&self) -> Result<()> {
        for class in Class::ALL {
            let nothing = Remembered::default();
            let adopt = self.run_once(class, &scripts::ADOPT, &nothing, |cmd| {
                cmd.arg(never_used()).arg(self.database.to_string());
            });
            adopt.await.map_err(Trouble::into_error)?;
        }
        Ok(())
    }

    async fn put_back(
        &self,
        class: Class,
        remembered: &Remembered,
        losses: Option<Losses>,
    ) -> Result<Found> {
        let (known, losses) = match losses {
            Some(losses) => (*remembered, losses),
            None => (Remembered::default(), Losses::default()),
        };
        let outcome = self.run_once(class, &scripts::HEAL, remembered, |cmd| {
            cmd.arg(never_used())
                .arg(losses.times)
                .arg(losses.events)
                .arg(known.completed)
                .arg(known.failed)
                .arg(u8::from(known.paused))
                .arg(self.database.to_string());
        });
        let answer = outcome.await.map_err(Trouble::into_error)?;
        let mut answer = answer.ok_or_else(|| unexpected("healing a class answers something"))?;
        let owner = database_id(&answer.next::<String>()?)?;
        if owner != self.database {
            return Err(self.foreign(owner));
        }
        let epoch: String = answer.next()?;
        let seen = Seen::read(&mut answer)?;
        let losses = Losses { times: answer.next()?, events: answer.next()? };
        let epoch = Uuid::parse_str(&epoch).map_err(|_| unexpected("an epoch is a UUID"))?;
        Ok(Found { epoch, seen, losses })
    }

    /// What a class is now, if it has an epoch.
    async fn look(&self, class: Class) -> Result<Option<Sight>> {
        let mut cmd = redis::cmd("HMGET");
        cmd.arg(&self.by_class[class].keys[COUNTS]);
        cmd.arg(&["epoch", "pushed", "waiting_events", "delayed_events"]);
        let found: (Option<String>, Option<i64>, Option<i64>, Option<i64>) =
            self.send(class, &cmd).await?;
        let epoch = found.0.as_deref().map(Uuid::parse_str).transpose();
        let epoch = epoch.map_err(|_| unexpected("an epoch is a UUID"))?;
        let unclaimed = count(found.2) + count(found.3);
        Ok(epoch.map(|epoch| Sight { epoch, pushed: count(found.1), unclaimed }))
    }
}

/// What a script that ran answered.
pub(crate) struct Ran {
    /// The generation of the class in which it ran.
    pub generation: u32,
    /// The state in which it left the class.
    pub seen: Seen,
    /// What else it answered.
    pub answer: Answer,
}

/// Why a script did not run.
enum Trouble {
    /// The consumer group of the class is gone.
    NoGroup,
    Other(QueueError),
}

impl Trouble {
    fn into_error(self) -> QueueError {
        match self {
            Self::NoGroup => unexpected("the group of a class cannot be made"),
            Self::Other(error) => error,
        }
    }
}

impl From<QueueError> for Trouble {
    fn from(error: QueueError) -> Self {
        Self::Other(error)
    }
}

fn database_id(text: &str) -> Result<DatabaseId> {
    let id =
        Uuid::parse_str(text).map_err(|_| unexpected("the identity of a database is a UUID"))?;
    Ok(DatabaseId(id))
}

/// A name for an epoch that no class of any node has had.
#[expect(clippy::disallowed_methods, reason = "no other node may think of the same name")]
fn never_used() -> String {
    Uuid::new_v4().to_string()
}
