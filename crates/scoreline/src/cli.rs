//! What can be typed: the commands with their arguments, and a flag for every setting.

use clap::Parser;

use crate::commands::Command;
use crate::settings::SettingFlags;

/// The backend of a live mobile game: events in; ranks, tournaments and prizes out.
#[derive(Parser)]
#[command(
    version,
    after_help = "Without a command, scoreline serves.\n\
                  Exit codes: 0 fine, 1 something was found (mistakes, differences), \
                  2 could not be done."
)]
pub struct Cli {
    /// What is to be done; nothing means to serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub settings: SettingFlags,
}
