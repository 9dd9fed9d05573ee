//! One file a command.

mod bench;
mod check;
mod config;
mod demo;
mod doctor;
mod events;
mod maintain;
mod moving;
mod serve;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::ArgMatches;
use scoreline_bench::forgetful::COMMAND;
use scoreline_server::Config;

use crate::cli;

/// Carries out what was typed.
pub fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let (name, matches) = matches.subcommand().unwrap_or(("serve", matches));
    if name == "check" {
        return check::run(matches);
    }
    if name == "bench" {
        if let Some(("indexes", matches)) = matches.subcommand() {
            let config = cli::config(matches)?;
            return runtime()?.block_on(bench::indexes(&config, matches));
        }
        return runtime()?.block_on(bench::profile(matches));
    }
    if name == "doctor" {
        return runtime()?.block_on(doctor::run(cli::config(matches)));
    }
    let config = cli::config(matches)?;
    match name {
        "config" => config::run(&config, matches),
        "serve" => serve::run(&config, demo::options(matches)),
        COMMAND => serve::run_forgetful(&config),
        "verify" => runtime()?.block_on(verify::run(&config, matches)),
        "backup" => runtime()?.block_on(maintain::backup(&config, matches)),
        "migrate" => runtime()?.block_on(maintain::migrate(&config, matches)),
        "reload" => maintain::reload(&config),
        "rebuild" => runtime()?.block_on(maintain::rebuild(&config, matches)),
        "export" => runtime()?.block_on(events::export(&config, matches)),
        "import" => runtime()?.block_on(import(&config, matches)),
        other => unreachable!("clap knows no command {other}"),
    }
}

async fn import(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let from: &PathBuf = matches.get_one("file").expect("clap requires it");
    if moving::is_embedded(from) {
        return moving::run(config, from).await;
    }
    events::import(config, from).await
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the program could not be started")
}
