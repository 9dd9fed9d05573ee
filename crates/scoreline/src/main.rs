//! The command line of Scoreline. Without a command it serves.

mod cli;
mod commands;
mod local;
mod progress;
mod service_manager;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(&cli::command().get_matches()) {
        Ok(code) => code,
        Err(error) => {
            // One sentence with its causes; whoever reads it wants the way out, not a backtrace.
            eprintln!("scoreline: {error:#}");
            ExitCode::from(cli::EXIT_FAILED)
        }
    }
}
