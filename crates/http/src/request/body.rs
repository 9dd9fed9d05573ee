//! A JSON object as the body of a request.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, Request};
use scoreline_core::limits::FORM_BYTES_MAX;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::given::Given;
use super::{Described, Fields, distinct, read};
use crate::problem::Problem;
use crate::received::Bodies;

/// A JSON body of whatever content type; none is the same as `{}`.
///
/// A type with `deny_unknown_fields` refuses what it does not know: those of operators do. Released
/// clients may send more than is looked at.
pub(crate) struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: Fields + ToSchema,
    Arc<Bodies>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Arc::<Bodies>::from_ref(state).receive(request, FORM_BYTES_MAX).await?;
        let text: &[u8] = match body.trim_ascii() {
            [] => b"{}",
            text => text,
        };
        let (value, twice) =
            distinct::read(text).map_err(|error| Problem::invalid_json(error.to_string()))?;
        if let Some(place) = twice {
            return Err(Problem::field(&place, "is there twice"));
        }
        let Value::Object(fields) = &value else {
            return Err(Problem::invalid_json("the body must be a JSON object"));
        };
        let look = |name: &str| fields.get(name).map(Given::Json);
        read(Given::Json(&value), look, described::<T>).map(Self)
    }
}

pub(super) fn described<T: ToSchema>() -> Described {
    let needed = match T::schema() {
        RefOr::T(Schema::Object(object)) => object.required,
        _ => Vec::new(),
    };
    Described { noun: "field", needed }
}
