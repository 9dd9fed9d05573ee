//! The server under measurement: a process of its own, so that its memory and its start are its own.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use scoreline_server::DataDir;
use scoreline_server::config::SETTINGS;
use scoreline_traffic::client::Target;
use uuid::Uuid;

use crate::error::{Error, Result};

/// How long the server may take to start or to stop.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The variable that holds what operators show.
const TOKEN: &str = "SCORELINE_ADMIN_TOKEN";
/// The pause between two looks at whether the server has started or stopped.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A server process. It is killed when this is dropped.
pub struct Measured {
    child: Child,
    /// What operators show.
    token: String,
    /// The address at which it listens.
    pub target: Target,
    /// How long it took until it served.
    pub start: Duration,
}

impl Drop for Measured {
    fn drop(&mut self) {
        // What has ended already needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Measured {
    /// Starts one by this command of a program, with its data in `folder` and these variables of the
    /// environment. No other setting reaches it: whatever database the caller's environment names is
    /// not to be measured.
    pub async fn start(
        program: &Path,
        command: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(Error::system("the folder of the server to be measured"))?;
        let begun = Instant::now();
        let chosen = settings.iter().find(|(name, _)| *name == TOKEN);
        let token = chosen
            .map_or_else(|| Uuid::new_v4().simple().to_string(), |(_, token)| (*token).to_owned());
        let mut server = Command::new(program);
        forget_settings(&mut server);
        let child = server
            .args([command, "--port", "0", "--data-dir"])
            .arg(folder)
            .current_dir(folder)
            .env("RUST_LOG", "error")
            .env(TOKEN, &token)
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .map_err(Error::system("the server to be measured"))?;
        // From here on the process ends with this value.
        let unknown = Target::parse("127.0.0.1:1")?;
        let mut measured = Self { child, token, target: unknown, start: Duration::ZERO };
        loop {
            if let Some(server) = DataDir::running(folder) {
                measured.start = begun.elapsed();
                measured.target = Target::parse(&server.address.to_string())?;
                return Ok(measured);
            }
            if let Some(status) = measured.ended()? {
                return Err(Error::Measured(format!("ended: {status}")));
            }
            if begun.elapsed() > TIMEOUT {
                return Err(Error::Measured(format!("did not start within {TIMEOUT:?}")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(Error::system("the server to be measured"))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The way to what only operators may do.
    pub fn operator(&self) -> Result<Target> {
        Ok(self.target.clone().with_token(&self.token)?)
    }

    /// How much memory it has resident, in megabytes; `None` where the system does not tell.
    pub fn resident_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib * 1_024.0 / 1e6)
    }

    /// Ends it without warning.
    pub fn kill(self) {}

    /// Ends it as an operator would, and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .map_err(Error::system("kill"))?;
        let begun = Instant::now();
        while self.ended()?.is_none() {
            if begun.elapsed() > TIMEOUT {
                return Err(Error::Measured(format!("did not stop within {TIMEOUT:?}")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

/// Lets a program of Scoreline know nothing of the environment's settings, also not of those that are none: it
/// would refuse to start.
pub fn forget_settings(command: &mut Command) {
    for setting in SETTINGS {
        command.env_remove(setting.env);
    }
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("SCORELINE_")) {
        command.env_remove(name);
    }
}
