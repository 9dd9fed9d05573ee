//! The settings of this call: flags out of the table of settings, so that none is missing, the
//! environment, and the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use scoreline_server::config::{FILE_NAME, SETTINGS, Setting, Source};
use scoreline_server::{Config, ConfigError};

/// The heading of the settings in `--help`, after the options of the command itself.
const HEADING: &str = "Settings";

/// The settings that were typed on the command line.
pub struct SettingFlags {
    typed: BTreeMap<String, String>,
    /// The settings file, if one was named.
    file: Option<PathBuf>,
}

impl SettingFlags {
    /// The settings that follow from these flags, the environment and the file.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let environment = environment(std::env::vars_os())?;
        let file = self.file.as_deref().unwrap_or(Path::new(FILE_NAME));
        Config::read(&self.typed, &environment, file, self.file.is_some())
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        let flags = SETTINGS.iter().map(|setting| {
            Arg::new(setting.name)
                .long(setting.name.replace('_', "-"))
                .value_name("VALUE")
                .help(explained(setting))
                .help_heading(HEADING)
                .global(true)
        });
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help(format!("settings file instead of ./{FILE_NAME}"))
            .value_parser(value_parser!(PathBuf))
            .help_heading(HEADING)
            .global(true);
        command.arg(file).args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let typed = |setting: &Setting| {
            let value: &String = matches.get_one(setting.name)?;
            Some((setting.name.to_owned(), value.clone()))
        };
        Ok(Self {
            typed: SETTINGS.iter().filter_map(typed).collect(),
            file: matches.get_one("config").cloned(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The help of a setting: what it does, its variable of the environment, and its default.
fn explained(setting: &Setting) -> String {
    let Setting { help, env, default, .. } = setting;
    if default.is_empty() {
        return format!("{help} [env: {env}]");
    }
    format!("{help} [env: {env}] [default: {default}]")
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
