//! One node: a process of the binary, with what it says.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::later::{SERVES, VERSION, Version};

/// How long anything may take before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks at whether something has happened.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What guards the operator's endpoints.
const ADMIN_TOKEN: &str = "of-the-operator-of-tests";

/// Waits until something is there.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "{what} did not happen within {DEADLINE:?}");
        std::thread::park_timeout(LOOK_EVERY);
    }
}

/// An HTTP client that answers whatever the status is.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// Where a node finds its servers, and how it is set up.
#[derive(Clone)]
pub struct Surroundings {
    pub database_url: String,
    pub redis_url: String,
    /// More of the environment.
    pub settings: Vec<(&'static str, String)>,
}

/// Which program a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The one that was built.
    Present,
    /// One of a version to come.
    Later(Version),
}

impl Program {
    /// How it is called with these arguments.
    fn command(self, arguments: &[&str]) -> Vec<OsString> {
        let mut words: Vec<OsString> = match self {
            Self::Present => vec![env!("CARGO_BIN_EXE_scoreline").into()],
            Self::Later(_) => {
                let test = std::env::current_exe().expect("a test is a program");
                let words = ["--exact", SERVES, "--ignored", "--nocapture"].map(OsString::from);
                return [vec![test.into_os_string()], words.into()].concat();
            }
        };
        words.extend(arguments.iter().map(OsString::from));
        words
    }
}

/// A node. It ends with its value, or with the thread that started it.
pub struct Node {
    folder: TempDir,
    surroundings: Surroundings,
    program: Program,
    child: Child,
    pub address: String,
}

impl Node {
    /// Starts a node on a free port.
    pub fn start(surroundings: &Surroundings) -> Self {
        let folder = TempDir::with_prefix("scoreline-node-").expect("a folder");
        let surroundings = surroundings.clone();
        let program = Program::Present;
        let (child, address) = run(&folder, &surroundings, program, "0");
        Self { folder, surroundings, program, child, address }
    }

    /// Where it finds its servers.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Starts it again, where it was, after it has ended.
    pub fn restart(&mut self) {
        let port = self.address.rsplit(':').next().expect("an address has a port").to_owned();
        (self.child, self.address) = run(&self.folder, &self.surroundings, self.program, &port);
    }

    /// Replaces its program with another while it is in use, as an upgrade or its rollback does.
    pub fn replace(&mut self, program: Program) {
        let status = self.stop();
        assert!(status.success(), "{status}: {}", self.log());
        self.program = program;
        self.restart();
    }

    /// Runs a program that must not start beside it; what it said.
    pub fn refused(&self, program: Program) -> String {
        let folder = TempDir::with_prefix("scoreline-refused-").expect("a folder");
        let words = program.command(&["serve", "--port", "0"]);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(folder.path());
        set(&mut command, &self.surroundings, program, "0");
        let output = command.output().expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!output.status.success(), "it started: {said}");
        said
    }

    /// Kills the process at once, as the power does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ran");
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-s", "TERM", &pid]).status().expect("kill is there");
        assert!(told.success());
        wait_for("the end of a node", || self.child.try_wait().expect("it ran"))
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("the log is text")
    }

    /// Asks for JSON, whatever the status.
    pub fn get(&self, path: &str) -> (u16, Value) {
        let request = agent().get(format!("http://{}{path}", self.address));
        let mut response =
            request.header("X-Admin-Token", ADMIN_TOKEN).call().expect("the node answers");
        let status = response.status().as_u16();
        (status, response.body_mut().read_json().expect("JSON"))
    }

    /// Posts JSON as the operator; the status and the answer.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = agent().post(format!("http://{}{path}", self.address));
        let mut response =
            request.header("X-Admin-Token", ADMIN_TOKEN).send_json(body).expect("the node answers");
        let status = response.status().as_u16();
        (status, response.body_mut().read_json().expect("JSON"))
    }

    /// Deletes something as the operator; the status and the answer.
    pub fn delete(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = agent().delete(format!("http://{}{path}", self.address));
        let request = request.header("X-Admin-Token", ADMIN_TOKEN).force_send_body();
        let mut response = request.send_json(body).expect("the node answers");
        let status = response.status().as_u16();
        (status, response.body_mut().read_json().expect("JSON"))
    }

    /// Asks something as the operator and waits for so long; the status.
    pub fn ask_for(&self, longest: Duration, method: &str, path: &str, body: &Value) -> u16 {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.timeout_global(Some(longest)).build().into();
        let url = format!("http://{}{path}", self.address);
        let answer = if method == "GET" {
            agent.get(url).header("X-Admin-Token", ADMIN_TOKEN).call()
        } else {
            agent.post(url).header("X-Admin-Token", ADMIN_TOKEN).send_json(body)
        };
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}")).status().as_u16()
    }

    /// What `/api/health` says.
    pub fn health(&self) -> Value {
        self.get("/api/health").1
    }

    /// Runs a command with the same settings; what it printed, and whether it succeeded.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scoreline"));
        command.args(arguments).current_dir(self.folder.path());
        set(&mut command, &self.surroundings, Program::Present, "0");
        let output = command.output().expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(6_000);
            eprintln!("--- {}: {}", self.address, log.get(from..).unwrap_or(&log));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn set(command: &mut Command, surroundings: &Surroundings, program: Program, port: &str) {
    command.env_clear();
    if let Program::Later(version) = program {
        command.env(VERSION, version.as_str()).env("PORT", port);
    }
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("RUST_LOG", "info")
        .env("DATABASE_URL", &surroundings.database_url)
        .env("REDIS_URL", &surroundings.redis_url)
        .env("SCORELINE_DATABASE_CONNECTIONS", "20")
        .env("SCORELINE_ADMIN_TOKEN", ADMIN_TOKEN)
        .envs(surroundings.settings.iter().map(|(name, value)| (name, value)));
}

/// Starts the process; answers it with its address when it serves.
fn run(
    folder: &TempDir,
    surroundings: &Surroundings,
    program: Program,
    port: &str,
) -> (Child, String) {
    let note: PathBuf = folder.path().join("data/server.json");
    let _ = std::fs::remove_file(&note);
    let log = File::options().create(true).append(true).open(folder.path().join("log"));
    // The kernel ends it with the thread of the test.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).args(program.command(&["serve", "--port", port]));
    set(&mut command, surroundings, program, port);
    command.current_dir(folder.path()).stdout(Stdio::null()).stderr(log.expect("a file"));
    let mut child = command.spawn().expect("the binary runs");
    let address = wait_for("the start of a node", || {
        assert!(child.try_wait().expect("it ran").is_none(), "a node did not start");
        let text = std::fs::read_to_string(&note).ok()?;
        let note: Value = serde_json::from_str(&text).ok()?;
        Some(note["address"].as_str()?.to_owned())
    });
    (child, address)
}
