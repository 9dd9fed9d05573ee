//! `scoreline config`: the settings in force and where they come from.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use scoreline_server::Config;

use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    /// Prints a commented settings file instead
    #[arg(long)]
    template: bool,
}

pub fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.template {
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
