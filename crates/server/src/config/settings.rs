//! The table of settings: what each is called, where it may stand, and what it is by default.

use std::path::PathBuf;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the file; with hyphens, its flag.
    pub name: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its default as text; empty means not set.
    pub default: &'static str,
    /// What it does, with its unit and range.
    pub help: &'static str,
    /// Whether it must not be shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, env, default, help, secret: false }
}

const fn secret(
    name: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, env, default, help, secret: true }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting("port", "PORT", "8080", "TCP port to listen on; 0 takes a free one"),
    setting("bind", "SCORELINE_BIND", "127.0.0.1", "address to listen on"),
    setting("data_dir", "SCORELINE_DATA_DIR", "./data", "directory for everything that is kept"),
    setting(
        "game",
        "SCORELINE_GAME",
        "",
        "game definition file; otherwise the definition that the data has, or the compiled-in sample for new data",
    ),
    setting(
        "auth",
        "SCORELINE_AUTH",
        "",
        "open (any device id is believed) or player (signed tokens); open by default on loopback without proxies, must be chosen elsewhere",
    ),
    setting(
        "claims",
        "SCORELINE_CLAIMS",
        "first",
        "who gets a player who has played and was never bound to a secret: first (whoever asks first) or proof (whoever names an id of the player's last events)",
    ),
    setting(
        "erasure_page",
        "SCORELINE_ERASURE_PAGE",
        "off",
        "on serves /privacy/erase, where players ask to be erased: at once with their device's secret (player), as a request to operators (open)",
    ),
    setting(
        "public_ids",
        "SCORELINE_PUBLIC_IDS",
        "ids",
        "what boards and tournaments call other players: ids, or aliases that say nothing of them",
    ),
    secret(
        "admin_token",
        "SCORELINE_ADMIN_TOKEN",
        "",
        "guards operator endpoints; made at first start otherwise",
    ),
    secret(
        "server_key",
        "SCORELINE_SERVER_KEY",
        "",
        "lets a trusted game server act for any player",
    ),
    secret(
        "token_secret",
        "SCORELINE_TOKEN_SECRET",
        "",
        "signs players' tokens, 32 bytes at least; made at first start otherwise",
    ),
    secret(
        "token_secret_other",
        "SCORELINE_TOKEN_SECRET_OTHER",
        "",
        "tokens signed with it are taken as well, while one secret gives way to another",
    ),
    setting(
        "rate_limit",
        "SCORELINE_RATE_LIMIT",
        "",
        "requests with events that one player may send a minute, or off; an address may ask ten times as often; 1200 by default, off where only loopback reaches the server",
    ),
    setting(
        "batch_events_max",
        "SCORELINE_BATCH_EVENTS_MAX",
        "500",
        "events of one POST, 1 to 10000",
    ),
    setting(
        "body_bytes_max",
        "SCORELINE_BODY_BYTES_MAX",
        "10485760",
        "bytes of one body after decompression, 1024 to 268435456",
    ),
    setting(
        "connections_max",
        "SCORELINE_CONNECTIONS_MAX",
        "10000",
        "connections of clients at most, 16 to 1000000; one address may have half of them, and fewer open files allow fewer",
    ),
    setting(
        "retention_days",
        "SCORELINE_RETENTION_DAYS",
        "90",
        "days that raw events are kept, at least 31",
    ),
    setting(
        "set_aside_mib_max",
        "SCORELINE_SET_ASIDE_MIB_MAX",
        "64",
        "MiB that quarantine, and as much the dead events, may take, 1 to 1000000; beyond, the oldest of the kind that takes most go for good",
    ),
    setting(
        "set_aside_days",
        "SCORELINE_SET_ASIDE_DAYS",
        "90",
        "days that rejected and dead events are kept, and that events wait for review, 1 to 36500",
    ),
    setting(
        "cors_origins",
        "SCORELINE_CORS_ORIGINS",
        "*",
        "origins that browsers may call from, by commas; * is all",
    ),
    setting(
        "trusted_proxies",
        "SCORELINE_TRUSTED_PROXIES",
        "",
        "addresses and networks (10.0.0.0/8) of proxies that are believed where they say whom a request came from, by commas",
    ),
    setting(
        "proxy_header",
        "SCORELINE_PROXY_HEADER",
        "any",
        "where those proxies say it: x-forwarded-for, forwarded, or any (X-Forwarded-For where there is one, Forwarded otherwise)",
    ),
    setting(
        "virtual_clock",
        "SCORELINE_VIRTUAL_CLOCK",
        "",
        "file that the time is read from instead of the machine's clock, for simulations: on loopback without proxies only",
    ),
    setting("log", "SCORELINE_LOG", "text", "form of log lines: text or json"),
    secret(
        "database_url",
        "DATABASE_URL",
        "",
        "PostgreSQL to store in, such as postgres://user:password@host/database; SQLite in the data directory otherwise",
    ),
    setting(
        "database_connections",
        "SCORELINE_DATABASE_CONNECTIONS",
        "50",
        "connections to PostgreSQL at most, 4 to 1000",
    ),
    setting(
        "database_pooler",
        "SCORELINE_DATABASE_POOLER",
        "none",
        "transaction behind a pooler that hands out connections by transaction, such as PgBouncer; none otherwise",
    ),
    secret(
        "redis_url",
        "REDIS_URL",
        "",
        "Redis for the queue, beside PostgreSQL; several addresses by commas are a cluster",
    ),
    setting(
        "redis_root_certificate",
        "SCORELINE_REDIS_ROOT_CERTIFICATE",
        "",
        "file with the certificate that a Redis with TLS is signed with; what the system trusts otherwise",
    ),
    setting(
        "workers",
        "SCORELINE_WORKERS",
        "10",
        "workers of this node that apply events out of the Redis queue, 1 to 256",
    ),
    setting(
        "queue_lease",
        "SCORELINE_QUEUE_LEASE_S",
        "60",
        "seconds after which other nodes take over the events that a worker held when it died, 2 to 3600; the same on all nodes",
    ),
    setting(
        "queue_accepts",
        "SCORELINE_QUEUE_ACCEPTS",
        "",
        "what is accepted of a Redis that may lose events: volatile, unsynced, evicting, by commas; without it, events go to PostgreSQL directly",
    ),
    setting(
        "namespace",
        "SCORELINE_NAMESPACE",
        "scoreline",
        "schema in PostgreSQL and prefix in Redis: letters, digits and _, 40 at most",
    ),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag of the command line.
    Flag,
    /// An environment variable.
    Environment,
    /// A line of the file.
    File(PathBuf),
    /// It was not set: the default.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}
