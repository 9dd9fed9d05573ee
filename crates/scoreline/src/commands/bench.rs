//! `scoreline bench`: measures this machine, with a server and a data directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ArgMatches;
use scoreline_server::DataDir;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Target;

use crate::cli::EXIT_FOUND;

/// How long the server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A server process with its data in a temporary folder; both go away with it.
struct Measured {
    child: Child,
    folder: PathBuf,
}

impl Drop for Measured {
    fn drop(&mut self) {
        // What cannot be ended or removed here is left to the system's temporary folder.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Measured {
    async fn start() -> anyhow::Result<(Self, Target)> {
        let folder = std::env::temp_dir().join(format!("scoreline-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(&folder)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .context("the server to be measured cannot be started")?;
        let measured = Self { child, folder };
        let begun = Instant::now();
        loop {
            if let Some(server) = DataDir::running(&measured.folder) {
                return Ok((measured, Target::parse(&server.address.to_string())?));
            }
            if begun.elapsed() > START_TIMEOUT {
                bail!("the server to be measured did not start within {START_TIMEOUT:?}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

pub async fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let seconds: u64 = *matches.get_one("seconds").expect("it has a default");
    let players: u64 = *matches.get_one("players").expect("it has a default");
    let (measured, target) = Measured::start().await?;
    let mut options = BenchOptions::new(target);
    options.players = players;
    options.duration = Duration::from_secs(seconds);
    let mut report = Bench::new(options).run().await?;
    drop(measured);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    report.setting.insert("cores, generator included".to_owned(), cores.to_string());
    report.setting.insert("players".to_owned(), players.to_string());
    let text = report.to_markdown();
    println!("{text}");
    write(matches, "json", &report.to_json())?;
    write(matches, "report", &text)?;
    Ok(if report.all_met() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

fn write(matches: &ArgMatches, name: &str, text: &str) -> anyhow::Result<()> {
    let Some(path) = matches.get_one::<PathBuf>(name) else { return Ok(()) };
    let path: &Path = path;
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
