//! `scoreline verify`: is what players see what the raw events say?

use std::process::ExitCode;

use clap::ArgMatches;
use comfy_table::Table;
use scoreline_server::{Config, inspect};

use crate::cli::EXIT_FOUND;
use crate::progress::Bar;

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let list: usize = *matches.get_one("list").expect("it has a default");
    let (store, plan) = inspect(config).await?;
    let bar = Bar::new("verifying events");
    let report = store.verify(plan, list, bar.shower()).await?;
    bar.done();
    println!("{} events folded again, {} derived rows compared", report.events, report.rows);
    for projection in &report.incomplete {
        println!("{projection} lacks history and was not compared; 'scoreline rebuild' fills it");
    }
    if report.differing == 0 {
        println!("no difference");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new();
    table.set_header(["what", "key", "stored", "recomputed"]);
    for one in &report.differences {
        table.add_row([&one.what, &one.key, &one.stored, &one.recomputed]);
    }
    println!("{table}");
    println!("{} rows differ; 'scoreline rebuild --all' writes them anew", report.differing);
    Ok(ExitCode::from(EXIT_FOUND))
}
