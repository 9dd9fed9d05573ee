//! The parts of a running server, put together.
//!
//! A handler names the parts that it uses as its [`axum::extract::State`]; each part owns its caches
//! and limits. Nothing but the router and the registration of endpoints knows the whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRef;
use scoreline_core::alert::Thresholds;
use scoreline_core::intake::Intake;
use scoreline_core::operations::Operations;
use scoreline_core::session::Claims;
use scoreline_core::store::{
    ActStore, AuditStore, DeadStore, ErasureRequestStore, ErasureStore, EventStore, KeyStore,
    PlayerStore, PrizeStore, QuarantineStore, ReviewStore, SignOutStore, Store,
};
use scoreline_core::time::Clock;
use scoreline_ranking::Ranks;

use crate::analytics::Analytics;
use crate::auth::{Auth, AuthMode, AuthSettings};
use crate::boards::{Aliases, BoardSources, Boards};
use crate::connections::{Acceptor, Connections, Patience};
use crate::database::Database;
use crate::figures::Figures;
use crate::gate::Gate;
use crate::intake::EventIntake;
use crate::limits::{Allowed, RateLimits};
use crate::metrics::Metrics;
use crate::observer::Observer;
use crate::player_export::PlayerExports;
use crate::received::Bodies;
use crate::sender::{Network, ProxyHeader, Senders};
use crate::sessions::Sessions;
use crate::suspicion::Suspicion;
use crate::tournaments::Tournaments;
use crate::turned_away::TurnedAway;
use crate::vitals::Vitals;

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

/// The settings that concern the API.
#[derive(Clone)]
pub struct Settings {
    /// How a request proves which player it speaks for.
    pub auth: AuthMode,
    /// Whether the server listens on loopback only.
    pub loopback: bool,
    /// The token that operators send.
    pub admin_token: String,
    /// Lets a trusted game server act for any player.
    pub server_key: Option<String>,
    /// Signs player tokens; at least 32 bytes.
    pub token_secret: Vec<u8>,
    /// Another secret with which tokens may be signed, while one gives way to the other.
    pub token_secret_other: Option<Vec<u8>>,
    /// Who may bind a player who was never bound.
    pub claims: Claims,
    /// What aliases of players follow from; `None` shows ids on boards.
    pub alias_secret: Option<Vec<u8>>,
    /// Events of one POST.
    pub batch_events_max: usize,
    /// Days that events are kept.
    pub retention_days: u32,
    /// Bytes of one body after decompression.
    pub body_bytes_max: usize,
    /// Connections of clients at most.
    pub connections_max: usize,
    /// How long clients may take.
    pub patience: Patience,
    /// Requests per player and minute; `None` is no limit.
    pub rate_limit_per_minute: Option<u32>,
    /// Whether limits are counted together with other nodes.
    pub limits_are_shared: bool,
    /// Origins that browsers may call from; `*` alone allows all.
    pub cors_origins: Vec<String>,
    /// Proxies that are believed where they say whom a request came from.
    pub trusted_proxies: Vec<Network>,
    /// Where they say it.
    pub proxy_header: ProxyHeader,
    /// Whether the database is another process, which can be away while this one runs.
    pub database_may_be_away: bool,
    /// What others can do to the connections to the database on their way, if they can do anything.
    pub database_exposure: Option<&'static str>,
    /// When figures become alerts.
    pub thresholds: Thresholds,
}

/// Declares the parts, and lets handlers take each of them alone.
macro_rules! app {
    ($($(#[doc = $about:literal])* $part:ident: $kind:ty,)+) => {
        /// The API of a running server. Cheap to clone.
        #[derive(Clone)]
        pub struct App(Arc<Whole>);

        struct Whole {
            $($(#[doc = $about])* $part: $kind,)+
            cors_origins: Vec<String>,
            patience: Patience,
        }

        $(impl FromRef<App> for $kind {
            fn from_ref(app: &App) -> Self {
                app.0.$part.clone()
            }
        })+
    };
}

app! {
    /// Checks what requests send as proof.
    auth: Arc<Auth>,
    /// Stands at every guarded endpoint.
    gate: Arc<Gate>,
    /// Binds players to secrets.
    sessions: Arc<Sessions>,
    /// How bodies come into memory.
    bodies: Arc<Bodies>,
    /// The connections of clients.
    connections: Arc<Connections>,
    /// Takes events in.
    events: Arc<EventIntake>,
    /// Reads boards.
    boards: Arc<Boards>,
    /// Reads tournaments.
    tournaments: Arc<Tournaments>,
    /// Reads figures.
    figures: Arc<Figures>,
    /// Reads exact analytics.
    analytics: Arc<Analytics>,
    /// What health and metrics look at.
    vitals: Arc<Vitals>,
    /// What is counted as it happens.
    metrics: Arc<Metrics>,
    /// Notes every answered request.
    observer: Arc<Observer>,
    /// How often one player or one address may ask.
    limits: Arc<RateLimits>,
    /// What operators can do.
    operations: Arc<dyn Operations>,
    /// Where events go.
    intake: Arc<dyn Intake>,
    /// The time.
    clock: Arc<dyn Clock>,
    /// Events that were applied.
    applied: Arc<dyn EventStore>,
    /// Events that could not be applied.
    dead: Arc<dyn DeadStore>,
    /// Events that are not valid.
    quarantine: Arc<dyn QuarantineStore>,
    /// Names, secrets and profiles.
    players: Arc<dyn PlayerStore>,
    /// Exports players.
    exports: Arc<PlayerExports>,
    /// Prizes.
    prizes: Arc<dyn PrizeStore>,
    /// Named keys.
    keys: Arc<dyn KeyStore>,
    /// Sessions of operators that were ended.
    sign_outs: Arc<dyn SignOutStore>,
    /// What operators did.
    audit: Arc<dyn AuditStore>,
    /// What operators do to players.
    acts: Arc<dyn ActStore>,
    /// Events that wait for review.
    reviews: Arc<dyn ReviewStore>,
    /// Requests of players to be erased.
    erasure_requests: Arc<dyn ErasureRequestStore>,
    /// Players who are erased.
    erasures: Arc<dyn ErasureStore>,
}

impl App {
    /// Puts the parts together. Not ready until [`App::set_ready`] says so.
    #[expect(clippy::too_many_lines, reason = "a list of parts, each of a few lines")]
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let Parts { store, ranks, intake, operations, clock } = parts;
        let metrics = Arc::new(Metrics::new());
        let turned_away = Arc::new(TurnedAway::new(Arc::clone(&metrics), Arc::clone(&clock)));
        let suspicion = Arc::new(Suspicion::new(Arc::clone(&metrics), Arc::clone(&clock)));
        let connections = Arc::new(Connections::new(
            settings.connections_max,
            settings.trusted_proxies.clone(),
            Arc::clone(&turned_away),
        ));
        let senders = Senders { trusted: settings.trusted_proxies, header: settings.proxy_header };
        let allowed = Allowed {
            per_minute: settings.rate_limit_per_minute,
            body_bytes_max: settings.body_bytes_max,
            shared_by: settings.limits_are_shared.then(|| settings.token_secret.clone()),
        };
        let limits = Arc::new(RateLimits::new(allowed, senders));
        let bodies = Bodies::new(
            settings.body_bytes_max,
            settings.patience,
            Arc::clone(&limits),
            turned_away,
        );
        let database = Arc::new(Database::new(settings.database_may_be_away));
        let boards = Boards::new(BoardSources {
            store: store.clone(),
            reviews: store.clone(),
            ranks: Arc::clone(&ranks),
            operations: Arc::clone(&operations),
            clock: Arc::clone(&clock),
            database: Arc::clone(&database),
            aliases: settings.alias_secret.map(Aliases::of),
        });
        let events = EventIntake {
            intake: Arc::clone(&intake),
            operations: Arc::clone(&operations),
            limits: Arc::clone(&limits),
            ranks: Arc::clone(&ranks),
            metrics: Arc::clone(&metrics),
            clock: Arc::clone(&clock),
            batch_events_max: settings.batch_events_max,
            retention_days: settings.retention_days,
        };
        let tournaments = Tournaments {
            store: store.clone(),
            operations: Arc::clone(&operations),
            clock: Arc::clone(&clock),
            database,
        };
        let vitals = Vitals {
            store: Arc::clone(&store),
            intake: Arc::clone(&intake),
            ranks: Arc::clone(&ranks),
            connections: Arc::clone(&connections),
            limits: Arc::clone(&limits),
            operations: Arc::clone(&operations),
            clock: Arc::clone(&clock),
            thresholds: settings.thresholds,
            database_exposure: settings.database_exposure,
            started_at: clock.now(),
            ready: AtomicBool::new(false),
        };
        let auth = AuthSettings {
            mode: settings.auth,
            loopback: settings.loopback,
            admin_token: settings.admin_token,
            server_key: settings.server_key,
            token_secret: settings.token_secret,
            token_secret_other: settings.token_secret_other,
        };
        let auth = Arc::new(Auth::new(auth, store.clone(), ranks, Arc::clone(&clock)));
        let gate = Gate {
            auth: Arc::clone(&auth),
            limits: Arc::clone(&limits),
            log: store.clone(),
            suspicion: Arc::clone(&suspicion),
            clock: Arc::clone(&clock),
        };
        Self(Arc::new(Whole {
            auth,
            gate: Arc::new(gate),
            sessions: Arc::new(Sessions::new(
                store.clone(),
                store.clone(),
                settings.claims,
                suspicion,
                Arc::clone(&limits),
            )),
            bodies: Arc::new(bodies),
            connections,
            events: Arc::new(events),
            boards: Arc::new(boards),
            tournaments: Arc::new(tournaments),
            figures: Arc::new(Figures::new(store.clone(), operations.clone(), clock.clone())),
            analytics: Arc::new(Analytics::new(store.clone(), operations.clone(), clock.clone())),
            vitals: Arc::new(vitals),
            exports: PlayerExports::new(&store, &operations, &clock),
            observer: Arc::new(Observer::new(Arc::clone(&metrics), Arc::clone(&clock))),
            metrics,
            limits,
            operations,
            intake,
            clock,
            applied: store.clone(),
            dead: store.clone(),
            quarantine: store.clone(),
            players: store.clone(),
            prizes: store.clone(),
            keys: store.clone(),
            sign_outs: store.clone(),
            audit: store.clone(),
            acts: store.clone(),
            reviews: store.clone(),
            erasure_requests: store.clone(),
            erasures: store,
            cors_origins: settings.cors_origins,
            patience: settings.patience,
        }))
    }

    /// Admits connections of clients, and keeps their deadlines.
    pub fn acceptor(&self) -> Acceptor {
        Acceptor::new(Arc::clone(&self.0.connections), self.0.patience)
    }

    /// Says whether requests may be sent here: not while the server starts or shuts down.
    pub fn set_ready(&self, ready: bool) {
        self.0.vitals.ready.store(ready, Ordering::Release);
    }

    /// Forgets the rate limits of those who have been quiet. Call it once a minute.
    pub fn tidy(&self) {
        self.0.limits.tidy();
    }

    /// How often one player or one address may ask.
    pub fn limits(&self) -> Arc<RateLimits> {
        Arc::clone(&self.0.limits)
    }

    /// Origins that browsers may call from; `*` alone allows all.
    pub(crate) fn cors_origins(&self) -> &[String] {
        &self.0.cors_origins
    }
}
