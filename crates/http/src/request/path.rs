//! The variable parts of a path.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::value::MapDeserializer;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::given::Given;
use super::query::of;
use super::{Fields, read};
use crate::problem::{Problem, Slug};

/// The name of the first part of the path that is no text.
fn unreadable(parts: &Parts) -> Option<&str> {
    let pattern = parts.extensions.get::<MatchedPath>()?.as_str().split('/');
    let mut pairs = pattern.zip(parts.uri.path().split('/'));
    let (name, _) = pairs.find(|(_, sent)| percent_decode_str(sent).decode_utf8().is_err())?;
    name.strip_prefix('{')?.strip_suffix('}')
}

/// The parts of the path that the route names.
pub(crate) struct Path<T>(pub T);

impl<T: Fields + IntoParams, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = RawPathParams::from_request_parts(parts, state).await;
        let given = given.map_err(|error| {
            let name = unreadable(parts).unwrap_or_default();
            match name {
                "" => Problem::new(Slug::InvalidRequest, error.body_text()),
                name => Problem::field(name, "must be UTF-8, percent-encoded"),
            }
        })?;
        let named = given.iter().map(|(name, text)| (name, Given::Text(text)));
        let look = |name: &str| {
            given.iter().find(|(other, _)| *other == name).map(|(_, text)| Given::Text(text))
        };
        let described = || of(&T::into_params(|| Some(ParameterIn::Path)));
        read(MapDeserializer::new(named), look, described).map(Self)
    }
}
