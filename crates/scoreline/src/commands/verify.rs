//! `scoreline verify`: is what players see what the raw events say?

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use scoreline_server::{Config, compare_ranks, inspect, shared_ranks};

use crate::exit;
use crate::output::say;
use crate::progress::Bar;

#[derive(Args)]
pub struct Arguments {
    /// Differences to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    list: usize,
    /// Also compares the ranks in Redis, and has those read anew that differ
    #[arg(long)]
    ranks: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let list = arguments.list;
    let (store, plan) = inspect(config).await?;
    let bar = Bar::new("verifying events");
    let report = store.verify(plan, list, bar.shower()).await?;
    bar.done();
    say!("{} events folded again, {} derived rows compared", report.events, report.rows)?;
    let ranks_differ = arguments.ranks && verify_ranks(config, list).await?;
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
    say!("{} rows differ; 'scoreline rebuild --all' writes them anew", report.differing)?;
    Ok(ExitCode::from(exit::FOUND))
}

/// Compares the shared rank index with the store, board by board, and has those read anew that
/// differ. Answers whether any did.
async fn verify_ranks(config: &Config, list: usize) -> anyhow::Result<bool> {
    let Some(index) = shared_ranks(config).await? else {
        say!("ranks are in the memory of the server, which reads them when it starts")?;
        return Ok(false);
    };
    let (store, _) = inspect(config).await?;
    let mut differ = false;
    for (board, _) in index.loaded().await? {
        let Some(found) = compare_ranks(&*index, &*store, board, list).await? else { continue };
        let (slot, period) = (board.slot.0, board.period);
        say!("ranks of slot {slot}, period {period}: {} players compared", found.compared)?;
        for one in &found.listed {
            say!("  {}: stored {:?}, ranked {:?}", one.player, one.stored, one.indexed)?;
        }
        if found.differing > 0 {
            differ = true;
            index.unload(board).await?;
            say!("  {} differ; the board is read anew from the database", found.differing)?;
        }
    }
    Ok(differ)
}
