//! All pages behind their guard, and the headers that every answer of the console carries.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use scoreline_http::App;

use crate::assets;
use crate::console::Console;
use crate::pages;
use crate::privacy;
use crate::sign_in::guard::FORM_BYTES_MAX;
use crate::trouble::Trouble;

/// Nothing comes from elsewhere, nothing within a page is a script or a style, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for pages that anybody sees, which have no script at all.
const PUBLIC_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                             form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every answer carries, with what the console decides.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// The pages of a running server, under `/console`, and those for everybody, under `/privacy`.
pub fn router(app: &App, console: Arc<Console>) -> Router {
    let unknown = async || Trouble::not_found("there is no such page").into_response();
    let guarded = pages::routes(&console).route("/console/{*path}", any(unknown));
    let open = Router::new()
        .route("/console/", get(async || Redirect::permanent("/console")))
        .route("/console/assets/{name}", get(assets::serve))
        .merge(pages::open_routes());
    let mut routes = with_policy(guarded.merge(open), POLICY);
    if console.erasure_page {
        let public = Router::new()
            .route(&format!("{}/{{name}}", assets::PUBLIC), get(assets::serve))
            .merge(privacy::routes());
        routes = routes.merge(with_policy(public, PUBLIC_POLICY));
    }
    let routes = routes
        .with_state(console)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn(with_headers));
    scoreline_http::front_end(app, routes)
}

/// Pages with what a browser may do with them.
fn with_policy(routes: Router<Arc<Console>>, policy: &'static str) -> Router<Arc<Console>> {
    let policy = HeaderValue::from_static(policy);
    routes.layer(map_response(move |mut response: Response| {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        ready(response)
    }))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
