//! What every handler can reach.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::extract::FromRef;
use axum::http::HeaderMap;
use moka::sync::Cache;
use scoreline_core::alert::Thresholds;
use scoreline_core::game::{Board, Definition};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::intake::Intake;
use scoreline_core::operations::Operations;
use scoreline_core::store::Store;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::Ranks;

use crate::auth::{Auth, AuthMode, AuthSettings};
use crate::board::Page;
use crate::database::Database;
use crate::intake::EventIntake;
use crate::limits::RateLimits;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::received::Bodies;
use crate::unserved::Unserved;

/// How long the first rows of a board may be reused. A score is seen within 1 s of its
/// acknowledgement, whatever else adds to this.
const PAGE_KEPT: Duration = Duration::from_millis(250);
/// Rows of pages that are remembered: about 10 MB.
const PAGE_ROWS_MAX: u64 = 50_000;
/// How long a summary of figures may be reused.
const SUMMARY_KEPT: Duration = Duration::from_secs(1);

/// The parts of a running server that handlers use. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

macro_rules! parts {
    ($($part:ident: $kind:ty),+ $(,)?) => {
        $(impl FromRef<App> for $kind {
            fn from_ref(app: &App) -> Self {
                app.0.$part.clone()
            }
        })+
    };
}

parts! { auth: Arc<Auth>, bodies: Arc<Bodies>, events: Arc<EventIntake> }

/// What an [`App`] holds.
pub struct Inner {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The ranks.
    pub ranks: Arc<Ranks>,
    /// Where events go.
    pub intake: Arc<dyn Intake>,
    /// What operators can do.
    pub operations: Arc<dyn Operations>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What was configured.
    pub settings: Settings,
    /// When the process started.
    pub started_at: Timestamp,
    /// False while the server starts or shuts down: `/readyz` says so.
    pub ready: AtomicBool,
    /// Figures for Prometheus.
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) auth: Arc<Auth>,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) events: Arc<EventIntake>,
    pub(crate) pages: Pages,
    pub(crate) database: Database,
    /// By time span, of which there are few.
    pub(crate) summaries: Cache<&'static str, Arc<crate::routes::History>>,
    pub(crate) unserved: Unserved,
}

/// Pages of boards, by the version of the plan in force and what was asked for: another definition may
/// show the same rows differently.
type Pages = Cache<(i64, BoardKey, u64, usize), Arc<Page>>;

/// Pages differ a thousandfold in size, so that their rows are what is limited.
fn pages() -> Pages {
    let rows = |page: &Arc<Page>| u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    Cache::builder()
        .weigher(move |_, page| rows(page).saturating_add(1))
        .max_capacity(PAGE_ROWS_MAX)
        .time_to_live(PAGE_KEPT)
        .build()
}

/// What a running server gives its API.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The ranks.
    pub ranks: Arc<Ranks>,
    /// Where events go.
    pub intake: Arc<dyn Intake>,
    /// What operators can do.
    pub operations: Arc<dyn Operations>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What was configured, as far as the API goes.
#[derive(Clone)]
pub struct Settings {
    /// How a request proves which player it speaks for.
    pub auth: AuthMode,
    /// Whether the server listens on loopback only.
    pub loopback: bool,
    /// Guards operator endpoints.
    pub admin_token: String,
    /// Lets a trusted game server act for any player.
    pub server_key: Option<String>,
    /// Signs player tokens; at least 32 bytes.
    pub token_secret: Vec<u8>,
    /// Events of one POST.
    pub batch_events_max: usize,
    /// Bytes of one body after decompression.
    pub body_bytes_max: usize,
    /// Requests per player and minute; `None` is no limit.
    pub rate_limit_per_minute: Option<u32>,
    /// Origins that browsers may call from; `*` alone allows all.
    pub cors_origins: Vec<String>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the database is another process, which can be away while this one runs.
    pub database_may_be_away: bool,
    /// When figures become alerts.
    pub thresholds: Thresholds,
}

impl App {
    /// Puts the parts together. Not ready until the server says so.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let Parts { store, ranks, intake, operations, clock } = parts;
        let started_at = clock.now();
        let metrics = Arc::new(Metrics::new());
        let limits = Arc::new(RateLimits::new(settings.rate_limit_per_minute));
        let auth = AuthSettings {
            mode: settings.auth,
            loopback: settings.loopback,
            admin_token: settings.admin_token.clone(),
            server_key: settings.server_key.clone(),
            token_secret: settings.token_secret.clone(),
        };
        let events = EventIntake {
            intake: Arc::clone(&intake),
            operations: Arc::clone(&operations),
            limits: Arc::clone(&limits),
            metrics: Arc::clone(&metrics),
            clock: Arc::clone(&clock),
            batch_events_max: settings.batch_events_max,
        };
        Self(Arc::new(Inner {
            auth: Arc::new(Auth::new(auth, Arc::clone(&clock))),
            bodies: Arc::new(Bodies::new(settings.body_bytes_max)),
            events: Arc::new(events),
            store,
            ranks,
            intake,
            operations,
            clock,
            started_at,
            ready: AtomicBool::new(false),
            metrics,
            limits,
            pages: pages(),
            database: Database::new(settings.database_may_be_away),
            summaries: Cache::builder().time_to_live(SUMMARY_KEPT).build(),
            unserved: Unserved::default(),
            settings,
        }))
    }

    /// The definition in force.
    pub fn definition(&self) -> Arc<Definition> {
        self.operations.definition()
    }

    /// A board's period that is running at `now`.
    pub(crate) fn current_period(board: &Board, now: Timestamp) -> Timestamp {
        board.reset.as_ref().map_or(Timestamp::EPOCH, |reset| reset.period_at(now).start)
    }

    /// Forgets the rate limits of those who have been quiet. Call it once a minute.
    pub fn tidy(&self) {
        self.limits.tidy();
    }

    /// The address a request came from: the peer's, unless the peer is a proxy that is believed.
    pub(crate) fn address(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let trusted = |address: &IpAddr| {
            self.settings.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == *address)
        };
        // Where the server listens on IPv6, devices with an IPv4 address come in its IPv6 form.
        let peer = peer?.ip().to_canonical();
        if !trusted(&peer) {
            return Some(peer);
        }
        // Each proxy adds on the right whom it heard from: the first one from the right that is
        // not a proxy of ours is the device, whatever it wrote further left.
        let forwarded =
            headers.get_all("x-forwarded-for").iter().filter_map(|one| one.to_str().ok());
        let chain: Vec<&str> = forwarded.flat_map(|one| one.split(',')).map(str::trim).collect();
        let addresses = chain.iter().rev().map_while(|one| one.parse::<IpAddr>().ok());
        let found = addresses.map(|one| one.to_canonical()).find(|one| !trusted(one));
        Some(found.unwrap_or(peer))
    }
}

/// A player id out of a parameter.
pub(crate) fn player_id(field: &str, text: &str) -> Result<PlayerId, Problem> {
    PlayerId::new(text).map_err(|error| Problem::field(field, error.to_string()))
}

/// The text of a body's field, if it is one and not empty.
pub(crate) fn text(value: Option<&serde_json::Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty())
}

/// A whole number out of a parameter, within its limits.
pub(crate) fn bounded(
    field: &str,
    text: Option<&str>,
    default: usize,
    least: usize,
    most: usize,
) -> Result<usize, Problem> {
    let Some(text) = text else { return Ok(default) };
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => {
            let reason = format!("must be a whole number from {least} to {most}, but is {text:?}");
            Err(Problem::field(field, reason))
        }
    }
}

/// A time out of a parameter.
pub(crate) fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let found = Timestamp::parse(text);
    found.map(Some).ok_or_else(|| {
        Problem::field(
            field,
            format!("must be a time such as 2026-11-23T10:00:00Z, but is {text:?}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use scoreline_core::id::{PlayerId, Slot};
    use scoreline_core::limits::BOARD_SUMS_MAX;
    use scoreline_core::rank::{Entry, Standing};
    use uuid::Uuid;

    use super::*;
    use crate::board::Row;

    #[test]
    fn pages_that_are_remembered_are_limited_by_their_rows() {
        let pages = pages();
        let player = PlayerId::new(&Uuid::nil().to_string()).expect("valid");
        let standing = Standing { points: 1, reached_at: Timestamp::EPOCH };
        let (last_at, sums) = (Timestamp::EPOCH, [0; BOARD_SUMS_MAX]);
        let entry = Entry { standing, attempts: 1, last_at, sums };
        let row = Row { rank: 1, player, score: 1, nickname: "Ada".to_owned(), entry };
        let large = Arc::new(Page { rows: vec![row; 1_000], ..Page::default() });
        let board = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
        for offset in 0..200 {
            pages.insert((1, board, offset, 1_000), Arc::clone(&large));
        }
        pages.run_pending_tasks();
        assert!(pages.weighted_size() <= PAGE_ROWS_MAX, "{}", pages.weighted_size());
    }
}
