//! Settings: one table says what each is called, where it comes from and what it is by default.
//!
//! A flag goes before the environment, the environment before `scoreline.toml`, and that before
//! the default. What is not in the table is an error that suggests the right name.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use scoreline_core::alert::Thresholds;
use scoreline_core::error::ErrorKind;
use scoreline_core::limits::RETENTION_DAYS_MIN;
use scoreline_http::AuthMode;

/// How alike two names must be for one to be suggested for the other (Jaro-Winkler).
const ALIKE: f64 = 0.8;
/// The most events that one POST may be allowed to hold.
const BATCH_EVENTS_CEILING: usize = 10_000;
/// The most bytes that one body may be allowed to have: 256 MiB.
const BODY_BYTES_CEILING: usize = 256 * 1024 * 1024;
/// The file that is read where no other is named.
pub const FILE_NAME: &str = "scoreline.toml";

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the file; with hyphens, its flag.
    pub name: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its default as text; empty means not set.
    pub default: &'static str,
    /// What it does, with its unit and range.
    pub help: &'static str,
    /// Whether it must not be shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, env, default, help, secret: false }
}

const fn secret(
    name: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, env, default, help, secret: true }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting("port", "PORT", "8080", "TCP port to listen on; 0 takes a free one"),
    setting("bind", "SCORELINE_BIND", "127.0.0.1", "address to listen on"),
    setting("data_dir", "SCORELINE_DATA_DIR", "./data", "directory for everything that is kept"),
    setting("game", "SCORELINE_GAME", "", "game definition file; the compiled-in sample otherwise"),
    setting(
        "auth",
        "SCORELINE_AUTH",
        "",
        "open (any device id is believed) or player (signed tokens); open by default on loopback, must be chosen elsewhere",
    ),
    secret(
        "admin_token",
        "SCORELINE_ADMIN_TOKEN",
        "",
        "guards operator endpoints; made at first start otherwise",
    ),
    secret(
        "server_key",
        "SCORELINE_SERVER_KEY",
        "",
        "lets a trusted game server act for any player",
    ),
    setting("rate_limit", "SCORELINE_RATE_LIMIT", "off", "requests per player and minute, or off"),
    setting(
        "batch_events_max",
        "SCORELINE_BATCH_EVENTS_MAX",
        "500",
        "events of one POST, 1 to 10000",
    ),
    setting(
        "body_bytes_max",
        "SCORELINE_BODY_BYTES_MAX",
        "10485760",
        "bytes of one body after decompression, 1024 to 268435456",
    ),
    setting(
        "retention_days",
        "SCORELINE_RETENTION_DAYS",
        "90",
        "days that raw events are kept, at least 31",
    ),
    setting(
        "cors_origins",
        "SCORELINE_CORS_ORIGINS",
        "*",
        "origins that browsers may call from, by commas; * is all",
    ),
    setting(
        "trusted_proxies",
        "SCORELINE_TRUSTED_PROXIES",
        "",
        "addresses of proxies whose X-Forwarded-For is believed, by commas",
    ),
    setting("log", "SCORELINE_LOG", "text", "form of log lines: text or json"),
    setting(
        "workers",
        "SCORELINE_WORKERS",
        "10",
        "workers of the Redis queue; without a queue, one writer applies events",
    ),
    secret("database_url", "DATABASE_URL", "", "PostgreSQL; not available in this version"),
    secret("redis_url", "REDIS_URL", "", "Redis; not available in this version"),
    setting("namespace", "SCORELINE_NAMESPACE", "scoreline", "prefix in PostgreSQL and Redis"),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag of the command line.
    Flag,
    /// An environment variable.
    Environment,
    /// A line of the file.
    File(PathBuf),
    /// Nowhere.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A name that is in no table.
    #[error("{name} (from {source_name}) is no setting{suggestion}")]
    Unknown {
        /// The name.
        name: String,
        /// Where it stands.
        source_name: String,
        /// The right name, if one is like it.
        suggestion: String,
    },
    /// A value that makes no sense.
    #[error("{name} (from {source_name}) {reason}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Where its value stands.
        source_name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl ConfigError {
    /// What kind of trouble it is: always the operator's.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Directory for everything that is kept.
    pub data_dir: PathBuf,
    /// The game definition file; `None` is the compiled-in sample.
    pub game: Option<PathBuf>,
    /// Who is believed to be whom.
    pub auth: AuthMode,
    /// Guards operator endpoints; `None` is the one in the data directory.
    pub admin_token: Option<String>,
    /// Lets a trusted game server act for any player.
    pub server_key: Option<String>,
    /// Requests per player and minute; `None` is no limit.
    pub rate_limit_per_minute: Option<u32>,
    /// Events of one POST.
    pub batch_events_max: usize,
    /// Bytes of one body after decompression.
    pub body_bytes_max: usize,
    /// Days that raw events are kept.
    pub retention_days: u32,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether log lines are JSON.
    pub log_json: bool,
    /// When figures become alerts: the `[alerts]` table of the file.
    pub thresholds: Thresholds,
    values: BTreeMap<&'static str, (String, Source)>,
}

/// Settings as texts, with the table of alert thresholds.
struct Texts {
    values: BTreeMap<&'static str, (String, Source)>,
    thresholds: Thresholds,
}

impl Config {
    /// Reads the settings. `flags` and `environment` are names with values; `file` is the file to
    /// read, which must exist if `file_is_named`.
    pub fn read(
        flags: &BTreeMap<String, String>,
        environment: &BTreeMap<String, String>,
        file: &Path,
        file_is_named: bool,
    ) -> Result<Self, ConfigError> {
        let mut texts = Texts {
            values: SETTINGS
                .iter()
                .map(|setting| (setting.name, (setting.default.to_owned(), Source::Default)))
                .collect(),
            thresholds: Thresholds::default(),
        };
        if file_is_named || file.exists() {
            texts.read_file(file)?;
        }
        texts.read_environment(environment)?;
        for (name, value) in flags {
            let setting = find(name, "the command line")?;
            texts.values.insert(setting.name, (value.clone(), Source::Flag));
        }
        texts.resolve()
    }

    /// Every setting with its value, masked if it is secret, and where it came from.
    pub fn effective(&self) -> Vec<(&'static str, String, &Source)> {
        SETTINGS
            .iter()
            .map(|setting| {
                let (value, source) = &self.values[setting.name];
                let shown = if setting.secret && !value.is_empty() { "********" } else { value };
                (setting.name, shown.to_owned(), source)
            })
            .collect()
    }

    /// A `scoreline.toml` with every setting explained, commented out at its default.
    pub fn template() -> String {
        let mut text = String::from(
            "# Settings of Scoreline. A flag goes before the environment, the environment before this file.\n",
        );
        for setting in SETTINGS {
            let flag = setting.name.replace('_', "-");
            let Setting { name, env, default, help, .. } = setting;
            write!(
                text,
                "\n# {help}\n# (environment {env}, flag --{flag})\n# {name} = {default:?}\n"
            )
            .expect("a String takes everything");
        }
        let thresholds =
            toml::to_string(&Thresholds::default()).expect("thresholds are plain data");
        text.push_str("\n# When figures become alerts: above `warning`, above `critical`.\n");
        for line in thresholds.lines() {
            let line = line.replacen('[', "[alerts.", usize::from(line.starts_with('[')));
            writeln!(text, "# {line}").expect("a String takes everything");
        }
        text
    }
}

fn find(name: &str, source: &str) -> Result<&'static Setting, ConfigError> {
    SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| ConfigError::Unknown {
        name: name.to_owned(),
        source_name: source.to_owned(),
        suggestion: suggestion(name, SETTINGS.iter().map(|setting| setting.name)),
    })
}

fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    known
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| format!("; did you mean {other}?"))
        .unwrap_or_default()
}

impl Texts {
    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let fail = |reason: String| ConfigError::File { path: path.to_path_buf(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| fail(error.to_string()))?;
        for (name, value) in table {
            if name == "alerts" {
                self.thresholds =
                    value.try_into().map_err(|error| fail(format!("[alerts] {error}")))?;
                self.thresholds.check().map_err(|error| fail(error.to_string()))?;
                continue;
            }
            let setting = find(&name, &path.display().to_string())?;
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Array(items) => {
                    let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
                    texts.ok_or_else(|| fail(format!("{name} must be a list of texts")))?.join(",")
                }
                other => {
                    return Err(fail(format!("{name} must be a text or a number, but is {other}")));
                }
            };
            self.values.insert(setting.name, (text, Source::File(path.to_path_buf())));
        }
        Ok(())
    }

    fn read_environment(
        &mut self,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), ConfigError> {
        for (name, value) in environment {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.env == name) {
                // Platforms set variables to nothing to unset them.
                if !value.is_empty() {
                    self.values.insert(setting.name, (value.clone(), Source::Environment));
                }
            } else if name.starts_with("SCORELINE_") {
                return Err(ConfigError::Unknown {
                    name: name.clone(),
                    source_name: "the environment".to_owned(),
                    suggestion: suggestion(name, SETTINGS.iter().map(|setting| setting.env)),
                });
            }
        }
        Ok(())
    }

    fn text(&self, name: &'static str) -> Option<&str> {
        let (value, _) = &self.values[name];
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    fn invalid(&self, name: &'static str, reason: impl Into<String>) -> ConfigError {
        let source_name = self.values[name].1.to_string();
        ConfigError::Invalid { name, source_name, reason: reason.into() }
    }

    fn number<T>(&self, name: &'static str, least: T, most: T) -> Result<T, ConfigError>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let text = self.text(name).unwrap_or_default();
        match text.parse() {
            Ok(number) if number >= least && number <= most => Ok(number),
            _ => Err(self.invalid(
                name,
                format!("must be a whole number from {least} to {most}, but is {text:?}"),
            )),
        }
    }

    fn list(&self, name: &'static str) -> Vec<String> {
        let items = self.text(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(ToOwned::to_owned).collect()
    }

    fn resolve(self) -> Result<Config, ConfigError> {
        for name in ["database_url", "redis_url"] {
            if self.text(name).is_some() {
                let reason = "is set, but this version has the embedded profile only (SQLite, one node); \
                              unset it to store in the data directory";
                return Err(self.invalid(name, reason));
            }
        }
        let bind = self.text("bind").unwrap_or_default();
        let bind: IpAddr =
            if bind == "localhost" { "127.0.0.1" } else { bind }.parse().map_err(|_| {
                self.invalid(
                    "bind",
                    format!("must be an IP address such as 127.0.0.1 or 0.0.0.0, but is {bind:?}"),
                )
            })?;
        let trusted_proxies = self
            .list("trusted_proxies")
            .iter()
            .map(|text| {
                text.parse().map_err(|_| {
                    self.invalid(
                        "trusted_proxies",
                        format!("must hold IP addresses, but holds {text:?}"),
                    )
                })
            })
            .collect::<Result<_, _>>()?;
        let log_json = match self.text("log") {
            Some("json") => true,
            Some("text") | None => false,
            Some(other) => {
                return Err(self.invalid("log", format!("must be text or json, but is {other:?}")));
            }
        };
        Ok(Config {
            listen: SocketAddr::new(bind, self.number("port", 0, u16::MAX)?),
            data_dir: PathBuf::from(self.text("data_dir").unwrap_or("./data")),
            game: self.text("game").map(PathBuf::from),
            auth: self.auth(bind)?,
            admin_token: self.secret("admin_token")?,
            server_key: self.secret("server_key")?,
            rate_limit_per_minute: match self.text("rate_limit") {
                Some("off") | None => None,
                Some(_) => Some(self.number("rate_limit", 1, 1_000_000)?),
            },
            batch_events_max: self.number("batch_events_max", 1, BATCH_EVENTS_CEILING)?,
            body_bytes_max: self.number("body_bytes_max", 1_024, BODY_BYTES_CEILING)?,
            retention_days: self.number("retention_days", RETENTION_DAYS_MIN, 36_500)?,
            cors_origins: self.list("cors_origins"),
            trusted_proxies,
            log_json,
            thresholds: self.thresholds,
            values: self.values,
        })
    }

    fn auth(&self, bind: IpAddr) -> Result<AuthMode, ConfigError> {
        match self.text("auth") {
            Some("open") => Ok(AuthMode::Open),
            Some("player") => Ok(AuthMode::Player),
            Some(other) => {
                Err(self.invalid("auth", format!("must be open or player, but is {other:?}")))
            }
            None if bind.is_loopback() => Ok(AuthMode::Open),
            None => Err(self.invalid(
                "auth",
                format!(
                    "must be chosen before the server listens on {bind}: open believes any device id, \
                     player wants signed tokens"
                ),
            )),
        }
    }

    fn secret(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        match self.text(name) {
            Some(text) if text.chars().count() < 16 => {
                Err(self.invalid(name, "must have at least 16 characters"))
            }
            text => Ok(text.map(ToOwned::to_owned)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scoreline_core::limits::{BATCH_EVENTS_MAX, BODY_BYTES_MAX, RETENTION_DAYS};

    fn read(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Config::read(&map(flags), &map(environment), Path::new("/nowhere/scoreline.toml"), false)
    }

    #[test]
    fn defaults_serve_on_loopback_and_match_the_limits() {
        let config = read(&[], &[]).expect("defaults are valid");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.auth, AuthMode::Open);
        assert_eq!(config.batch_events_max, BATCH_EVENTS_MAX);
        assert_eq!(config.body_bytes_max, BODY_BYTES_MAX);
        assert_eq!(config.retention_days, RETENTION_DAYS);
    }

    #[test]
    fn a_flag_goes_before_the_environment() {
        let config = read(&[("port", "1")], &[("PORT", "2")]).expect("valid");
        assert_eq!(config.listen.port(), 1);
    }

    #[test]
    fn an_unknown_name_suggests_the_right_one() {
        let error = read(&[], &[("SCORELINE_DATADIR", "x")]).expect_err("unknown");
        assert!(error.to_string().contains("did you mean SCORELINE_DATA_DIR?"), "{error}");
    }

    #[test]
    fn a_public_address_needs_a_chosen_mode() {
        let error = read(&[("bind", "0.0.0.0")], &[]).expect_err("not chosen");
        assert!(error.to_string().starts_with("auth"), "{error}");
        assert!(read(&[("bind", "0.0.0.0"), ("auth", "open")], &[]).is_ok());
    }

    #[test]
    fn other_profiles_are_refused_instead_of_ignored() {
        let error =
            read(&[], &[("DATABASE_URL", "postgres://user:secret@host/db")]).expect_err("refused");
        assert!(error.to_string().starts_with("database_url"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn secrets_are_masked() {
        let config = read(&[("admin_token", "0123456789abcdef")], &[]).expect("valid");
        assert!(config.effective().iter().all(|(_, value, _)| !value.contains("0123456789abcdef")));
    }

    #[test]
    fn the_template_is_a_valid_file_with_every_setting() {
        let template = Config::template();
        for setting in SETTINGS {
            assert!(template.contains(&format!("# {} = ", setting.name)), "{}", setting.name);
        }
        let folder =
            std::env::temp_dir().join(format!("scoreline-template-{}", std::process::id()));
        let uncommented: Vec<&str> = template
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| {
                let is_setting = line.contains(" = ")
                    && !line.starts_with("database_url")
                    && !line.starts_with("redis_url");
                is_setting || line.starts_with("[alerts")
            })
            .collect();
        std::fs::write(&folder, uncommented.join("\n")).expect("written");
        let read = Config::read(&BTreeMap::new(), &BTreeMap::new(), &folder, true);
        std::fs::remove_file(&folder).expect("removed");
        read.expect("the template's defaults are valid");
    }
}
