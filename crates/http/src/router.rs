//! The router: all endpoints with their guards, and what every request passes through on its way to
//! one and back.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use axum::extract::{ConnectInfo, FromRef, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

use crate::access::routers;
use crate::app::App;
use crate::auth::Auth;
use crate::cors::{self, AnyOrigin};
use crate::deadline;
use crate::gate::Gate;
use crate::limits::RateLimits;
use crate::observer::Observer;
use crate::openapi::{self, Document};
use crate::problem::{Problem, Slug};
use crate::request_id::{REQUEST_ID, request_id};
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

/// All routes over a running server's parts.
pub fn router(app: App) -> Router {
    let (auth, gate) = (Arc::<Auth>::from_ref(&app), Arc::<Gate>::from_ref(&app));
    let limits = Arc::<RateLimits>::from_ref(&app);
    let (mut limited, unlimited) = routers(endpoints(), openapi::frame(), Some(&gate));
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
        from_fn(finish),
        from_fn_with_state(AnyOrigin::of(app.cors_origins()), cors::keep_from_strangers),
        cors::layer(app.cors_origins()),
        CompressionLayer::new(),
        from_fn_with_state(Arc::<Observer>::from_ref(&app), observe),
        from_fn(deadline::keep),
        Extension(Document(openapi_json())),
    );
    let routes =
        routes.method_not_allowed_fallback(unknown).fallback(unknown).layer(layers).with_state(app);
    // A trailing slash goes away before a route is looked for.
    Router::new().fallback_service(routes.map_request(without_trailing_slash))
}

/// Another front end of a running server behind what all requests pass through: panics become
/// answers, answers are compressed, counted and told. No other origin may read what it answers.
pub fn front_end(app: &App, routes: Router) -> Router {
    routes.layer((
        CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(Slug::Internal, "something failed on our side; the log has the reason")
                .into_response()
        }),
        CompressionLayer::new(),
        from_fn_with_state(Arc::<Observer>::from_ref(app), observe),
    ))
}

/// What holds for every answer: no cache keeps it unless it says so, no browser guesses what it is, and
/// `OPTIONS` answers 204 on every path, with whatever the CORS layer adds.
async fn finish(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
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
    if auth.is_known(request.headers()).await {
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
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    let id = request_id(request.headers());
    // What is logged while the request is served names it.
    let span = tracing::info_span!(
        "request",
        request.id = id.to_str().unwrap_or_default(),
        http.method = %method,
        http.route = route,
        http.status = tracing::field::Empty,
    );
    let served = async {
        let mut response = match one_host(&request) {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        };
        observer.note(&method, &uri, route, response.status());
        response.headers_mut().insert(REQUEST_ID, id.clone());
        response
    };
    let response = served.instrument(span.clone()).await;
    span.record("http.status", response.status().as_u16());
    response
}

/// Fails if a request does not say which host it is for, or says it twice: a proxy in front may have
/// judged it by the other one.
fn one_host(request: &Request) -> Result<(), Problem> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let least = usize::from(request.version() == Version::HTTP_11);
    if (least..=1).contains(&hosts) {
        return Ok(());
    }
    Err(Problem::field("host", format!("must be there once, but is there {hosts} times")))
}

/// Takes one slash off the end of a path. Nothing else of it changes: a path with two slashes in a row is
/// another one, as a proxy that lets some paths through and others not reads it.
fn without_trailing_slash(mut request: Request) -> Request {
    let uri = request.uri();
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.is_empty()) else {
        return request;
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{path}{query}").parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

async fn unknown(method: Method, uri: Uri) -> Response {
    Problem::endpoint_not_found(method.as_str(), uri.path()).into_response()
}
