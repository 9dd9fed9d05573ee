//! `scoreline config`: the settings in force and where they come from.

use std::process::ExitCode;

use clap::ArgMatches;
use comfy_table::Table;
use scoreline_server::Config;

use crate::output::say;

pub fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    if matches.get_flag("template") {
        say!("{}", Config::template().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new();
    table.set_header(["setting", "value", "from"]);
    for (name, value, source) in config.effective() {
        table.add_row([name, value, source.to_string()]);
    }
    say!("{table}")?;
    Ok(ExitCode::SUCCESS)
}
