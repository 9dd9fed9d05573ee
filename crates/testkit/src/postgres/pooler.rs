//! PgBouncer in front of a throw-away server, handing out connections by transaction.

use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use scoreline_throwaway::account::{as_account, own};
use scoreline_throwaway::{Keeper, free_port};
use tempfile::TempDir;
use tokio::time::Instant;

use super::{ROLE, Server};

/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// A pooler that ends with its value, or with the test process.
pub struct Pooler {
    port: u16,
    _keeper: Keeper,
}

impl Pooler {
    /// The pooler in front of [`Server::shared_unsynced`], started by the first who asks.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Pooler> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Server::shared_unsynced(), ""))
    }

    /// Starts a pooler in front of all databases of a server that takes unencrypted connections.
    /// `more` are further lines of its settings.
    pub fn start(server: &Server, more: &str) -> Self {
        let folder = TempDir::with_prefix("scoreline-pgbouncer-").expect("a folder").keep();
        let port = free_port().expect("a port");
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             pool_mode = transaction\nauth_type = trust\nauth_file = {folder}/users\n\
             default_pool_size = 12\nmax_client_conn = 1000\n{more}\n",
            server.port(),
            folder = folder.display(),
        );
        std::fs::write(folder.join("pgbouncer.ini"), settings).expect("writes");
        std::fs::write(folder.join("users"), format!("\"{ROLE}\" \"\"\n")).expect("writes");
        for file in ["", "pgbouncer.ini", "users"] {
            own(&folder.join(file)).expect("changes the owner");
        }
        let mut command = as_account("/usr/sbin/pgbouncer");
        command.arg("-q").arg("pgbouncer.ini");
        let keeper = Keeper::of(&command, &folder, "KILL").expect("starts a shell");
        keeper.start().expect("it starts");
        let pooler = Self { port, _keeper: keeper };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                started.elapsed() < START_MAX,
                "PgBouncer does not start; scripts/test installs it"
            );
            std::thread::yield_now();
        }
        pooler
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}
