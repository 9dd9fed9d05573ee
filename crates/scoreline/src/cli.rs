//! What can be typed. Flags for settings come out of the table of settings, so that none is missing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use scoreline_bench::forgetful::COMMAND;
use scoreline_server::config::{FILE_NAME, SETTINGS, Setting, Source};
use scoreline_server::{Config, ConfigError};

/// Exit code where something was found: mistakes, differences, failed checks.
pub const EXIT_FOUND: u8 = 1;
/// Exit code where the command could not be carried out.
pub const EXIT_FAILED: u8 = 2;

/// What `bench` measures.
const PROFILES: [&str; 3] = ["embedded", "postgres", "queue"];

/// The whole command line.
pub fn command() -> Command {
    let settings = SETTINGS.iter().map(|setting| {
        Arg::new(setting.name)
            .long(setting.name.replace('_', "-"))
            .value_name("VALUE")
            .help(explained(setting))
            .help_heading("Settings")
            .global(true)
    });
    Command::new("scoreline")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The backend of a live mobile game: events in; ranks, tournaments and prizes out.")
        .after_help(
            "Without a command, scoreline serves.\n\
             Exit codes: 0 fine, 1 something was found (mistakes, differences), 2 could not be done.",
        )
        .args(settings)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .help(format!("settings file instead of ./{FILE_NAME}"))
                .value_parser(value_parser!(PathBuf))
                .global(true),
        )
        .subcommands(serving())
        .subcommands(inspecting())
        .subcommands(moving())
}

/// What a setting does, where else it may stand, and what it is otherwise.
fn explained(setting: &Setting) -> String {
    let Setting { help, env, default, .. } = setting;
    if default.is_empty() {
        return format!("{help} [env: {env}]");
    }
    format!("{help} [env: {env}] [default: {default}]")
}

fn serving() -> [Command; 4] {
    let names = Arg::new("names")
        .value_name("NAME")
        .action(ArgAction::Append)
        .help("boards, tournaments or statistics; those that lack history otherwise");
    let all = Arg::new("all").long("all").action(ArgAction::SetTrue).help("everything");
    [
        Command::new("serve").about("Runs the server").args(demo_flags()),
        Command::new(COMMAND).about("Acknowledges events and forgets them").hide(true),
        Command::new("reload")
            .about("Puts the changed game definition in force, without a restart"),
        Command::new("rebuild")
            .about("Fills new boards and statistics from history, while serving")
            .args([names, all]),
    ]
}

fn demo_flags() -> [Arg; 3] {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("N").default_value(default).help(help)
    };
    [
        Arg::new("demo")
            .long("demo")
            .action(ArgAction::SetTrue)
            .help("adds simulated players and a tournament that lasts minutes"),
        number("demo-players", "60", "how many simulated players")
            .value_parser(value_parser!(u32).range(1..=10_000)),
        number("demo-seed", "28", "the same seed plays the same games")
            .value_parser(value_parser!(u64)),
    ]
}

fn migrating() -> Command {
    let plan = Arg::new("plan")
        .long("plan")
        .action(ArgAction::SetTrue)
        .help("prints what would run, and changes nothing");
    Command::new("migrate").about("Brings the schema of PostgreSQL up to date").arg(plan)
}

fn inspecting() -> [Command; 6] {
    let template = Arg::new("template")
        .long("template")
        .action(ArgAction::SetTrue)
        .help("prints a commented settings file instead");
    let list = Arg::new("list")
        .long("list")
        .value_name("N")
        .default_value("20")
        .value_parser(value_parser!(usize))
        .help("differences to list");
    let ranks = Arg::new("ranks")
        .long("ranks")
        .action(ArgAction::SetTrue)
        .help("also compares the ranks in Redis, and has those read anew that differ");
    [
        Command::new("check")
            .about("Explains every mistake in a game definition")
            .arg(file("file", "the definition").required(true)),
        Command::new("config").about("Prints the settings in force, secrets masked").arg(template),
        Command::new("verify")
            .about("Recomputes everything from the raw events and lists differences")
            .args([list, ranks]),
        migrating(),
        measuring(),
        Command::new("doctor").about("Says what is wrong with this setup, and what to do"),
    ]
}

/// A size or a length of a measurement.
fn number(name: &'static str, default: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("N")
        .default_value(default)
        .value_parser(value_parser!(u64).range(1..=100_000_000))
        .help(help)
}

fn measuring() -> Command {
    let profile = Arg::new("profile")
        .long("profile")
        .value_name("PROFILE")
        .default_value("embedded")
        .value_parser(PROFILES)
        .help(
            "what is measured: SQLite, PostgreSQL, or PostgreSQL with the Redis queue. \
             PostgreSQL and Redis are started out of the programs that are installed; \
             DATABASE_URL and REDIS_URL are not used",
        );
    Command::new("bench")
        .about("Measures this machine with servers of its own, and reports")
        .arg(profile)
        .args([
            number("seconds", "10", "how long each phase is measured"),
            number("players", "1000000", "players on the board"),
            number(
                "stored",
                "10000000",
                "events stored before the measurements of a filled store; 0 leaves them out",
            )
            .value_parser(value_parser!(u64).range(0..=100_000_000)),
            file("json", "where the figures go as JSON").long("json"),
            file("report", "where the report goes as Markdown").long("report"),
        ])
        .subcommand(measuring_indexes())
}

fn measuring_indexes() -> Command {
    Command::new("indexes")
        .about(
            "Measures what each index of PostgreSQL buys and costs, in the empty database that \
             DATABASE_URL names or on a server of its own, and ranks while Redis is away",
        )
        .args([
            number("players", "1000000", "players on the main board"),
            number("events", "10000000", "stored events; one in a hundred more is dead"),
            number("prizes", "1000000", "prizes"),
            number("seconds", "30", "how long ranks are read while Redis is away"),
            file("json", "where the figures go as JSON").long("json"),
            file("report", "where the report goes as Markdown").long("report"),
        ])
}

fn moving() -> [Command; 3] {
    let option = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(name.to_uppercase()).help(help)
    };
    [
        Command::new("backup")
            .about("Writes a consistent copy of the database, while serving")
            .arg(file("file", "the copy; must not exist").required(true)),
        Command::new("export")
            .about("Writes events as NDJSON, in the form that import reads")
            .args([
                option("from", "not before this event time"),
                option("until", "before this event time"),
                option("type", "of this event type"),
                option("player", "of this player"),
                file("output", "where to; .gz is compressed; standard output otherwise")
                    .long("output"),
            ]),
        Command::new("import")
            .about("Takes exported events in again, or moves an embedded database to PostgreSQL")
            .arg(
                file("file", "NDJSON, or .gz; or a data directory, or its scoreline.db, to move")
                    .required(true),
            ),
    ]
}

fn file(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name("FILE").help(help).value_parser(value_parser!(PathBuf))
}

/// The settings that these flags, the environment and the file amount to.
pub fn config(matches: &ArgMatches) -> Result<Config, ConfigError> {
    let flags: BTreeMap<String, String> = SETTINGS
        .iter()
        .filter_map(|setting| {
            let value: &String = matches.get_one(setting.name)?;
            Some((setting.name.to_owned(), value.clone()))
        })
        .collect();
    let environment = environment(std::env::vars_os())?;
    let named: Option<&PathBuf> = matches.get_one("config");
    let file = named.map_or(Path::new(FILE_NAME), PathBuf::as_path);
    Config::read(&flags, &environment, file, named.is_some())
}

/// The variables that are text. One that is a setting and no text is refused: passing over it would
/// put a default in its place.
fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut environment = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        match (value.into_string(), SETTINGS.iter().find(|setting| setting.env == name)) {
            (Ok(value), _) => {
                environment.insert(name, value);
            }
            (Err(_), None) => {}
            (Err(_), Some(setting)) => {
                return Err(ConfigError::Invalid {
                    name: setting.name,
                    source_name: Source::Environment.to_string(),
                    reason: "must be UTF-8 text".to_owned(),
                });
            }
        }
    }
    Ok(environment)
}
