//! One of two sides that are compared: a program, and settings for it.

use std::path::PathBuf;
use std::str::FromStr;

use scoreline_server::config::SETTINGS;

/// A program with settings, written `PROGRAM`, `PROGRAM:NAME=VALUE,NAME=VALUE` or `:NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The program; `None` is the one that measures.
    pub program: Option<PathBuf>,
    /// The command by which it serves.
    pub command: String,
    /// Variables of its environment.
    pub settings: Vec<(String, String)>,
}

impl Side {
    /// A command of the program that measures, as it is.
    pub fn of_command(command: &str) -> Self {
        Self { program: None, command: command.to_owned(), settings: Vec::new() }
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (program, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut side = Self::of_command("serve");
        side.program = (!program.is_empty()).then(|| from_here(program));
        for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
            let (name, value) =
                setting.split_once('=').ok_or_else(|| format!("{setting:?} is not NAME=VALUE"))?;
            if !SETTINGS.iter().any(|known| known.env == name) {
                return Err(format!("{name} is no setting; 'scoreline config' lists them"));
            }
            side.settings.push((name.to_owned(), value.to_owned()));
        }
        Ok(side)
    }
}

/// A program as it is found from every folder: servers that are measured run in folders of their own. A bare name is one
/// that the system looks for.
fn from_here(program: &str) -> PathBuf {
    let path = PathBuf::from(program);
    if path.components().count() == 1 { path } else { std::path::absolute(&path).unwrap_or(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_a_program_or_settings_or_both() {
        let side: Side = "./old:SCORELINE_WORKERS=4,SCORELINE_LOG=json".parse().expect("valid");
        let here = std::env::current_dir().expect("a folder").join("old");
        assert_eq!(side.program, Some(here), "wherever it is started from");
        assert_eq!(side.settings[1], ("SCORELINE_LOG".to_owned(), "json".to_owned()));
        let side: Side = ":SCORELINE_WORKERS=4".parse().expect("valid");
        assert_eq!((side.program, side.settings.len()), (None, 1));
        for wrong in [":SCORELINE_WORKERS", ":SCORELINE_WORKER=4"] {
            assert!(wrong.parse::<Side>().is_err(), "{wrong}");
        }
        let side: Side = "scoreline".parse().expect("valid");
        assert_eq!(side.program, Some(PathBuf::from("scoreline")), "the one on the path");
    }
}
