//! The router: all endpoints with their guards, and what every request passes through on its way to
//! one and back.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRef, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::normalize_path::NormalizePath;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::access::routers;
use crate::app::App;
use crate::auth::Auth;
use crate::limits::RateLimits;
use crate::observer::Observer;
use crate::openapi::{self, Document};
use crate::problem::{Problem, Slug};
use crate::routes::endpoints;

/// The `OpenAPI` document of all endpoints, made once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let (limited, unlimited) = routers(endpoints(), openapi::frame(), None);
    let document = limited.merge(unlimited).into_openapi();
    document.to_pretty_json().expect("the document is plain data")
});

/// The `OpenAPI` document of all endpoints, as JSON for people to read.
pub fn openapi_json() -> &'static str {
    &DOCUMENT
}

/// What a script of another origin may read of an answer: when to come back.
const EXPOSED: [HeaderName; 4] = [
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// How long a body may pause while it arrives before its sender is cut off.
const BODY_SILENCE_MAX: Duration = Duration::from_secs(10);

/// All routes over a running server's parts.
pub fn router(app: App) -> Router {
    let auth = Arc::<Auth>::from_ref(&app);
    let limits = Arc::<RateLimits>::from_ref(&app);
    let (mut limited, unlimited) = routers(endpoints(), openapi::frame(), Some(&auth));
    if limits.are_set() {
        limited = limited.route_layer(from_fn_with_state((auth, limits), limit_address));
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
        cors(app.cors_origins()),
        CompressionLayer::new(),
        from_fn_with_state(Arc::<Observer>::from_ref(&app), observe),
        RequestBodyTimeoutLayer::new(BODY_SILENCE_MAX),
        Extension(Document(openapi_json())),
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

async fn limit_address(
    State((auth, limits)): State<(Arc<Auth>, Arc<RateLimits>)>,
    request: Request,
    next: Next,
) -> Response {
    if auth.is_trusted(request.headers()) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    match limits.address(peer, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn observe(State(observer): State<Arc<Observer>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    observer.note(&method, &uri, route, response.status());
    response
}

async fn unknown(method: Method, uri: Uri) -> Response {
    Problem::endpoint_not_found(method.as_str(), uri.path()).into_response()
}
