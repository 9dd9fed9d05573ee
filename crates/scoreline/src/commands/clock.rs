//! `scoreline clock`: which time counts, and whether it is trusted; `--trust` says that a clock that
//! jumped is right.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use scoreline_server::Config;
use serde_json::{Value, json};

use crate::exit;
use crate::local::Local;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// Says that a clock that jumped is right: time goes by it from now on
    #[arg(long)]
    trust: bool,
}

pub fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(server) = Local::find(config)? else {
        let folder = config.data_dir.display();
        bail!("no server runs on {folder}; whether a clock jumped is judged while it runs");
    };
    if arguments.trust {
        let answer = server.post("/api/admin/clock/trust", &json!({}))?;
        say!("{}: {}", text(&answer, "message"), text(&answer, "time"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let health = server.get("/api/health")?;
    say!("time: {}", text(&health, "timestamp"))?;
    let Some(reason) = health["services"]["clock"]["reason"].as_str() else {
        say!("the clock is trusted")?;
        return Ok(ExitCode::SUCCESS);
    };
    say!("{reason}")?;
    Ok(ExitCode::from(exit::FOUND))
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap_or_default()
}
