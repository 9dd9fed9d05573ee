//! The options of a queue on Redis.

use scoreline_core::id::DatabaseId;
use scoreline_core::queue::QueueSettings;

/// Where the queue is and how this node uses it.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://user:password@host:port/db`, `rediss://` for TLS, `redis+unix:///path` for a socket.
    /// A list of them separated by commas, or `redis-cluster://` and `rediss-cluster://` in front, is
    /// a Redis Cluster.
    pub url: String,
    /// What the names of all keys begin with. Letters, digits, `-`, `_`, `.` and `:`.
    pub namespace: String,
    /// The certificate in PEM form that the server's must be signed with; `None` for those that the
    /// system trusts.
    pub root_certificate: Option<Vec<u8>>,
    /// What should be the same on all nodes.
    pub settings: QueueSettings,
}

impl RedisOptions {
    /// The queue at `url`, under Scoreline's own name, for a node of `database`.
    pub fn new(url: impl Into<String>, database: DatabaseId) -> Self {
        Self {
            url: url.into(),
            namespace: "scoreline".to_owned(),
            root_certificate: None,
            settings: QueueSettings::of(database),
        }
    }
}

/// Hides the password, which is in the address.
impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions")
            .field("namespace", &self.namespace)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
