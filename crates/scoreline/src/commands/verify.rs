//! `scoreline verify`: is what players see what the raw events say?

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use scoreline_core::plural::counted;
use scoreline_server::{Config, inspect};
use serde_json::json;

use crate::exit;
use crate::local::Local;
use crate::output::say;
use crate::progress::Bar;

#[derive(Args)]
pub struct Arguments {
    /// Differences to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    list: usize,
    /// Also has the server that runs here compare the boards in its memory, and load those anew that differ
    #[arg(long)]
    ranks: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let list = arguments.list;
    let (store, plan) = inspect(config).await?;
    let bar = Bar::new("verifying events");
    let report = store.verify(plan, list, bar.shower()).await?;
    bar.done();
    let (events, rows) = (counted(report.events, "event"), counted(report.rows, "derived row"));
    say!("{events} folded again, {rows} compared")?;
    let ranks_differ = arguments.ranks && verify_ranks(config, list)?;
    for projection in &report.incomplete {
        say!("{projection} lacks history and was not compared; 'scoreline rebuild' fills it")?;
    }
    if report.differing == 0 && !ranks_differ {
        say!("no difference")?;
        return Ok(ExitCode::SUCCESS);
    }
    if report.differing == 0 {
        return Ok(ExitCode::from(exit::FOUND));
    }
    let mut table = Table::new();
    table.set_header(["what", "key", "stored", "recomputed"]);
    for one in &report.differences {
        table.add_row([&one.what, &one.key, &one.stored, &one.recomputed]);
    }
    say!("{table}")?;
    let rows = counted(report.differing, "row");
    say!("{rows} with a difference; 'scoreline rebuild --all' writes what differs anew")?;
    say!("closed tournaments are rebuilt by name only, and prizes stay as they were awarded")?;
    Ok(ExitCode::from(exit::FOUND))
}

/// Has the server that runs here compare the boards in its memory with the database, and load those anew
/// that differ. Answers whether any did.
fn verify_ranks(config: &Config, list: usize) -> anyhow::Result<bool> {
    let Some(server) = Local::find(config)? else {
        say!("no server runs here; one reads its boards from the database when it starts")?;
        return Ok(false);
    };
    let found = server.post(&format!("/api/admin/compare-boards?list={list}"), &json!({}))?;
    for board in found["boards"].as_array().into_iter().flatten() {
        let number = |key: &str| board[key].as_u64().unwrap_or_default();
        let name = board["board"].as_str().unwrap_or("a board that is no longer wanted");
        let period = board["period"].as_str().map(|since| format!(", since {since}"));
        let (since, players) = (period.unwrap_or_default(), counted(number("compared"), "player"));
        say!("{name}{since}: {players} compared")?;
        for one in board["differences"].as_array().into_iter().flatten() {
            say!("  {}: stored {}, in memory {}", one["user_id"], one["stored"], one["held"])?;
        }
        if number("differing") != 0 {
            let rows = counted(number("differing"), "row");
            say!("  {rows} with a difference; the board was loaded anew")?;
        }
    }
    Ok(found["differing"] != 0)
}
