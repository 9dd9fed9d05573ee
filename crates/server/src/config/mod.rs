//! Settings: one table says what each is called, where it comes from and what it is by default.
//!
//! A flag overrides the environment, the environment `scoreline.toml`, and the file the default. A
//! name that is not in the table is an error that suggests the right one.

mod profile;
mod service_links;
mod settings;
mod texts;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use scoreline_core::alert::Thresholds;
use scoreline_core::error::ErrorKind;
use scoreline_core::session::Claims;
use scoreline_core::store::SetAsideMax;
use scoreline_http::{AuthMode, Network, ProxyHeader};

pub use profile::{PostgresConfig, Profile, RedisConfig};
pub use settings::{SETTINGS, Setting, Source};
use texts::{Texts, find};

/// The file that is read where no other is named.
pub const FILE_NAME: &str = "scoreline.toml";

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

/// What boards and tournaments call players who are not named by the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicIds {
    /// By their ids.
    Ids,
    /// By aliases.
    Aliases,
}

impl PublicIds {
    /// All of them, by the name that the setting has for each.
    pub const ALL: [(&'static str, Self); 2] = [("ids", Self::Ids), ("aliases", Self::Aliases)];
}

/// The settings in force.
#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Directory for everything that is kept.
    pub data_dir: PathBuf,
    /// The game definition file; `None` goes on with the definition of the data, or with the
    /// compiled-in sample where there is no data yet.
    pub game: Option<PathBuf>,
    /// Whether that file may be of another game than the data. This cannot be set permanently: it
    /// must be said with every command.
    pub replace_game: bool,
    /// How a player proves who they are.
    pub auth: AuthMode,
    /// Who may bind a player who was never bound.
    pub claims: Claims,
    /// Whether there is a page by which players ask to be erased.
    pub erasure_page: bool,
    /// What boards call players.
    pub public_ids: PublicIds,
    /// Guards operator endpoints; `None` is the one in the data directory.
    pub admin_token: Option<String>,
    /// Lets a trusted game server act for any player.
    pub server_key: Option<String>,
    /// Signs players' tokens; `None` is the one that was made at first start.
    pub token_secret: Option<String>,
    /// Another secret with which players' tokens may be signed, while one gives way to the other.
    pub token_secret_other: Option<String>,
    /// Requests per player and minute; `None` is no limit.
    pub rate_limit_per_minute: Option<u32>,
    /// Events of one POST.
    pub batch_events_max: usize,
    /// Bytes of one body after decompression.
    pub body_bytes_max: usize,
    /// Connections of clients at most.
    pub connections_max: usize,
    /// Days that raw events are kept.
    pub retention_days: u32,
    /// How much may be set aside, and for how long.
    pub set_aside_max: SetAsideMax,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// Proxies that are believed where they say whom a request came from.
    pub trusted_proxies: Vec<Network>,
    /// Where they say it.
    pub proxy_header: ProxyHeader,
    /// Whether log lines are JSON.
    pub log_json: bool,
    /// The file that the time is read from instead of the machine's clock, for simulations on this machine.
    pub virtual_clock: Option<PathBuf>,
    /// Where events are stored and wait.
    pub profile: Profile,
    /// Schema in PostgreSQL and prefix in Redis.
    pub namespace: String,
    /// When figures become alerts: the `[alerts]` table of the file.
    pub thresholds: Thresholds,
    thresholds_from: BTreeMap<String, Source>,
    values: BTreeMap<&'static str, (String, Source)>,
}

/// The effective settings, with secrets masked.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(self.effective().iter().map(|(name, value, _)| (name, value)))
            .finish()
    }
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
            thresholds_from: BTreeMap::new(),
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

    /// Every setting and every threshold with its value, masked if it is secret, and where it came from.
    pub fn effective(&self) -> Vec<(String, String, &Source)> {
        let settings = SETTINGS.iter().map(|setting| {
            let (value, source) = &self.values[setting.name];
            let shown = match (setting.name, value.as_str()) {
                // The default depends on the address.
                ("auth", "") => self.auth.as_str(),
                ("rate_limit", "") => match self.rate_limit_per_minute {
                    None => "off",
                    Some(limit) => &limit.to_string(),
                },
                (_, value) if setting.secret && !value.is_empty() => "********",
                (_, value) => value,
            };
            (setting.name.to_owned(), shown.to_owned(), source)
        });
        settings.chain(self.effective_thresholds()).collect()
    }

    /// The table of alerts, a metric a line, written as it may stand in the file.
    fn effective_thresholds(&self) -> impl Iterator<Item = (String, String, &Source)> {
        let table = toml::Table::try_from(self.thresholds).expect("thresholds are plain data");
        table.into_iter().map(|(metric, threshold)| {
            let source = self.thresholds_from.get(&metric).unwrap_or(&Source::Default);
            (format!("alerts.{metric}"), threshold.to_string(), source)
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use scoreline_core::limits::{
        BATCH_EVENTS_MAX, BODY_BYTES_MAX, CONNECTIONS_MAX, PLAYER_REQUESTS_PER_MINUTE,
        QUEUE_LEASE_MS, RETENTION_DAYS,
    };
    use std::time::Duration;

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
        assert_eq!(config.connections_max, CONNECTIONS_MAX);
        assert_eq!(config.retention_days, RETENTION_DAYS);
        assert_eq!(config.set_aside_max, SetAsideMax::default());
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
        for name in ["SCORELINE_PORT", "SCORELINE_PROT"] {
            let error = read(&[], &[(name, "1")]).expect_err("unknown");
            assert!(error.to_string().contains("did you mean PORT?"), "{error}");
        }
    }

    #[test]
    fn variables_of_a_service_with_our_name_are_passed_over() {
        let config = read(&[], &[("SCORELINE_PORT", "tcp://10.0.0.11:9"), ("PORT", "2")]);
        assert_eq!(config.expect("valid").listen.port(), 2);
    }

    #[test]
    fn a_public_address_needs_a_chosen_mode() {
        let error = read(&[("bind", "0.0.0.0")], &[]).expect_err("not chosen");
        assert!(error.to_string().starts_with("auth"), "{error}");
        assert!(read(&[("bind", "0.0.0.0"), ("auth", "open")], &[]).is_ok());
        let proxy = ("trusted_proxies", "127.0.0.1");
        let error = read(&[proxy], &[]).expect_err("loopback is not all that asks");
        assert!(error.to_string().starts_with("auth"), "{error}");
        assert!(read(&[proxy, ("auth", "player")], &[]).is_ok());
    }

    #[test]
    fn claims_and_public_ids_are_one_of_two_words() {
        let config = read(&[], &[]).expect("defaults are valid");
        assert_eq!((config.claims, config.public_ids), (Claims::First, PublicIds::Ids));
        let config = read(&[("claims", "proof"), ("public_ids", "aliases")], &[]).expect("valid");
        assert_eq!((config.claims, config.public_ids), (Claims::Proof, PublicIds::Aliases));
        let error = read(&[("claims", "last")], &[]).expect_err("unknown").to_string();
        assert!(error.contains("must be first or proof, but is \"last\""), "{error}");
    }

    #[test]
    fn a_rate_limit_holds_where_the_server_is_reached_from_elsewhere() {
        let limit = |flags: &[(&str, &str)]| read(flags, &[]).expect("valid").rate_limit_per_minute;
        let public = [("bind", "0.0.0.0"), ("auth", "player")];
        assert_eq!(limit(&[]), None);
        let behind_a_proxy = [("trusted_proxies", "127.0.0.1"), ("auth", "player")];
        assert_eq!(limit(&behind_a_proxy), Some(PLAYER_REQUESTS_PER_MINUTE));
        assert_eq!(limit(&public), Some(PLAYER_REQUESTS_PER_MINUTE));
        assert_eq!(limit(&[&public[..], &[("rate_limit", "off")]].concat()), None);
        assert_eq!(limit(&[("rate_limit", "7")]), Some(7));
        let config = read(&public, &[]).expect("valid");
        let mut effective = config.effective().into_iter();
        let shown = effective.find(|(name, ..)| name == "rate_limit").map(|(_, value, _)| value);
        assert_eq!(shown.as_deref(), Some("1200"), "the limit in force is shown");
    }

    #[test]
    fn an_origin_that_no_browser_writes_is_refused() {
        for fine in ["*", "null", "https://game.example,capacitor://localhost", "http://[::1]:80"] {
            assert!(read(&[("cors_origins", fine)], &[]).is_ok(), "{fine}");
        }
        for wrong in ["game.example", "https://", "https://a.example/", "https://a.example,b"] {
            let error = read(&[("cors_origins", wrong)], &[]).expect_err("no origin");
            assert!(error.to_string().starts_with("cors_origins"), "{error}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks_and_their_header_can_be_named() {
        let proxies = |text: &str| read(&[("trusted_proxies", text), ("auth", "open")], &[]);
        let config = proxies("10.0.0.7, 100.64.0.0/10,fd00::/8").expect("valid");
        assert_eq!((config.trusted_proxies.len(), config.proxy_header), (3, ProxyHeader::Any));
        let error = proxies("10.0.0.0/8,10.0.0.0/33").expect_err("33 bits");
        assert!(error.to_string().contains("but holds \"10.0.0.0/33\""), "{error}");
        for (text, header) in ProxyHeader::ALL {
            let config = read(&[("proxy_header", &text.to_uppercase())], &[]).expect("valid");
            assert_eq!(config.proxy_header, header);
        }
        let error = read(&[("proxy_header", "x-real-ip")], &[]).expect_err("unknown");
        assert!(error.to_string().starts_with("proxy_header"), "{error}");
    }

    #[test]
    fn a_virtual_clock_is_for_loopback_without_proxies() {
        let clock = ("virtual_clock", "/somewhere/clock");
        let config = read(&[clock], &[]).expect("loopback is the default");
        assert_eq!(config.virtual_clock.as_deref(), Some(Path::new("/somewhere/clock")));
        for other in [("bind", "0.0.0.0"), ("trusted_proxies", "10.0.0.1")] {
            let auth = ("auth", "open");
            let error = read(&[clock, auth, other], &[]).expect_err("refused").to_string();
            assert!(error.starts_with("virtual_clock"), "{error}");
        }
    }

    #[test]
    fn the_profile_is_chosen_by_the_environment_alone() {
        let postgres = ("DATABASE_URL", "postgres://user:hunter2@host/db");
        assert!(matches!(read(&[], &[]).expect("valid").profile, Profile::Embedded));
        let config = read(&[], &[postgres]).expect("valid");
        let Profile::Postgres(direct) = &config.profile else { panic!("{config:?}") };
        assert_eq!(direct.connections, 50);
        assert!(!format!("{config:?}").contains("hunter2"), "passwords never show");
        let config = read(&[], &[postgres, ("REDIS_URL", "redis://host")]).expect("valid");
        let redis = config.profile.redis().expect("configured");
        assert_eq!((redis.workers, redis.lease), (10, Duration::from_millis(QUEUE_LEASE_MS)));
        assert!(config.profile.postgres().is_some());
    }

    #[test]
    fn profiles_that_make_no_sense_are_refused_without_showing_passwords() {
        for (environment, begins) in [
            (("DATABASE_URL", "mysql://user:secret@host/db"), "database_url"),
            (("REDIS_URL", "redis://:secret@host"), "redis_url"),
            (("SCORELINE_NAMESPACE", "No-Good"), "namespace"),
            (("SCORELINE_QUEUE_ACCEPTS", "anything"), "queue_accepts"),
            (("SCORELINE_WORKERS", "0"), "workers"),
            (("SCORELINE_QUEUE_LEASE_S", "1"), "queue_lease"),
        ] {
            let error = read(&[], &[environment]).expect_err("refused").to_string();
            assert!(error.starts_with(begins), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_mode_in_force_is_shown_where_none_was_chosen() {
        let config = read(&[], &[]).expect("valid");
        let shown = |name| config.effective().into_iter().find(|(one, ..)| one == name);
        assert_eq!(shown("auth").map(|(_, value, _)| value).as_deref(), Some("open"));
    }

    #[test]
    fn secrets_are_masked() {
        let config = read(&[("admin_token", "0123456789abcdef")], &[]).expect("valid");
        assert!(config.effective().iter().all(|(_, value, _)| !value.contains("0123456789abcdef")));
    }

    #[test]
    fn the_thresholds_of_alerts_are_shown_with_where_they_come_from() {
        let file = std::env::temp_dir().join(format!("scoreline-alerts-{}", std::process::id()));
        let text = "[alerts.queue_failed]\nwarning = 1.5\ncritical = 7.0\n";
        std::fs::write(&file, text).expect("written");
        let read = Config::read(&BTreeMap::new(), &BTreeMap::new(), &file, true);
        std::fs::remove_file(&file).expect("removed");
        let config = read.expect("valid");
        let effective = config.effective();
        let shown = |metric: &str| {
            let name = format!("alerts.{metric}");
            effective
                .iter()
                .find(|(one, ..)| *one == name)
                .map(|(_, value, from)| (&**value, *from))
        };
        let own = ("{ warning = 1.5, critical = 7.0 }", &Source::File(file));
        assert_eq!(shown("queue_failed"), Some(own));
        let default = ("{ warning = 1.0, critical = 5.0 }", &Source::Default);
        assert_eq!(shown("queue_waiting_seconds"), Some(default));
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
            .filter(|line| line.contains(" = ") || line.starts_with("[alerts"))
            .collect();
        std::fs::write(&folder, uncommented.join("\n")).expect("written");
        let read = Config::read(&BTreeMap::new(), &BTreeMap::new(), &folder, true);
        std::fs::remove_file(&folder).expect("removed");
        read.expect("the template's defaults are valid");
    }

    #[test]
    fn every_variable_that_documents_and_files_for_operators_name_is_a_setting() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = |name: &str| {
            let files = std::fs::read_dir(root.join(name)).expect("a folder");
            files.map(|file| file.expect("a file").path()).filter(|path| path.is_file())
        };
        let mut seen = 0;
        for path in folder("docs").chain(folder("ops")).chain([root.join("README.md")]) {
            let text = std::fs::read_to_string(&path).expect("a text");
            let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
            let words = text.split(|letter| !is_part(letter));
            for word in words.filter(|word| word.starts_with("SCORELINE_")) {
                // What only a test reads.
                let is_of_tests = word == "SCORELINE_SIM_SEED";
                let is_one = is_of_tests || SETTINGS.iter().any(|setting| setting.env == word);
                assert!(is_one, "{} names {word}", path.display());
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }
}
