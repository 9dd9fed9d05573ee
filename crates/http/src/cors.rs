//! What a script of another origin may ask and read, by the setting `cors_origins`.
//!
//! An origin that is named is trusted with everything. Where all are let in (`*`), scripts of strangers
//! can play and read what everybody may read; the admin token is not theirs to send, nor what only
//! operators are answered theirs to read, as an operator's browser on the same machine could do it for
//! them. Cookies are never allowed.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// What a script may read of an answer: when to come back.
const EXPOSED: [HeaderName; 4] = [
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// How long a browser may keep the answer to a preflight. Some keep none for longer.
const PREFLIGHT_AGE_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// Marks the answer of an endpoint that is for operators.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForOperators;

/// Whether scripts of every origin are let in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyOrigin(pub bool);

impl AnyOrigin {
    /// By the setting.
    pub fn of(origins: &[String]) -> Self {
        Self(origins.iter().any(|origin| origin == "*"))
    }
}

/// The layer that tells browsers what they may do. Whatever headers a script asks to send it may: what
/// means nothing here, such as the traces of its own tools, does no harm.
pub(crate) fn layer(origins: &[String]) -> CorsLayer {
    let allowed = if AnyOrigin::of(origins).0 {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| origin.parse().ok()))
    };
    CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::DELETE, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(PREFLIGHT_AGE_MAX)
        .expose_headers(EXPOSED)
        .allow_origin(allowed)
}

/// Keeps from strangers what is for operators. Stands outside of [`layer`].
pub(crate) async fn keep_from_strangers(
    State(any_origin): State<AnyOrigin>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if any_origin.0 {
        let is_for_operators = response.extensions().get::<ForOperators>().is_some();
        let headers = response.headers_mut();
        if is_for_operators {
            headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        }
        if let Some(allowed) = headers.get_mut(header::ACCESS_CONTROL_ALLOW_HEADERS) {
            *allowed = without_admin_token(allowed);
        }
    }
    response
}

fn without_admin_token(allowed: &HeaderValue) -> HeaderValue {
    let names = allowed.to_str().unwrap_or_default().split(',').map(str::trim);
    let kept: Vec<&str> =
        names.filter(|name| !name.eq_ignore_ascii_case("x-admin-token")).collect();
    HeaderValue::from_str(&kept.join(",")).unwrap_or(HeaderValue::from_static(""))
}
