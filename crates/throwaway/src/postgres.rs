//! A throw-away PostgreSQL.
//!
//! Its superuser reaches it without a password through a socket in its folder, which only the
//! server's account may enter. Commits are as durable as a server's usually are.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;
use uuid::Uuid;

use crate::account::{as_account, own};
use crate::{Error, Keeper, LOOK_EVERY, Result, START_MAX, free_port, succeed};

/// The role that owns everything at first.
pub const SUPERUSER: &str = "keeper";
/// Names a folder with the programs of the PostgreSQL to use.
const PROGRAMS: &str = "SCORELINE_TEST_POSTGRES";
/// Where packages put the programs of each version.
const VERSIONS: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether connections over TCP need a password, which is made up for this server.
    pub password: bool,
    /// Arguments of `initdb`, such as the locale.
    pub initdb: Vec<&'static str>,
    /// Lines of the configuration, such as `("max_connections", "10")`.
    pub settings: Vec<(&'static str, String)>,
    /// Who may connect and how, as a whole `pg_hba.conf`, instead of anybody on this machine.
    pub access: Option<&'static str>,
}

/// A server that ends with its value, or with the process that started it.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    password: Option<String>,
    keeper: Keeper,
}

impl Postgres {
    /// Makes a server and starts it.
    pub fn start(options: &Options) -> Result<Self> {
        let server = Self::prepare(options)?;
        server.run()?;
        Ok(server)
    }

    /// Makes a server without starting it, so that more files can be put into its folder before.
    pub fn prepare(options: &Options) -> Result<Self> {
        let programs = programs()?;
        let folder = TempDir::with_prefix("scoreline-postgres-").map_err(Error::system("a folder"));
        let folder = folder?.keep();
        let mut postgres = as_account(programs.join("postgres"));
        postgres.arg("-D").arg(folder.join("data"));
        // Its fast shutdown would wait for a last checkpoint that nobody needs.
        let keeper = Keeper::of(&postgres, &folder, "QUIT")?;
        own(&folder)?;
        let password = options.password.then(|| Uuid::new_v4().simple().to_string());
        let server = Self { folder, programs, port: free_port()?, password, keeper };
        server.make_cluster(options)?;
        server.configure(options)?;
        Ok(server)
    }

    fn make_cluster(&self, options: &Options) -> Result<()> {
        let mut initdb = as_account(self.programs.join("initdb"));
        initdb
            .args(["-U", SUPERUSER, "-E", "UTF8", "--no-sync", "--auth-local=trust"])
            .args(&options.initdb)
            .arg("-D")
            .arg(self.data());
        match &self.password {
            None => initdb.arg("--auth-host=trust"),
            Some(password) => {
                let file = self.folder.join("password");
                write(&file, password)?;
                initdb.arg("--auth-host=scram-sha-256").arg("--pwfile").arg(file)
            }
        };
        succeed(&mut initdb).map(drop)
    }

    fn configure(&self, options: &Options) -> Result<()> {
        let mut lines = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n",
            self.port,
            self.folder.display(),
        );
        for (name, value) in &options.settings {
            writeln!(lines, "{name} = '{value}'").expect("a text grows");
        }
        write(&self.data().join("postgresql.auto.conf"), &lines)?;
        match options.access {
            Some(access) => write(&self.data().join("pg_hba.conf"), access),
            None => Ok(()),
        }
    }

    /// Starts the server, after [`Postgres::prepare`], [`Postgres::stop`] or [`Postgres::kill`], and
    /// waits until it takes connections.
    pub fn run(&self) -> Result<()> {
        let pid = self.keeper.start()?.to_string();
        let begun = Instant::now();
        while !self.is_ready(&pid) {
            if self.keeper.has_ended() || begun.elapsed() > START_MAX {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(Error::NotStarted { server: "PostgreSQL", log });
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Whether it says so itself, in the file that `pg_ctl` looks at too.
    fn is_ready(&self, pid: &str) -> bool {
        let noted = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let line = |number: usize| noted.lines().nth(number).map(str::trim);
        line(0) == Some(pid) && line(7) == Some("ready")
    }

    /// Ends all connections and shuts down in order.
    pub fn stop(&self) -> Result<()> {
        self.keeper.end("INT")
    }

    /// Lets the server die at once, without writing anything more.
    pub fn kill(&self) -> Result<()> {
        self.keeper.end("QUIT")
    }

    /// Runs statements as the superuser and answers the rows, columns separated by `|`.
    pub fn ask(&self, database: &str, sql: &str) -> Result<String> {
        succeed(self.psql(database).args(["-c", sql]))
    }

    /// A `psql` of the superuser, which prints rows only and ends at the first error.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command
            .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database])
            .args(["-p", &self.port.to_string(), "-h"])
            .arg(&self.folder);
        command
    }

    /// The address of a database for the superuser, in the form of `DATABASE_URL`.
    pub fn url(&self, database: &str) -> String {
        let password = self.password.as_ref().map(|word| format!(":{word}")).unwrap_or_default();
        format!("postgres://{SUPERUSER}{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its first process, if it runs.
    pub fn pid(&self) -> Option<u32> {
        self.keeper.pid()
    }

    /// What it keeps, in `data`, and what it logs, in `log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// Writes a file of the server's account.
fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(Error::system(path.display().to_string()))?;
    own(path)
}

/// The folder with the programs: the one that the environment names, or the newest that packages have
/// installed, or the one in `PATH`.
fn programs() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(PROGRAMS) {
        return Ok(PathBuf::from(named));
    }
    let has_programs = |folder: &PathBuf| folder.join("initdb").exists();
    let installed = VERSIONS.iter().flat_map(std::fs::read_dir).flatten().flatten();
    let newest = installed
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin"))).filter(|(_, folder)| has_programs(folder))
        })
        .max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = newest.map(|(_, folder)| folder);
    found
        .or_else(|| std::env::split_paths(&path).find(has_programs))
        .ok_or(Error::Missing("PostgreSQL (initdb, postgres, psql)"))
}
