//! The parts that pages read, and what the console itself keeps.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRef;
use parking_lot::Mutex;
use scoreline_core::intake::Intake;
use scoreline_core::operations::Operations;
use scoreline_core::store::{
    ActStore, AuditStore, DeadStore, ErasureRequestStore, ErasureStore, EventStore, KeyStore,
    PlayerStore, PrizeStore, QuarantineStore, ReviewStore, SignOutStore,
};
use scoreline_core::time::Clock;
use scoreline_http::App;
use scoreline_http::parts::{
    Analytics, Auth, Boards, Figures, Metrics, PlayerExports, RateLimits, Sessions, Tournaments,
    Vitals,
};
use tokio::sync::Semaphore;

use crate::history::History;
use crate::moment::Moments;
use crate::sign_in::SignIn;

/// Pages that may be live at once on one node; the others are asked to load again.
const LIVE_PAGES_MAX: usize = 64;

/// What the console is set up with.
pub struct Setup {
    /// Where the node listens, for people.
    pub address: String,
    /// Makes a secret that nobody can guess.
    pub make_secret: fn() -> String,
    /// Whether there is a page by which players ask to be erased.
    pub erasure_page: bool,
}

/// The console of a running server.
pub struct Console {
    pub(crate) auth: Arc<Auth>,
    pub(crate) vitals: Arc<Vitals>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) analytics: Arc<Analytics>,
    pub(crate) boards: Arc<Boards>,
    pub(crate) tournaments: Arc<Tournaments>,
    pub(crate) applied: Arc<dyn EventStore>,
    pub(crate) dead: Arc<dyn DeadStore>,
    pub(crate) quarantine: Arc<dyn QuarantineStore>,
    pub(crate) reviews: Arc<dyn ReviewStore>,
    pub(crate) players: Arc<dyn PlayerStore>,
    pub(crate) prizes: Arc<dyn PrizeStore>,
    pub(crate) exports: Arc<PlayerExports>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) sign_outs: Arc<dyn SignOutStore>,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) operations: Arc<dyn Operations>,
    pub(crate) intake: Arc<dyn Intake>,
    pub(crate) acts: Arc<dyn ActStore>,
    pub(crate) erasures: Arc<dyn ErasureStore>,
    pub(crate) erasure_requests: Arc<dyn ErasureRequestStore>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) erasure_page: bool,
    pub(crate) audit: Arc<dyn AuditStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) address: String,
    pub(crate) sign_in: SignIn,
    pub(crate) moments: Moments,
    pub(crate) history: Mutex<History>,
    pub(crate) live_pages: Arc<Semaphore>,
    pub(crate) started: Instant,
}

impl Console {
    /// The console of `app`. It has no history before [`Console::sample`] runs.
    pub fn new(app: &App, setup: Setup) -> Arc<Self> {
        let clock = Arc::<dyn Clock>::from_ref(app);
        let vitals = Arc::<Vitals>::from_ref(app);
        Arc::new(Self {
            auth: Arc::from_ref(app),
            vitals: Arc::clone(&vitals),
            metrics: Arc::from_ref(app),
            figures: Arc::from_ref(app),
            analytics: Arc::from_ref(app),
            boards: Arc::from_ref(app),
            tournaments: Arc::from_ref(app),
            applied: Arc::from_ref(app),
            dead: Arc::from_ref(app),
            quarantine: Arc::from_ref(app),
            reviews: Arc::from_ref(app),
            players: Arc::from_ref(app),
            prizes: Arc::from_ref(app),
            exports: Arc::from_ref(app),
            keys: Arc::from_ref(app),
            sign_outs: Arc::from_ref(app),
            limits: Arc::from_ref(app),
            operations: Arc::from_ref(app),
            intake: Arc::from_ref(app),
            acts: Arc::from_ref(app),
            erasures: Arc::from_ref(app),
            erasure_requests: Arc::from_ref(app),
            sessions: Arc::from_ref(app),
            erasure_page: setup.erasure_page,
            audit: Arc::from_ref(app),
            started: clock.monotonic(),
            clock,
            address: setup.address,
            sign_in: SignIn::new(setup.make_secret),
            moments: Moments::default(),
            history: Mutex::default(),
            live_pages: Arc::new(Semaphore::new(LIVE_PAGES_MAX)),
        })
    }

    /// A path that signs in whoever opens it first.
    pub fn link_that_signs_in_once(&self) -> String {
        format!("/console/once/{}", self.sign_in.make_link())
    }
}
