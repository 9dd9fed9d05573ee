//! The command line of Scoreline. Without a command it serves.

// A reader may leave before the end: `output` is the way to print.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod commands;
mod exit;
mod local;
mod logging;
mod output;
mod private_file;
mod progress;
mod service_manager;
mod settings;
#[cfg(feature = "otel")]
mod traces;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Cli { command, settings } = Cli::parse();
    match commands::run(command, &settings) {
        Ok(code) => code,
        Err(error) => {
            // One sentence with its causes; whoever reads it wants the way out, not a backtrace.
            output::note!("scoreline: {error:#}");
            ExitCode::from(exit::of(&error))
        }
    }
}
