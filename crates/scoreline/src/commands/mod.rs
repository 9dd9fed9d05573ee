//! One file a command: its arguments, and what it does.

mod audit;
mod backup;
mod bench;
mod capacity;
mod check;
mod clock;
mod config;
mod demo;
mod doctor;
mod export;
mod free_space;
mod identity;
mod import;
mod keys;
mod migrate;
mod player;
mod rebuild;
mod reload;
mod review;
mod serve;
mod simulate;
mod soak;
mod verify;

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use scoreline_bench::forgetful;

use crate::settings::SettingFlags;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Runs the server
    Serve(serve::Arguments),
    /// Acknowledges events and forgets them
    #[command(name = forgetful::COMMAND, hide = true)]
    ServeForgetful,
    /// Puts the changed game definition in force, without a restart
    Reload(reload::Arguments),
    /// Fills new boards and statistics from history, while serving
    Rebuild(rebuild::Arguments),
    /// Explains every mistake in a game definition
    Check(check::Arguments),
    /// Says which time counts and whether it is trusted, and trusts a clock that jumped
    Clock(clock::Arguments),
    /// Prints the settings in force, secrets masked
    Config(config::Arguments),
    /// Recomputes everything from the raw events and lists differences
    Verify(verify::Arguments),
    /// Renames, bans, unbinds, moves, exports and erases players, voids events, blocks names, awards and revokes prizes
    Player(player::Arguments),
    /// Brings the schema of PostgreSQL up to date
    Migrate(migrate::Arguments),
    /// Makes, lists and revokes keys of colleagues and game servers
    Keys(keys::Arguments),
    /// Lists events that broke a rule, and decides whether they count
    Review(review::Arguments),
    /// Writes the log of what operators did, as NDJSON
    Audit(audit::Arguments),
    /// Measures this machine with servers of its own, and reports
    Bench(bench::Arguments),
    /// Says for how many daily players this machine suffices, and what ends first
    Capacity(capacity::Arguments),
    /// Plays days of players against a server, and compares every number
    Simulate(simulate::Arguments),
    /// Plays players while one thing after the other breaks, and compares every number
    Soak(soak::Arguments),
    /// Says what is wrong with this setup, and what to do
    Doctor,
    /// Writes a consistent copy of the database, while serving
    Backup(backup::Arguments),
    /// Writes events as NDJSON, in the form that import reads
    Export(export::Arguments),
    /// Removes for good what nobody needs, and gives the space back, also on a full disk
    FreeSpace(free_space::Arguments),
    /// Says which database this is and whose the queue is, and changes either
    Identity(identity::Arguments),
    /// Takes exported events in again, or moves an embedded database to PostgreSQL
    Import(import::Arguments),
}

/// Carries out what was typed.
pub fn run(command: Option<Command>, settings: &SettingFlags) -> anyhow::Result<ExitCode> {
    let Some(command) = command else { return serve::run(&settings.config()?, None) };
    let config = || settings.config();
    // This is no setting that could stay: replacing the game must be said with every command.
    let config_of = |replace_game| {
        let mut config = settings.config()?;
        config.replace_game = replace_game;
        anyhow::Ok(config)
    };
    match command {
        Command::Serve(arguments) => {
            serve::run(&config_of(arguments.replace_game)?, arguments.demo.demo())
        }
        Command::ServeForgetful => serve::run_forgetful(&config()?),
        Command::Reload(arguments) => runtime()?.block_on(reload::run(&config()?, arguments)),
        Command::Rebuild(arguments) => runtime()?.block_on(rebuild::run(&config()?, arguments)),
        Command::Check(arguments) => check::run(&arguments),
        Command::Clock(arguments) => clock::run(&config()?, &arguments),
        Command::Config(arguments) => config::run(&config()?, &arguments),
        Command::Verify(arguments) => runtime()?.block_on(verify::run(&config()?, &arguments)),
        Command::Player(arguments) => player::run(&config()?, arguments),
        Command::Migrate(arguments) => runtime()?.block_on(migrate::run(&config()?, &arguments)),
        Command::Keys(arguments) => keys::run(&config()?, arguments),
        Command::Review(arguments) => review::run(&config()?, arguments),
        Command::Audit(arguments) => audit::run(&config()?, &arguments),
        Command::Bench(arguments) => runtime()?.block_on(bench::run(settings, &arguments)),
        Command::Capacity(arguments) => runtime()?.block_on(capacity::run(&arguments)),
        Command::Simulate(arguments) => runtime()?.block_on(simulate::run(&arguments)),
        Command::Soak(arguments) => runtime()?.block_on(soak::run(&arguments)),
        // Mistakes in the settings are the first thing that `doctor` reports.
        Command::Doctor => runtime()?.block_on(doctor::run(config())),
        Command::Backup(arguments) => runtime()?.block_on(backup::run(&config()?, &arguments)),
        Command::Export(arguments) => runtime()?.block_on(export::run(&config()?, &arguments)),
        Command::FreeSpace(arguments) => {
            runtime()?.block_on(free_space::run(&config()?, &arguments))
        }
        Command::Identity(arguments) => runtime()?.block_on(identity::run(&config()?, &arguments)),
        Command::Import(arguments) => {
            let config = config_of(arguments.replace_game)?;
            runtime()?.block_on(import::run(&config, &arguments))
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the program could not be started")
}
