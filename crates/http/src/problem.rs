//! Errors as `application/problem+json` (RFC 9457), with what older clients look for beside it.
//!
//! The kind of an error alone decides its status; this is the one place where that is written.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use scoreline_core::error::ErrorKind;
use scoreline_core::game::Mistake;
use scoreline_core::intake::IntakeError;
use scoreline_core::operations::OperationError;
use scoreline_core::rank::RanksError;
use scoreline_core::store::StoreError;
use serde::Serialize;

/// What went wrong, as a slug of docs/api.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slug {
    /// The body is not JSON, or not in one of its forms.
    InvalidJson,
    /// A parameter or field is missing or wrong.
    InvalidRequest,
    /// The body has more bytes or events than allowed.
    TooLarge,
    /// The body's encoding is not gzip, zstd or none.
    UnsupportedEncoding,
    /// A token is missing or not valid.
    Unauthorized,
    /// The token is for something or someone else.
    Forbidden,
    /// There is no such path, or not with this method.
    EndpointNotFound,
    /// There is no such thing.
    NotFound,
    /// It does not fit the present state.
    Conflict,
    /// Too many requests.
    RateLimited,
    /// There is no room or no durable place right now.
    Unavailable,
    /// Something failed here.
    Internal,
}

impl Slug {
    /// All of them, for the test that keeps docs/api.md in step.
    pub const ALL: [Self; 12] = [
        Self::InvalidJson,
        Self::InvalidRequest,
        Self::TooLarge,
        Self::UnsupportedEncoding,
        Self::Unauthorized,
        Self::Forbidden,
        Self::EndpointNotFound,
        Self::NotFound,
        Self::Conflict,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The slug, its status and its title.
    pub fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::InvalidJson => ("invalid-json", StatusCode::BAD_REQUEST, "Invalid JSON"),
            Self::InvalidRequest => ("invalid-request", StatusCode::BAD_REQUEST, "Invalid request"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
            Self::UnsupportedEncoding => {
                ("unsupported-encoding", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported encoding")
            }
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Forbidden"),
            Self::EndpointNotFound => {
                ("endpoint-not-found", StatusCode::NOT_FOUND, "Endpoint not found")
            }
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "Conflict"),
            Self::RateLimited => {
                ("rate-limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests")
            }
            Self::Unavailable => {
                ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable")
            }
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        }
    }
}

/// One field at fault.
#[derive(Debug, Clone, Serialize)]
pub struct FieldFault {
    /// The field or parameter.
    pub field: String,
    /// What is wrong with its value, and the limit.
    pub reason: String,
}

/// An error on its way to a client.
#[derive(Debug)]
pub struct Problem {
    slug: Slug,
    /// Short, for older clients.
    error: String,
    detail: String,
    errors: Vec<FieldFault>,
    retry_after_s: Option<u32>,
}

#[derive(Serialize)]
struct Body<'p> {
    r#type: String,
    title: &'p str,
    status: u16,
    detail: &'p str,
    success: bool,
    error: &'p str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'p [FieldFault],
}

impl Problem {
    /// A problem with a sentence about it.
    pub fn new(slug: Slug, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let retry_after_s = (slug == Slug::Unavailable).then_some(1);
        Self { slug, error: slug.parts().2.to_owned(), detail, errors: Vec::new(), retry_after_s }
    }

    /// The short text that older clients look for.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    /// When to try again.
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// A field or parameter at fault.
    pub fn field(field: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let mut problem = Self::new(Slug::InvalidRequest, format!("{field} {reason}"));
        problem.error = problem.detail.clone();
        problem.errors.push(FieldFault { field: field.to_owned(), reason });
        problem
    }

    /// A request that lacks something; the text is what older clients look for.
    pub fn required(text: &str) -> Self {
        Self::new(Slug::InvalidRequest, text).error(text)
    }

    fn of_kind(kind: ErrorKind, detail: String) -> Self {
        let slug = match kind {
            ErrorKind::Invalid => Slug::InvalidRequest,
            ErrorKind::Conflict => Slug::Conflict,
            ErrorKind::NotFound => Slug::NotFound,
            ErrorKind::Busy => Slug::Unavailable,
            ErrorKind::Broken => Slug::Internal,
        };
        if kind == ErrorKind::Broken {
            // The reason may name files and tables: it belongs into the log, not to a device.
            tracing::error!(error = %detail, "request failed");
            return Self::new(slug, "something failed on our side; the log has the reason");
        }
        Self::new(slug, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::of_kind(error.kind(), error.to_string())
    }
}

impl From<RanksError> for Problem {
    fn from(error: RanksError) -> Self {
        Self::of_kind(error.kind(), error.to_string())
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        Self::of_kind(error.kind(), error.to_string()).retry_after_s(error.retry_after_s())
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        let mut problem = Self::of_kind(error.kind(), error.to_string());
        match error {
            OperationError::Definition(mistakes) => {
                problem.errors = mistakes.iter().map(of_mistake).collect();
            }
            OperationError::Invalid { field, reason } => {
                problem.errors.push(FieldFault { field: field.to_owned(), reason });
            }
            _ => {}
        }
        problem
    }
}

fn of_mistake(mistake: &Mistake) -> FieldFault {
    let hint = mistake.suggestion.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    FieldFault {
        field: mistake.path.clone(),
        reason: format!("line {}: {}{hint}", mistake.line, mistake.reason),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (slug, status, title) = self.slug.parts();
        let body = Body {
            r#type: format!("/problems/{slug}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            success: false,
            error: &self.error,
            errors: &self.errors,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.slug == Slug::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
