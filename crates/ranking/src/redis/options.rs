//! What ranks in Redis are told when they are set up.

/// Where the ranks are.
#[derive(Clone)]
pub struct RedisOptions {
    /// As that of the queue: `redis://user:password@host:port/db`, `rediss://` for TLS, and a list or
    /// `redis-cluster://` for a Redis Cluster.
    pub url: String,
    /// What the names of all keys begin with. Letters, digits, `-`, `_`, `.` and `:`.
    pub namespace: String,
    /// The certificate in PEM form that the server's must be signed with; `None` for those that the
    /// system trusts.
    pub root_certificate: Option<Vec<u8>>,
}

impl RedisOptions {
    /// The ranks at `url`, under Scoreline's own name.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), namespace: "scoreline".to_owned(), root_certificate: None }
    }
}

/// Hides the password, which is in the address.
impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
