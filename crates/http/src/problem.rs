//! Errors as `application/problem+json` (RFC 9457), with what older clients look for beside it.
//!
//! Every failure that a client can see is a [`Problem`]. The kind of an error alone decides its slug,
//! and the slug its status and title; this file is the only place where that is written.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use scoreline_core::error::ErrorKind;
use scoreline_core::game::Mistake;
use scoreline_core::intake::IntakeError;
use scoreline_core::operations::OperationError;
use scoreline_core::prize::tiers::TierFault;
use scoreline_core::store::StoreError;
use scoreline_ranking::RanksError;
use serde::Serialize;
use utoipa::ToSchema;

/// Declares every slug once: its variant, name, status, title, and when it happens.
macro_rules! slugs {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $when:literal;)+) => {
        /// What went wrong, as a slug of docs/api.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Slug {
            $(#[doc = $when] $variant,)+
        }

        impl Slug {
            /// All of them, in the order of docs/api.md.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The slug, its status and its title.
            pub fn parts(self) -> (&'static str, StatusCode, &'static str) {
                match self {
                    $(Self::$variant => ($name, StatusCode::$status, $title),)+
                }
            }

            /// When it happens, as docs/api.md and the `OpenAPI` document say.
            pub fn when(self) -> &'static str {
                match self {
                    $(Self::$variant => $when,)+
                }
            }
        }
    };
}

slugs! {
    InvalidJson = "invalid-json", BAD_REQUEST, "Invalid JSON",
        "the body is not JSON or not in one of its forms; a body of events: its frame is broken";
    InvalidRequest = "invalid-request", BAD_REQUEST, "Invalid request",
        "a parameter or field is missing or wrong; `errors` names it";
    Unauthorized = "unauthorized", UNAUTHORIZED, "Unauthorized",
        "a token is missing or expired, or a player's token or a key is not good any more";
    Forbidden = "forbidden", FORBIDDEN, "Forbidden",
        "the token is not known here, or is for something or someone else";
    EndpointNotFound = "endpoint-not-found", NOT_FOUND, "Endpoint not found",
        "no such path, or not with this method; carries `path` and `method`";
    NotFound = "not-found", NOT_FOUND, "Not found",
        "no such board, tournament, player, prize, key or job";
    Conflict = "conflict", CONFLICT, "Conflict",
        "it does not fit the present state";
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "Too large",
        "more bytes or events than allowed; names the limit; nothing was taken";
    UnsupportedEncoding = "unsupported-encoding", UNSUPPORTED_MEDIA_TYPE, "Unsupported encoding",
        "the body is neither plain, gzip nor zstd";
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, "Too many requests",
        "too many requests; `Retry-After` and `RateLimit-*` say when to come back";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error",
        "something failed on our side; the log has the reason";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Temporarily unavailable",
        "no room or no durable place right now; `Retry-After`; nothing was taken";
}

/// One field at fault.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldFault {
    /// The field or parameter.
    pub field: String,
    /// What is wrong with its value, and the limit.
    pub reason: String,
}

/// A failure in the form that clients receive.
#[derive(Debug)]
pub struct Problem {
    slug: Slug,
    /// Short, for older clients.
    error: String,
    detail: String,
    errors: Vec<FieldFault>,
    retry_after_s: Option<u32>,
    /// Requests a minute that are allowed, where there were more.
    per_minute: Option<u32>,
    /// The path and the method, where there is no such endpoint.
    asked: Option<Box<(String, String)>>,
}

/// An error as RFC 9457 has it, with what older clients look for.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body<'p> {
    /// Which problem, for programs: `/problems/` and its slug.
    #[schema(example = "/problems/invalid-request")]
    r#type: String,
    /// Which problem, for people.
    title: &'p str,
    /// The status of the answer.
    status: u16,
    /// What happened this time.
    detail: &'p str,
    /// Always false, for older clients.
    success: bool,
    /// A short text, for older clients.
    error: &'p str,
    /// The fields at fault, where fields are.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldFault>, required = false)]
    errors: &'p [FieldFault],
    /// The path asked for, where there is no such endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'p str>,
    /// The method asked with, where there is no such endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'p str>,
}

impl Problem {
    /// A problem with a sentence about what happened.
    pub fn new(slug: Slug, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let retry_after_s = (slug == Slug::Unavailable).then_some(1);
        let error = slug.parts().2.to_owned();
        Self {
            slug,
            error,
            detail,
            errors: Vec::new(),
            retry_after_s,
            per_minute: None,
            asked: None,
        }
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

    /// Fields or parameters at fault. `words` are what older clients look for, where they do.
    pub fn fields(words: Option<&str>, errors: Vec<FieldFault>) -> Self {
        let all = || {
            let faults = errors.iter().map(|fault| format!("{} {}", fault.field, fault.reason));
            faults.collect::<Vec<_>>().join("; ")
        };
        let words = words.map_or_else(all, str::to_owned);
        let problem = Self::new(Slug::InvalidRequest, words.clone()).error(words);
        Self { errors, ..problem }
    }

    /// A field at fault, in exactly the words that older clients show.
    pub fn in_words(field: &str, text: &str) -> Self {
        let mut problem = Self::new(Slug::InvalidRequest, text).error(text);
        problem.errors.push(FieldFault { field: field.to_owned(), reason: text.to_owned() });
        problem
    }

    /// A body that is not JSON, or not a JSON value of the kind that is expected.
    pub(crate) fn invalid_json(detail: impl Into<String>) -> Self {
        Self::new(Slug::InvalidJson, detail).error("Invalid JSON payload")
    }

    /// More requests than `per_minute`; the next one is welcome after `wait_s` seconds.
    pub(crate) fn too_many(per_minute: u32, wait_s: u32) -> Self {
        let detail = format!("more than {per_minute} requests a minute; try again in {wait_s} s");
        let mut problem = Self::new(Slug::RateLimited, detail).retry_after_s(wait_s);
        problem.per_minute = Some(per_minute);
        problem
    }

    /// More bytes of bodies than somebody may send; more are welcome after `wait_s` seconds.
    pub(crate) fn too_many_bytes(whose: &str, wait_s: u32) -> Self {
        let detail = format!("too many bytes {whose}; try again in {wait_s} s");
        Self::new(Slug::RateLimited, detail).retry_after_s(wait_s)
    }

    /// A path that leads nowhere, or not with this method.
    pub(crate) fn endpoint_not_found(method: &str, path: &str) -> Self {
        let mut problem = Self::new(Slug::EndpointNotFound, format!("there is no {method} {path}"));
        problem.asked = Some(Box::new((path.to_owned(), method.to_owned())));
        problem
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Body<'_> {
        let (slug, status, title) = self.slug.parts();
        let (path, method) =
            self.asked.as_ref().map(|asked| (asked.0.as_str(), asked.1.as_str())).unzip();
        Body {
            r#type: format!("/problems/{slug}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            success: false,
            error: &self.error,
            errors: &self.errors,
            path,
            method,
        }
    }

    /// Something that cannot happen unless the program has a fault. The reason goes to the log.
    pub(crate) fn broken(error: &impl std::fmt::Display) -> Self {
        Self::of_kind(ErrorKind::Broken, error.to_string())
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
            // The reason may name files and tables: it is for the log, not for a client.
            tracing::error!(error = %detail, "request failed");
            return Self::new(slug, "something failed on our side; the log has the reason");
        }
        Self::new(slug, detail)
    }

    /// What went wrong.
    pub fn slug(&self) -> Slug {
        self.slug
    }

    /// What happened this time.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields at fault, where fields are.
    pub fn faults(&self) -> &[FieldFault] {
        &self.errors
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let mut problem = Self::of_kind(error.kind(), error.to_string());
        problem.errors.extend(of_store(&error));
        problem
    }
}

/// The field at fault where a store refused something.
fn of_store(error: &StoreError) -> Option<FieldFault> {
    let StoreError::MoveRefused(refused) = error else { return None };
    Some(FieldFault { field: refused.field().to_owned(), reason: refused.to_string() })
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
            OperationError::Prizes(faults) => {
                let fault =
                    |fault: &TierFault| FieldFault { field: fault.path(), reason: fault.words() };
                problem.errors = faults.iter().map(fault).collect();
            }
            OperationError::Invalid { field, reason } => {
                problem.errors.push(FieldFault { field: field.to_owned(), reason });
            }
            OperationError::Store(error) => problem.errors.extend(of_store(&error)),
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
        let status = self.slug.parts().1;
        let mut response = (status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(per_minute) = self.per_minute {
            headers.insert("ratelimit-limit", HeaderValue::from(per_minute));
            headers.insert("ratelimit-remaining", HeaderValue::from(0));
            headers.insert("ratelimit-reset", HeaderValue::from(self.retry_after_s.unwrap_or(0)));
        }
        if self.slug == Slug::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
