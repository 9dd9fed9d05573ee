//! The variable parts of a path.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::value::MapDeserializer;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::given::Given;
use super::query::of;
use super::{Fields, read};
use crate::problem::{Problem, Slug};

/// The parts of the path that the route names.
pub(crate) struct Path<T>(pub T);

impl<T: Fields + IntoParams, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = RawPathParams::from_request_parts(parts, state).await;
        let given = given.map_err(|error| Problem::new(Slug::InvalidRequest, error.body_text()))?;
        let named = given.iter().map(|(name, text)| (name, Given::Text(text)));
        let look = |name: &str| {
            given.iter().find(|(other, _)| *other == name).map(|(_, text)| Given::Text(text))
        };
        let described = || of(&T::into_params(|| Some(ParameterIn::Path)));
        read(MapDeserializer::new(named), look, described).map(Self)
    }
}
