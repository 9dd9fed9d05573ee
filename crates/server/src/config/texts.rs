//! Settings as texts, before they are interpreted, and the rules that each text must follow.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use scoreline_core::alert::Thresholds;
use scoreline_core::limits::{PLAYER_REQUESTS_PER_MINUTE, RETENTION_DAYS_MIN, SECRET_CHARS_MIN};
use scoreline_core::queue::ObjectionKind;
use scoreline_core::session::Claims;
use scoreline_core::store::SetAsideMax;
use scoreline_http::{AuthMode, Network, ProxyHeader};

use super::profile::{PostgresConfig, Profile, RedisConfig};
use super::service_links::is_service_link;
use super::settings::{SETTINGS, Setting, Source};
use super::{Config, ConfigError, PublicIds};

/// How alike two names must be for one to be suggested for the other (Jaro-Winkler).
const ALIKE: f64 = 0.8;
/// The most events that one POST may be allowed to hold.
const BATCH_EVENTS_CEILING: usize = 10_000;
/// The most bytes that one body may be allowed to have: 256 MiB.
const BODY_BYTES_CEILING: usize = 256 * 1024 * 1024;
/// The fewest connections of clients that may be allowed.
const CLIENTS_FLOOR: usize = 16;
/// The most connections of clients that may be allowed.
const CLIENTS_CEILING: usize = 1_000_000;
/// The most connections to PostgreSQL that may be allowed.
const CONNECTIONS_CEILING: u32 = 1_000;
/// The most workers of one node.
const WORKERS_CEILING: u32 = 256;
/// The shortest lease, in seconds: a worker that is at work renews its own after half of it.
const QUEUE_LEASE_FLOOR_S: u64 = 2;
/// The longest lease, in seconds: the events that a node held when it died wait for as long.
const QUEUE_LEASE_CEILING_S: u64 = 3_600;
/// The fewest connections to PostgreSQL that may be allowed.
const CONNECTIONS_FLOOR: u32 = 4;
/// The fewest bytes that one body may be limited to.
const BODY_BYTES_FLOOR: usize = 1_024;
/// The longest retention, in days: a hundred years.
const RETENTION_DAYS_CEILING: u32 = 36_500;
/// The most MiB that may be set aside.
const SET_ASIDE_MIB_CEILING: u64 = 1_000_000;
/// The most requests a minute that a player may be limited to.
const RATE_LIMIT_CEILING: u32 = 1_000_000;
/// Bytes of a secret that signs players' tokens, at least.
const SIGNING_SECRET_BYTES_MIN: usize = 32;
/// Characters of a namespace; PostgreSQL cuts longer names.
const NAMESPACE_CHARS_MAX: usize = 40;

/// Settings as texts, with the table of alert thresholds.
pub(super) struct Texts {
    pub values: BTreeMap<&'static str, (String, Source)>,
    pub thresholds: Thresholds,
    /// Where they come from, by metric.
    pub thresholds_from: BTreeMap<String, Source>,
}

/// The setting of this name; if it does not exist, the error says where the name was written.
pub(super) fn find(name: &str, source: &str) -> Result<&'static Setting, ConfigError> {
    SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| ConfigError::Unknown {
        name: name.to_owned(),
        source_name: source.to_owned(),
        suggestion: suggestion(name, SETTINGS.iter().map(|setting| setting.name)),
    })
}

fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    // The prefix is the same wherever it stands, and some names, such as PORT, have none.
    let bare = |name: &str| name.trim_start_matches("SCORELINE_").to_owned();
    known
        .map(|other| (strsim::jaro_winkler(&bare(name), &bare(other)), other))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| format!("; did you mean {other}?"))
        .unwrap_or_default()
}

impl Texts {
    pub fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let fail = |reason: String| ConfigError::File { path: path.to_path_buf(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| fail(error.to_string()))?;
        for (name, value) in table {
            if name == "alerts" {
                let metrics = value.as_table().into_iter().flat_map(toml::Table::keys).cloned();
                self.thresholds_from =
                    metrics.map(|metric| (metric, Source::File(path.to_path_buf()))).collect();
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

    pub fn read_environment(
        &mut self,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), ConfigError> {
        for (name, value) in environment {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.env == name) {
                // Platforms set variables to nothing to unset them.
                if !value.is_empty() {
                    self.values.insert(setting.name, (value.clone(), Source::Environment));
                }
            } else if name.starts_with("SCORELINE_") && !is_service_link(name, value) {
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

    pub fn resolve(self) -> Result<Config, ConfigError> {
        let bind = self.text("bind").unwrap_or_default();
        let bind: IpAddr =
            if bind == "localhost" { "127.0.0.1" } else { bind }.parse().map_err(|_| {
                self.invalid(
                    "bind",
                    format!("must be an IP address such as 127.0.0.1 or 0.0.0.0, but is {bind:?}"),
                )
            })?;
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
            replace_game: false,
            auth: self.auth(bind)?,
            claims: self.one_of("claims", &Claims::ALL)?,
            erasure_page: self.one_of("erasure_page", &[("off", false), ("on", true)])?,
            public_ids: self.one_of("public_ids", &PublicIds::ALL)?,
            admin_token: self.secret("admin_token")?,
            server_key: self.secret("server_key")?,
            token_secret: self.signing_secret("token_secret")?,
            token_secret_other: self.signing_secret("token_secret_other")?,
            rate_limit_per_minute: self.rate_limit(bind)?,
            batch_events_max: self.number("batch_events_max", 1, BATCH_EVENTS_CEILING)?,
            body_bytes_max: self.number("body_bytes_max", BODY_BYTES_FLOOR, BODY_BYTES_CEILING)?,
            retention_days: self.number(
                "retention_days",
                RETENTION_DAYS_MIN,
                RETENTION_DAYS_CEILING,
            )?,
            set_aside_max: self.set_aside_max()?,
            cors_origins: self.origins()?,
            trusted_proxies: self.trusted_proxies()?,
            proxy_header: self.proxy_header()?,
            log_json,
            virtual_clock: self.virtual_clock(bind)?,
            profile: self.profile()?,
            connections_max: self.number("connections_max", CLIENTS_FLOOR, CLIENTS_CEILING)?,
            namespace: self.namespace()?,
            thresholds: self.thresholds,
            thresholds_from: self.thresholds_from,
            values: self.values,
        })
    }

    fn set_aside_max(&self) -> Result<SetAsideMax, ConfigError> {
        let mib: u64 = self.number("set_aside_mib_max", 1, SET_ASIDE_MIB_CEILING)?;
        let days = self.number("set_aside_days", 1, RETENTION_DAYS_CEILING)?;
        Ok(SetAsideMax { bytes: mib << 20, days })
    }

    /// The origins that browsers may call from. One in a form that no browser sends is refused: it
    /// would silently allow nobody.
    fn origins(&self) -> Result<Vec<String>, ConfigError> {
        let origins = self.list("cors_origins");
        let is_origin = |text: &str| {
            let host = text.split_once("://").map(|(_, host)| host);
            let is_host = |host: &str| !host.is_empty() && host.bytes().all(is_host_letter);
            matches!(text, "*" | "null") || host.is_some_and(is_host)
        };
        match origins.iter().find(|origin| !is_origin(origin)) {
            None => Ok(origins),
            Some(wrong) => {
                let reason = format!(
                    "must hold origins such as https://game.example, without a path, but holds {wrong:?}"
                );
                Err(self.invalid("cors_origins", reason))
            }
        }
    }

    /// Whoever can write that file says what time it is: when tournaments end, what is old. No game that
    /// strangers reach may depend on that.
    fn virtual_clock(&self, bind: IpAddr) -> Result<Option<PathBuf>, ConfigError> {
        let Some(path) = self.text("virtual_clock") else { return Ok(None) };
        if bind.is_loopback() && self.text("trusted_proxies").is_none() {
            return Ok(Some(PathBuf::from(path)));
        }
        let reason = format!(
            "is for simulations on this machine: it needs a loopback address and no proxies, but bind is \
             {bind}"
        );
        Err(self.invalid("virtual_clock", reason))
    }

    fn trusted_proxies(&self) -> Result<Vec<Network>, ConfigError> {
        let read = |text: &String| {
            text.parse().map_err(|expected| {
                self.invalid("trusted_proxies", format!("must hold {expected}, but holds {text:?}"))
            })
        };
        self.list("trusted_proxies").iter().map(read).collect()
    }

    fn proxy_header(&self) -> Result<ProxyHeader, ConfigError> {
        let word = self.text("proxy_header").unwrap_or("any").to_ascii_lowercase();
        let found = ProxyHeader::ALL.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, header)| header).ok_or_else(|| {
            let reason = format!("must be any, x-forwarded-for or forwarded, but is {word:?}");
            self.invalid("proxy_header", reason)
        })
    }

    /// Where only programs of this machine reach the server, or a proxy that nobody told it of, all players
    /// would share one address.
    fn rate_limit(&self, bind: IpAddr) -> Result<Option<u32>, ConfigError> {
        let is_alone = bind.is_loopback() && self.text("trusted_proxies").is_none();
        match self.text("rate_limit") {
            Some("off") => Ok(None),
            Some(_) => self.number("rate_limit", 1, RATE_LIMIT_CEILING).map(Some),
            None if is_alone => Ok(None),
            None => Ok(Some(PLAYER_REQUESTS_PER_MINUTE)),
        }
    }

    fn profile(&self) -> Result<Profile, ConfigError> {
        match (self.postgres()?, self.redis()?) {
            (None, None) => Ok(Profile::Embedded),
            (Some(postgres), None) => Ok(Profile::Postgres(postgres)),
            (Some(postgres), Some(redis)) => Ok(Profile::PostgresAndRedis(postgres, redis)),
            (None, Some(_)) => {
                let reason = "needs DATABASE_URL beside it: the queue is for PostgreSQL";
                Err(self.invalid("redis_url", reason))
            }
        }
    }

    fn postgres(&self) -> Result<Option<PostgresConfig>, ConfigError> {
        let Some(url) = self.text("database_url") else { return Ok(None) };
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(self.invalid("database_url", "must begin with postgres://"));
        }
        let by_transaction = match self.text("database_pooler") {
            Some("transaction") => true,
            Some("none") | None => false,
            Some(other) => {
                let reason = format!("must be none or transaction, but is {other:?}");
                return Err(self.invalid("database_pooler", reason));
            }
        };
        let connections =
            self.number("database_connections", CONNECTIONS_FLOOR, CONNECTIONS_CEILING)?;
        Ok(Some(PostgresConfig { url: url.to_owned(), connections, by_transaction }))
    }

    fn redis(&self) -> Result<Option<RedisConfig>, ConfigError> {
        let accepts = self
            .list("queue_accepts")
            .iter()
            .map(|word| {
                let kinds = ObjectionKind::ACCEPTABLE;
                kinds.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
                    let reason =
                        format!("may hold volatile, unsynced and evicting, but holds {word:?}");
                    self.invalid("queue_accepts", reason)
                })
            })
            .collect::<Result<_, _>>()?;
        let workers = self.number("workers", 1, WORKERS_CEILING)?;
        let lease_s = self.number("queue_lease", QUEUE_LEASE_FLOOR_S, QUEUE_LEASE_CEILING_S)?;
        let Some(url) = self.text("redis_url") else { return Ok(None) };
        let root_certificate = match self.text("redis_root_certificate") {
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                let reason = format!("{path} cannot be read: {error}");
                self.invalid("redis_root_certificate", reason)
            })?),
            None => None,
        };
        let lease = Duration::from_secs(lease_s);
        Ok(Some(RedisConfig { url: url.to_owned(), root_certificate, workers, lease, accepts }))
    }

    fn namespace(&self) -> Result<String, ConfigError> {
        let name = self.text("namespace").unwrap_or_default();
        let fits = (1..=NAMESPACE_CHARS_MAX).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_');
        if fits {
            return Ok(name.to_owned());
        }
        Err(self.invalid(
            "namespace",
            format!(
                "must have 1 to {NAMESPACE_CHARS_MAX} lower-case letters, digits and _, a letter \
                 first, but is {name:?}"
            ),
        ))
    }

    /// What the word of a setting means.
    fn one_of<T: Copy>(
        &self,
        name: &'static str,
        known: &[(&'static str, T)],
    ) -> Result<T, ConfigError> {
        let text = self.text(name).unwrap_or_default();
        let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, meant)| *meant).ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.invalid(name, format!("must be {}, but is {text:?}", words.join(" or ")))
        })
    }

    fn auth(&self, bind: IpAddr) -> Result<AuthMode, ConfigError> {
        match self.text("auth") {
            Some("open") => Ok(AuthMode::Open),
            Some("player") => Ok(AuthMode::Player),
            Some(other) => {
                Err(self.invalid("auth", format!("must be open or player, but is {other:?}")))
            }
            None if self.text("trusted_proxies").is_some() => Err(self.invalid(
                "auth",
                "must be chosen where SCORELINE_TRUSTED_PROXIES lets others in: open believes any device \
                 id, player wants signed tokens",
            )),
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

    /// A secret that signs must be as long as what it makes.
    fn signing_secret(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        match self.text(name) {
            Some(text) if text.len() < SIGNING_SECRET_BYTES_MIN => {
                let reason = format!("must have at least {SIGNING_SECRET_BYTES_MIN} bytes");
                Err(self.invalid(name, reason))
            }
            text => Ok(text.map(ToOwned::to_owned)),
        }
    }

    fn secret(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        match self.text(name) {
            Some(text) if text.chars().count() < SECRET_CHARS_MIN => {
                let reason = format!("must have at least {SECRET_CHARS_MIN} characters");
                Err(self.invalid(name, reason))
            }
            text => Ok(text.map(ToOwned::to_owned)),
        }
    }
}

/// Whether a letter may stand in the host and port of an origin.
fn is_host_letter(letter: u8) -> bool {
    letter.is_ascii_graphic() && letter != b'/'
}
