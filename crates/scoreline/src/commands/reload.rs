//! `scoreline reload`: puts the changed game definition in force, without a restart.

use std::process::ExitCode;

use anyhow::Context;
use scoreline_server::Config;
use serde_json::json;

use crate::local::Local;
use crate::output::say;

pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let server = Local::find(config)?.with_context(|| {
        format!(
            "no server runs on {}; it reads the definition when it starts",
            config.data_dir.display()
        )
    })?;
    let answer = server.post("/api/admin/reload", &json!({}))?;
    say!("{}", answer["message"].as_str().unwrap_or_default())?;
    for one in answer["incomplete"].as_array().into_iter().flatten() {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        say!("  incomplete: {} {}", text("kind"), text("name"))?;
    }
    Ok(ExitCode::SUCCESS)
}
