//! A server process in a temporary folder, and what devices send to it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

/// How long anything may take before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The binary, with nothing of this machine's settings.
pub fn scoreline(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scoreline"));
    command.current_dir(folder).env_clear().env("RUST_LOG", "warn");
    command
}

/// Runs a command to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    scoreline(folder).args(arguments).output().expect("the binary runs")
}

/// What a command printed, both ways.
pub fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Waits until something is there.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "{what} did not happen within {DEADLINE:?}");
        std::thread::yield_now();
    }
}

/// A running server.
pub struct Server {
    child: Child,
    pub base: String,
    pub token: String,
    folder: PathBuf,
}

impl Server {
    /// Starts one on a free port with its data in `folder`.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = scoreline(folder);
        command.args(["serve", "--port", "0"]).args(arguments);
        Self::started(folder, command)
    }

    /// Starts one that stores in PostgreSQL and knows the admin token in `folder` from there.
    pub fn start_on(folder: &Path, database_url: &str) -> Self {
        let mut command = scoreline(folder);
        command.args(["serve", "--port", "0"]).env("DATABASE_URL", database_url);
        Self::started(folder, command)
    }

    /// Starts one that a limit on the size of its files does not kill: writing fails instead, as it
    /// does on a full disk.
    pub fn start_ignoring_file_limits(folder: &Path) -> Self {
        let mut command = Command::new("sh");
        let script = "trap '' XFSZ; exec \"$0\" serve --port 0";
        command.args(["-c", script, env!("CARGO_BIN_EXE_scoreline")]);
        command.current_dir(folder).env_clear().env("RUST_LOG", "error");
        Self::started(folder, command)
    }

    /// Starts one that writes its log, as detailed as `level`, to the file `log` in `folder`.
    pub fn start_logging(folder: &Path, level: &str, arguments: &[&str]) -> Self {
        let mut command = scoreline(folder);
        command.args(["serve", "--port", "0"]).args(arguments).env("RUST_LOG", level);
        let log = File::create(folder.join("log")).expect("a file for the log");
        Self::started_with(folder, command, log.into())
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).expect("the log is text")
    }

    /// Starts the server that `command` describes, with its data in `folder`.
    pub fn started(folder: &Path, command: Command) -> Self {
        Self::started_with(folder, command, Stdio::inherit())
    }

    fn started_with(folder: &Path, mut command: Command, log: Stdio) -> Self {
        let note = folder.join("data/server.json");
        let _ = std::fs::remove_file(&note);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the binary runs");
        let note = wait_for("the start of the server", || {
            let text = std::fs::read_to_string(&note).ok()?;
            serde_json::from_str::<Value>(&text).ok()
        });
        let base = format!("http://{}", note["address"].as_str().expect("an address"));
        // None is made where the settings name one.
        let token = std::fs::read_to_string(folder.join("data/admin_token")).unwrap_or_default();
        Self { child, base, token: token.trim().to_owned(), folder: folder.to_path_buf() }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the process at once, as the power does.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ran");
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -s {name} {}", self.id())])
            .status()
            .expect("a shell");
        assert!(status.success());
    }

    /// Waits for the end of the process.
    pub fn wait(mut self) -> ExitStatus {
        wait_for("the end of the server", || self.child.try_wait().expect("it ran"))
    }

    /// Runs a command on the same data.
    pub fn run(&self, arguments: &[&str]) -> Output {
        run(&self.folder, arguments)
    }

    /// Asks for a text.
    pub fn text(&self, path: &str) -> String {
        let mut answer = agent().get(format!("{}{path}", self.base)).call().expect("an answer");
        answer.body_mut().read_to_string().expect("a text")
    }

    /// Asks for JSON.
    pub fn get(&self, path: &str) -> Value {
        let request = agent().get(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let mut response = request.call().expect("an answer");
        response.body_mut().read_json().expect("JSON")
    }

    /// Posts JSON; the status and what was answered, or `None` if no answer came.
    pub fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        post(&self.base, path, &self.token, body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that forgets its server must not leave it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(DEADLINE))
        .build()
        .into()
}

/// Posts JSON; `None` if no answer came.
pub fn post(base: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
    let request = agent().post(format!("{base}{path}"));
    let request = request.header("Authorization", format!("Bearer {token}"));
    let mut response = request.send_json(body).ok()?;
    let status = response.status().as_u16();
    Some((status, response.body_mut().read_json().ok()?))
}

/// A game that ended, as a device reports it.
#[expect(clippy::disallowed_methods, reason = "devices give every event an id of its own")]
pub fn game_ended(player: &str, score: i64) -> Value {
    json!({
        "event_type": "game_ended", "user_id": player, "event_id": Uuid::new_v4(),
        "timestamp": now_ms(), "app_version": "1.0.0", "platform": "ios",
        "game_mode": "endless", "score": score, "duration_seconds": score / 20 + 1,
        "obstacles_dodged": 1, "coins_collected": 1, "gems_collected": 0,
        "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 1,
    })
}

fn now_ms() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    u64::try_from(since.as_millis()).expect("64 bits")
}
