//! Reads what a server says about itself, and finds what speaks against it. Pure.

use scoreline_core::queue::{Memory, Objection, ObjectionKind};

/// The oldest version with all that the scripts use.
const VERSION_LEAST: u32 = 7;

/// The answer to INFO.
pub(crate) struct Info(String);

impl Info {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The memory of the server.
    pub fn memory(&self) -> Memory {
        Memory {
            used_bytes: self.number("used_memory").unwrap_or(0),
            most_bytes: self.number("maxmemory").filter(|bytes| *bytes > 0),
        }
    }

    /// What speaks against keeping events on it. `syncing` is what the servers say of
    /// `appendfsync`, nothing if that could not be asked.
    pub fn objections(&self, syncing: &[String]) -> Vec<Objection> {
        let forgets = self.volatile().or_else(|| unsynced(syncing));
        [self.too_old(), self.read_only(), forgets, self.evicting()].into_iter().flatten().collect()
    }

    fn too_old(&self) -> Option<Objection> {
        let version = self.get("redis_version").unwrap_or("unknown");
        let major: Option<u32> = version.split('.').next().and_then(|major| major.parse().ok());
        let is_new_enough = major.is_some_and(|major| major >= VERSION_LEAST);
        (!is_new_enough).then(|| Objection {
            about: ObjectionKind::TooOld,
            message: format!(
                "the Redis of the queue is version {version}, and at least {VERSION_LEAST}.0 is \
                 needed; upgrade it"
            ),
        })
    }

    fn read_only(&self) -> Option<Objection> {
        (self.get("role") == Some("slave")).then(|| Objection {
            about: ObjectionKind::ReadOnly,
            message: "the Redis of the queue is a replica, which loses what is written to it; set \
                      REDIS_URL to its primary"
                .to_owned(),
        })
    }

    fn volatile(&self) -> Option<Objection> {
        (self.get("aof_enabled") != Some("1")).then(|| Objection {
            about: ObjectionKind::Volatile,
            message:
                "the Redis of the queue forgets accepted events when it stops; set appendonly \
                      yes (CONFIG SET appendonly yes, and in redis.conf)"
                    .to_owned(),
        })
    }

    /// Policies that start with `volatile` only throw away keys that may expire, and those of the
    /// queue never do.
    fn evicting(&self) -> Option<Objection> {
        let policy = self.get("maxmemory_policy").filter(|policy| policy.starts_with("allkeys"))?;
        Some(Objection {
            about: ObjectionKind::Evicting,
            message: format!(
                "the Redis of the queue throws accepted events away when its memory is full \
                 (maxmemory-policy {policy}); set maxmemory-policy noeviction"
            ),
        })
    }
}

/// With `everysec`, a server puts its writes off for up to two seconds while its disk is still busy
/// with the last ones, and answers nevertheless; what it then holds in its own memory is gone when it
/// is killed. With `no`, a machine that goes down takes along what its disk had not yet.
fn unsynced(syncing: &[String]) -> Option<Objection> {
    const WHAT_TO_DO: &str = "set appendfsync always (CONFIG SET appendfsync always, and in \
                              redis.conf), or accept that with SCORELINE_QUEUE_ACCEPTS=unsynced";
    let found = syncing.iter().find(|setting| *setting != "always");
    let message = match found.map(String::as_str) {
        None if !syncing.is_empty() => return None,
        None => format!(
            "the Redis of the queue does not tell whether it syncs before it answers; if it does \
             not, accepted events are lost when it is killed: {WHAT_TO_DO}"
        ),
        Some("everysec") => format!(
            "the Redis of the queue answers before events are on its disk (appendfsync everysec), \
             and loses up to two seconds of accepted ones if it is killed: {WHAT_TO_DO}"
        ),
        Some(setting) => format!(
            "the Redis of the queue answers before events are on its disk (appendfsync {setting}), \
             and loses accepted ones if its machine goes down: {WHAT_TO_DO}"
        ),
    };
    Some(Objection { about: ObjectionKind::Unsynced, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory:1000\r\n\
                        maxmemory:0\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\n\
                        aof_enabled:1\r\n# Replication\r\nrole:master\r\n";

    fn objections(replaced: &str, by: &str) -> Vec<ObjectionKind> {
        assert!(GOOD.contains(replaced));
        let info = Info::new(GOOD.replace(replaced, by));
        about(&info.objections(&["always".to_owned()]))
    }

    fn about(objections: &[Objection]) -> Vec<ObjectionKind> {
        objections.iter().map(|objection| objection.about).collect()
    }

    #[test]
    fn a_server_that_answers_before_it_syncs_is_objected_to_whichever_of_them_it_is() {
        let info = Info::new(GOOD.to_owned());
        for (syncing, expected) in [
            (&["always", "always"][..], None),
            (&["always", "everysec"], Some("two seconds")),
            (&["no"], Some("machine goes down")),
            (&[], Some("does not tell")),
        ] {
            let syncing: Vec<String> = syncing.iter().map(ToString::to_string).collect();
            let found = info.objections(&syncing);
            assert_eq!(found.len(), usize::from(expected.is_some()), "{syncing:?}");
            for objection in found {
                assert_eq!(objection.about, ObjectionKind::Unsynced);
                assert!(objection.message.contains(expected.unwrap_or_default()), "{objection:?}");
                assert!(objection.message.contains("SCORELINE_QUEUE_ACCEPTS=unsynced"));
            }
        }
        let forgets = Info::new(GOOD.replace("aof_enabled:1", "aof_enabled:0"));
        assert_eq!(about(&forgets.objections(&["no".to_owned()])), [ObjectionKind::Volatile]);
    }

    #[test]
    fn a_durable_primary_of_version_7_is_welcome() {
        assert_eq!(objections("role", "role"), []);
        assert_eq!(objections("7.0.15", "9.0.1"), []);
        assert_eq!(objections("7.0.15", "10.2"), []);
    }

    #[test]
    fn whatever_may_lose_events_is_objected_to() {
        assert_eq!(objections("aof_enabled:1", "aof_enabled:0"), [ObjectionKind::Volatile]);
        assert_eq!(objections("noeviction", "allkeys-lru"), [ObjectionKind::Evicting]);
        assert_eq!(objections("noeviction", "volatile-lru"), []);
        assert_eq!(objections("role:master", "role:slave"), [ObjectionKind::ReadOnly]);
        assert_eq!(objections("7.0.15", "6.2.14"), [ObjectionKind::TooOld]);
        assert_eq!(objections("redis_version:7.0.15", ""), [ObjectionKind::TooOld]);
    }

    #[test]
    fn memory_without_a_limit_has_none() {
        let memory = |text: &str| Info::new(text.to_owned()).memory();
        assert_eq!(memory(GOOD), Memory { used_bytes: 1_000, most_bytes: None });
        let limited = memory("used_memory:7\r\nused_memory_rss:9\r\nmaxmemory:50\r\n");
        assert_eq!(limited, Memory { used_bytes: 7, most_bytes: Some(50) });
    }
}
