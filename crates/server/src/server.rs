//! A server that starts and stops, with all its parts in order.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use scoreline_console::Console;
use scoreline_core::limits::{CONNECTION_IDLE_MS_MAX, HEAD_BYTES_MAX, SEND_BUFFER_BYTES};
use scoreline_core::nodes::{NodeId, NodeReport, Nodes};
use scoreline_core::operations::Operations;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_http::{App, Parts, Patience, Settings, router};
use scoreline_workers::{NodesSetup, Setup, Workers, start};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::config::Config;
use crate::counting::{count_together, shared_limits};
use crate::data_dir::{DataDir, fresh_secret};
use crate::error::ServerError;
use crate::one_by_one::one_by_one;
use crate::open_files;
use crate::profile::{Profile, exposure};
use crate::secrets::Secrets;
use crate::substitutes::Substitutes;
use crate::virtual_clock::SimulatedTime;

/// How long a connection may rest between two requests, the head of the next one included.
const IDLE_TIMEOUT: Duration = Duration::from_millis(CONNECTION_IDLE_MS_MAX);
/// Connections that may wait to be accepted.
const CONNECTIONS_IN_LINE: u32 = 1_024;
/// How long requests in flight may take when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
/// How long workers may take to come to rest when the server stops.
const REST_TIMEOUT: Duration = Duration::from_secs(20);
/// How often the limits of quiet clients are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    address: SocketAddr,
    secrets: Secrets,
    app: App,
    console: Arc<Console>,
    workers: Workers,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<std::io::Result<()>>,
    /// What runs beside the requests for as long as there is a server.
    beside: [JoinHandle<()>; 3],
    data_dir: Option<DataDir>,
}

impl Server {
    /// Starts a server. It takes requests when this answers.
    pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, ServerError> {
        Self::start_with(config, clock, Substitutes::default()).await
    }

    /// Starts a server with some of its parts replaced, to measure or test it.
    pub async fn start_with(
        config: &Config,
        clock: Arc<dyn Clock>,
        substitutes: Substitutes,
    ) -> Result<Self, ServerError> {
        let Substitutes { intake, nodes: see_nodes, migrations, patience } = substitutes;
        let data_dir = hold_data_dir(config)?;
        // The port is taken first: a second server fails before it touches the database.
        let listen_failed = |reason| ServerError::Listen { address: config.listen, reason };
        let listener = listen(config.listen).map_err(listen_failed)?;
        let address = listener.local_addr().map_err(listen_failed)?;

        if let Some(exposure) = exposure(config) {
            tracing::warn!(database.risk = exposure, "others may listen on the way to PostgreSQL");
        }
        let profile = Profile::open(config, migrations).await?;
        let shared_limits = shared_limits(config)?;
        let secrets = Secrets::read(config, data_dir.as_ref(), profile.nodes.as_deref()).await?;
        let nodes = profile.nodes.map(|nodes| match &config.virtual_clock {
            None => nodes,
            Some(_) => {
                Arc::new(SimulatedTime { nodes, clock: Arc::clone(&clock) }) as Arc<dyn Nodes>
            }
        });
        let nodes = nodes.map(|nodes| NodesSetup {
            nodes: match see_nodes {
                None => nodes,
                Some(see) => see(nodes),
            },
            me: NodeReport {
                node: this_start(),
                watermark: Timestamp::MIN,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                address: address.to_string(),
            },
        });
        let store = profile.store;
        let workers = start(Setup {
            store: Arc::clone(&store),
            clock,
            definition_file: config.game.clone(),
            replace_game: config.replace_game,
            retention_days: config.retention_days,
            set_aside_max: config.set_aside_max,
            transactions: profile.transactions,
            queue: profile.queue,
            nodes,
            jobs: true,
        })
        .await?;
        // What the workers go by: a clock that jumps is not followed.
        let clock = workers.clock();
        let parts = Parts {
            store,
            ranks: workers.ranks(),
            intake: match intake {
                None => workers.intake(),
                Some(make) => make(Arc::clone(&clock)),
            },
            operations: workers.operations(),
            clock,
        };
        let app = App::new(parts, settings(config, &secrets, patience.unwrap_or_default()));
        let setup = scoreline_console::Setup {
            address: address.to_string(),
            make_secret: fresh_secret,
            erasure_page: config.erasure_page,
        };
        let console = Console::new(&app, setup);
        let handle = Handle::new();
        let routes = scoreline_console::router(&app, Arc::clone(&console))
            .fallback_service(router(app.clone()));
        let serving = serve(listener, &app, routes, handle.clone()).map_err(listen_failed)?;
        if let Some(data_dir) = &data_dir {
            data_dir.announce(address)?;
        }
        app.set_ready(true);
        let beside = [
            tokio::spawn(tidy(app.clone())),
            tokio::spawn(Arc::clone(&console).sample()),
            tokio::spawn(count_together(app.limits(), shared_limits)),
        ];
        Ok(Self { address, secrets, app, console, workers, handle, serving, beside, data_dir })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that guards operator endpoints.
    pub fn admin_token(&self) -> &str {
        &self.secrets.admin_token
    }

    /// Whether that token was made at this start.
    pub fn admin_token_is_new(&self) -> bool {
        self.secrets.admin_token_is_new
    }

    /// An address that opens the console and signs in whoever opens it first.
    pub fn console_link(&self) -> String {
        format!("http://{}{}", self.address, self.console.link_that_signs_in_once())
    }

    /// What operators can do.
    pub fn operations(&self) -> Arc<dyn Operations> {
        self.workers.operations()
    }

    /// Stops in order: not ready, no new connections, requests in flight answered, workers at rest,
    /// the database closed. Answers whether everything came to rest in time.
    pub async fn shutdown(self) -> bool {
        self.app.set_ready(false);
        self.handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
        let served = self.serving.await.is_ok_and(|served| served.is_ok());
        self.beside.iter().for_each(JoinHandle::abort);
        let stopped = self.workers.shutdown(REST_TIMEOUT).await;
        if let Some(data_dir) = &self.data_dir {
            data_dir.withdraw();
        }
        served && stopped.intake_drained && stopped.jobs_rested
    }
}

/// The id of this node, from its start to its end.
#[expect(clippy::disallowed_methods, reason = "every start is another node")]
fn this_start() -> NodeId {
    NodeId(Uuid::now_v7())
}

/// Takes the data directory. With PostgreSQL, the directory only helps commands to find the server,
/// and a node that cannot have one does without.
fn hold_data_dir(config: &Config) -> Result<Option<DataDir>, ServerError> {
    match (DataDir::hold(&config.data_dir), config.profile.postgres()) {
        (Ok(held), _) => Ok(Some(held)),
        (Err(error), Some(_)) => {
            tracing::warn!(%error, "commands such as 'scoreline reload' will not find this node");
            Ok(None)
        }
        (Err(error), None) => Err(error.into()),
    }
}

fn settings(config: &Config, secrets: &Secrets, patience: Patience) -> Settings {
    let to_database = config.profile.postgres().map_or(0, |postgres| postgres.connections as usize);
    Settings {
        auth: config.auth,
        loopback: config.listen.ip().is_loopback(),
        admin_token: secrets.admin_token.clone(),
        server_key: config.server_key.clone(),
        token_secret: secrets.token_secret.clone(),
        claims: config.claims,
        alias_secret: secrets.alias_secret.clone(),
        token_secret_other: config.token_secret_other.clone().map(String::into_bytes),
        batch_events_max: config.batch_events_max,
        retention_days: config.retention_days,
        body_bytes_max: config.body_bytes_max,
        connections_max: open_files::connections(config.connections_max, to_database),
        patience,
        rate_limit_per_minute: config.rate_limit_per_minute,
        limits_are_shared: config.profile.redis().is_some(),
        cors_origins: config.cors_origins.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        proxy_header: config.proxy_header,
        database_may_be_away: config.profile.postgres().is_some(),
        database_exposure: exposure(config),
        thresholds: config.thresholds,
    }
}

/// Takes the port. What a client does not read is kept for it by the system, up to a limit that every
/// connection has from the listener.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(CONNECTIONS_IN_LINE)?.into_std()
}

fn serve(
    listener: TcpListener,
    app: &App,
    routes: Router,
    handle: Handle<SocketAddr>,
) -> std::io::Result<JoinHandle<std::io::Result<()>>> {
    let mut server =
        axum_server::from_tcp(listener)?.handle(handle).http1_only().acceptor(app.acceptor());
    server
        .http_builder()
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        // What is read at once may go beyond this, but never to twice as much.
        .max_buf_size(HEAD_BYTES_MAX / 2)
        .header_read_timeout(IDLE_TIMEOUT);
    let service = one_by_one(routes.into_make_service_with_connect_info::<SocketAddr>());
    Ok(tokio::spawn(server.serve(service)))
}

async fn tidy(app: App) {
    let mut every = tokio::time::interval(TIDY_EVERY);
    loop {
        every.tick().await;
        app.tidy();
    }
}
