//! The routes, and what they share: reading a body, limits, and the answer to unknown paths.

mod admin;
mod event_figures;
mod event_lists;
mod health;
mod leaderboards;
mod players;
mod post_events;
mod prizes;
mod tournaments;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::normalize_path::NormalizePath;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::App;
use crate::encoding::decompressed;
use crate::problem::{Problem, Slug};

/// How long a body may pause while it arrives before its sender is cut off.
const BODY_SILENCE_MAX: Duration = Duration::from_secs(10);

/// All routes over a running server's parts.
pub fn router(app: Arc<App>) -> Router {
    let limited = Router::new()
        .route("/api/events", post(post_events::handle))
        .route("/api/events/stats", get(event_figures::handle))
        .route("/api/events/recent", get(event_lists::recent))
        .route("/api/events/dead", get(event_lists::dead))
        .route("/api/events/dead/discard", post(event_lists::discard_dead))
        .route("/api/events/quarantine", get(event_lists::quarantine))
        .route("/api/events/quarantine/discard", post(event_lists::discard_quarantined))
        .route("/api/events/retry-failed", post(event_lists::retry_failed))
        .route("/api/events/requeue-quarantined", post(event_lists::requeue_quarantined))
        .route("/api/v2/leaderboard/global", get(leaderboards::global))
        .route("/api/v2/leaderboard/user/{user_id}", get(leaderboards::user))
        .route("/api/v2/leaderboard/update-nickname", post(leaderboards::update_nickname))
        .route("/api/v2/leaderboards", get(leaderboards::list))
        .route("/api/v2/leaderboards/{board}", get(leaderboards::show))
        .route("/api/v2/leaderboards/{board}/players/{user_id}", get(leaderboards::player))
        .route("/api/v2/leaderboards/{board}/rank", get(leaderboards::friends))
        .route("/api/v2/tournaments", get(tournaments::list).post(tournaments::create))
        .route("/api/v2/tournaments/current", get(tournaments::current))
        .route("/api/v2/tournaments/{id}/leaderboard", get(tournaments::leaderboard))
        .route("/api/v2/tournaments/{id}/prizes", get(tournaments::prize_list))
        .route("/api/v2/tournaments/{id}/cancel", post(tournaments::cancel))
        .route("/api/v2/tournaments/{id}/end", post(tournaments::end))
        .route("/api/v2/prizes/pending", get(prizes::pending))
        .route("/api/v2/prizes/claim", post(prizes::claim))
        .route("/api/v2/prizes/history", get(prizes::history))
        .route("/api/v2/prizes/stats", get(prizes::stats))
        .route("/api/v2/players/{user_id}/stats", get(players::stats))
        .route("/api/v2/players/session", post(players::session))
        .route("/api/admin/reload", post(admin::reload))
        .route("/api/admin/rebuild", post(admin::rebuild).get(admin::rebuild_status))
        .route("/api/admin/queue/pause", post(admin::pause))
        .route("/api/admin/queue/resume", post(admin::resume))
        .route_layer(from_fn_with_state(Arc::clone(&app), limit_address));
    let body_bytes_max = app.settings.body_bytes_max;
    let routes = limited
        .route("/health", get(health::health))
        .route("/api/health", get(health::health))
        .route("/api/health/pool", get(health::pool))
        .route("/api/events/health", get(health::events))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(unknown)
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENCE_MAX))
        .layer(from_fn_with_state(Arc::clone(&app), observe))
        .layer(CompressionLayer::new())
        .layer(cors(&app.settings.cors_origins))
        .layer(from_fn(options_are_empty))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(Slug::Internal, "something failed on our side; the log has the reason")
                .into_response()
        }))
        .with_state(app);
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
        ]);
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

async fn limit_address(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let address = app.address(peer, request.headers());
    match app.limits.address(address) {
        Ok(()) => next.run(request).await,
        Err(too_many) => too_many.into_response(),
    }
}

/// Counts requests by route and status, and logs those that failed on our side.
async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status();
    app.metrics.request(method.as_str(), route.as_deref().unwrap_or("unknown"), status.as_u16());
    if status.is_server_error() {
        tracing::warn!(http.method = %method, http.path = %path, http.status = status.as_u16(), "request not served");
    }
    response
}

async fn unknown(method: Method, uri: axum::http::Uri) -> Response {
    let (kind, status, title) = Slug::EndpointNotFound.parts();
    let content = json!({
        "type": format!("/problems/{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": format!("there is no {method} {}", uri.path()),
        "success": false,
        "error": "Endpoint not found",
        "path": uri.path(),
        "method": method.as_str(),
    });
    let mut response = (status, Json(content)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// A JSON body of whatever content type; none is the same as `{}`.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = axum::body::Bytes::from_request(request, app).await;
        let bytes = decompressed(app, &headers, bytes)?;
        let text: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        let mut reader = serde_json::Deserializer::from_slice(text);
        let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        value.map(Self).map_err(|error| {
            let slug = if error.is_data() { Slug::InvalidRequest } else { Slug::InvalidJson };
            Problem::new(slug, error.to_string()).error("Invalid JSON payload")
        })
    }
}
