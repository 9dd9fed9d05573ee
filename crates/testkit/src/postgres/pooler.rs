//! PgBouncer in front of a throw-away server, handing out connections by transaction.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{ROLE, Server, as_account, free_port, own};

/// What its keeper does: start it, wait until nobody holds the pipe, then clean up.
const KEEPER: &str = r#"trap "" INT TERM HUP
"$@" &
cat >/dev/null
kill -KILL $!
rm -rf "$FOLDER""#;
/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// A pooler that ends with its value, or with the test process.
pub struct Pooler {
    port: u16,
    keeper: Child,
}

impl Pooler {
    /// The pooler in front of [`Server::shared`], started by the first who asks.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Pooler> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Server::shared(), ""))
    }

    /// Starts a pooler in front of all databases of a server that takes unencrypted connections.
    /// `more` are further lines of its settings.
    pub fn start(server: &Server, more: &str) -> Self {
        let folder = TempDir::with_prefix("scoreline-pgbouncer-").expect("a folder").keep();
        let port = free_port();
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
            own(&folder.join(file));
        }
        let start = as_account("/usr/sbin/pgbouncer");
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(start.get_program())
            .args(start.get_args())
            .arg("-q")
            .arg(folder.join("pgbouncer.ini"))
            .env("FOLDER", &folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts a shell");
        let pooler = Self { port, keeper };
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

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // It and the folder are gone when the keeper is.
        let _ = self.keeper.wait();
    }
}
