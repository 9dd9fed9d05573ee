//! Parts of an address, refused like everything else where they are no text.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, Slug};

/// The parts of the path that the route names.
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let axum::extract::Path(found) =
            read.map_err(|error| Problem::new(Slug::InvalidRequest, error.body_text()))?;
        Ok(Self(found))
    }
}
