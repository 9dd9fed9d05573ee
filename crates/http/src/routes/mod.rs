//! The routes, and what they share: reading a body, limits, and the answer to unknown paths.

mod admin;
mod board_answers;
mod compare_boards;
mod event_figures;
mod event_lists;
mod events;
mod extra_tournaments;
mod health;
mod leaderboards;
mod players;
mod prizes;
mod tournaments;

pub(crate) use event_figures::History;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, FromRequest, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeOwned, IgnoredAny};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::normalize_path::NormalizePath;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope, routers};
use crate::app::App;
use crate::openapi;
use crate::problem::{Problem, Slug};
use crate::received::Received;

/// What serde calls things, and what people call them.
const IN_WORDS: [(&str, &str); 8] = [
    ("u64", "a whole number from 0 on"),
    ("i64", "a whole number"),
    ("u32", "a whole number from 0 on"),
    ("usize", "a whole number from 0 on"),
    ("a sequence", "a list"),
    ("invalid type: ", ""),
    ("invalid value: ", ""),
    ("struct PrizeTier", "an object"),
];

/// What a script of another origin may read of an answer: when to come back.
const EXPOSED: [HeaderName; 4] = [
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// How long a body may pause while it arrives before its sender is cut off.
const BODY_SILENCE_MAX: Duration = Duration::from_secs(10);

/// All endpoints.
fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = events::endpoints();
    endpoints.extend(vec![
        Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(event_figures::handle)),
        Endpoint::operator_or_local(Scope::PlayersRead, routes!(event_lists::recent::handle)),
        Endpoint::operator(Scope::PlayersRead, routes!(event_lists::dead::list)),
        Endpoint::operator(Scope::Admin, routes!(event_lists::dead::discard)),
        Endpoint::operator(Scope::PlayersRead, routes!(event_lists::quarantine::list)),
        Endpoint::operator(Scope::Admin, routes!(event_lists::quarantine::discard)),
        Endpoint::operator(Scope::Admin, routes!(event_lists::dead::retry)),
        Endpoint::operator(Scope::Admin, routes!(event_lists::quarantine::requeue)),
        Endpoint::public(routes!(leaderboards::global)),
        Endpoint::public(routes!(leaderboards::user)),
        Endpoint::player(routes!(leaderboards::update_nickname)),
        Endpoint::public(routes!(leaderboards::list)),
        Endpoint::public(routes!(leaderboards::show)),
        Endpoint::public(routes!(leaderboards::player)),
        Endpoint::public(routes!(leaderboards::friends)),
        Endpoint::public(routes!(tournaments::list)),
        Endpoint::operator(Scope::DefinitionWrite, routes!(extra_tournaments::create)),
        Endpoint::public(routes!(tournaments::current)),
        Endpoint::public(routes!(tournaments::leaderboard)),
        Endpoint::public(routes!(tournaments::prize_list)),
        Endpoint::operator(Scope::DefinitionWrite, routes!(extra_tournaments::cancel)),
        Endpoint::operator(Scope::DefinitionWrite, routes!(extra_tournaments::end)),
        Endpoint::player(routes!(prizes::pending)),
        Endpoint::player(routes!(prizes::claim)),
        Endpoint::player(routes!(prizes::history)),
        Endpoint::player(routes!(prizes::stats)),
        Endpoint::public(routes!(players::stats)),
        Endpoint::public(routes!(players::session)),
        Endpoint::operator(Scope::DefinitionWrite, routes!(admin::reload)),
        Endpoint::operator(Scope::Admin, routes!(admin::rebuild, admin::rebuild_status)),
        Endpoint::operator(Scope::Admin, routes!(compare_boards::handle)),
        Endpoint::operator(Scope::Admin, routes!(admin::pause)),
        Endpoint::operator(Scope::Admin, routes!(admin::resume)),
        Endpoint::public(routes!(openapi::handle)),
        Endpoint::unlimited(routes!(health::health)),
        Endpoint::unlimited(routes!(health::short)),
        Endpoint::unlimited(routes!(health::pool::handle)),
        Endpoint::unlimited(routes!(health::events::handle)),
        Endpoint::unlimited(routes!(health::probes::livez)),
        Endpoint::unlimited(routes!(health::probes::readyz)),
        Endpoint::unlimited(routes!(health::metrics::handle)),
    ]);
    endpoints
}

/// All routes with their descriptions, without limits and guards.
pub(crate) fn documented() -> OpenApiRouter<App> {
    let (limited, unlimited) = routers(endpoints(), openapi::frame(), None);
    limited.merge(unlimited)
}

/// All routes over a running server's parts.
pub fn router(app: App) -> Router {
    let (mut limited, unlimited) = routers(endpoints(), openapi::frame(), Some(&app.auth));
    if app.settings.rate_limit_per_minute.is_some() {
        limited = limited.route_layer(from_fn_with_state(app.clone(), limit_address));
    }
    let (routes, _) = limited.merge(unlimited).split_for_parts();
    // All layers in one: each that stands alone is boxed, and copied with all that are inside it
    // for every request. The first is the outermost.
    let layers = (
        CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(Slug::Internal, "something failed on our side; the log has the reason")
                .into_response()
        }),
        from_fn(options_are_empty),
        cors(&app.settings.cors_origins),
        CompressionLayer::new(),
        from_fn_with_state(app.clone(), observe),
        RequestBodyTimeoutLayer::new(BODY_SILENCE_MAX),
    );
    let routes =
        routes.method_not_allowed_fallback(unknown).fallback(unknown).layer(layers).with_state(app);
    // A trailing slash goes away before a route is looked for.
    Router::new().fallback_service(NormalizePath::trim_trailing_slash(routes))
}

fn cors(origins: &[String]) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            HeaderName::from_static("x-server-key"),
            HeaderName::from_static("x-admin-token"),
        ])
        .expose_headers(EXPOSED);
    if origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(AllowOrigin::any());
    }
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    layer.allow_origin(origins)
}

/// `OPTIONS` answers 204 on every path, with whatever the CORS layer adds.
async fn options_are_empty(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_options {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = axum::body::Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

async fn limit_address(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.auth.is_trusted(request.headers()) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let address = app.address(peer, request.headers());
    match app.limits.address(address) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Counts requests by route and status, and tells the log of those that failed on our side.
async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    app.metrics.request(
        method.as_str(),
        route.as_ref().map_or("unknown", MatchedPath::as_str),
        status.as_u16(),
    );
    if status.is_server_error()
        && let Some(passed_over) = app.unserved.note(app.clock.now())
    {
        tracing::warn!(
            http.method = %method,
            http.path = %uri.path(),
            http.status = status.as_u16(),
            http.passed_over = passed_over,
            "request not served"
        );
    }
    response
}

async fn unknown(method: Method, uri: axum::http::Uri) -> Response {
    Problem::endpoint_not_found(method.as_str(), uri.path()).into_response()
}

/// A JSON body of whatever content type; none is the same as `{}`.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = Received::from_request(request, app).await?;
        let text: &[u8] = match body.trim_ascii() {
            [] => b"{}",
            text => text,
        };
        if !text.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(text).is_ok() {
            // A list would be taken for the fields in their order.
            let detail = "the body must be a JSON object";
            return Err(Problem::new(Slug::InvalidJson, detail).error("Invalid JSON payload"));
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let value = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| unfit(error.path().to_string(), error.inner()))?;
        reader.end().map_err(|error| unfit(String::new(), &error))?;
        Ok(Self(value))
    }
}

/// What is wrong with a body, in a client's words where only a field does not fit.
fn unfit(path: String, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    if !error.is_data() {
        return Problem::new(Slug::InvalidJson, text).error("Invalid JSON payload");
    }
    // The path says where; line and column are those of a text that nobody sees.
    let text = text.split(" at line ").next().unwrap_or_default();
    let reason = IN_WORDS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let (field, reason) = match missing {
        Some(name) if path == "." => (name.to_owned(), "is required".to_owned()),
        Some(name) => (format!("{path}.{name}"), "is required".to_owned()),
        None => {
            match reason.strip_prefix("unknown field ").and_then(|text| text.split_once(", ")) {
                Some((_, known)) => (path, format!("is no field here: {known}")),
                None => (path, format!("does not fit: {reason}")),
            }
        }
    };
    Problem::field(&field, reason).error("Invalid JSON payload")
}
