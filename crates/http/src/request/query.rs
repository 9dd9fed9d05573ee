//! The parameters behind the `?` of an address.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::value::MapDeserializer;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::given::Given;
use super::{Described, Fields, read, unknown};
use crate::problem::{Problem, Slug};

/// Parameters, and whatever else stands beside them: what released clients of games read passes over parameters
/// that it does not know, because they and the caches between add their own.
pub(crate) struct Query<T>(pub T);

/// Parameters and nothing else: who mistypes one hears of it. For operators, and for what no client was released
/// for before Scoreline was.
pub(crate) struct StrictQuery<T>(pub T);

/// A parameter as it was sent.
pub(crate) type Pair = (String, String);

/// Parameters of one type, or of two that stand side by side.
pub(crate) trait Parameters: Sized {
    /// All of them, as the document describes them.
    fn described() -> Vec<Parameter>;
    /// Reads them out of whatever was sent.
    fn read(sent: &[Pair]) -> Result<Self, Problem>;
}

impl<T: Fields + IntoParams> Parameters for T {
    fn described() -> Vec<Parameter> {
        T::into_params(|| Some(ParameterIn::Query))
    }

    fn read(sent: &[Pair]) -> Result<Self, Problem> {
        let given = sent.iter().map(|(name, text)| (name.as_str(), Given::Text(text)));
        let look = |name: &str| given.clone().find(|(other, _)| *other == name).map(|one| one.1);
        read(MapDeserializer::new(given.clone()), look, || of(&Self::described()))
    }
}

impl<A: Parameters, B: Parameters> Parameters for (A, B) {
    fn described() -> Vec<Parameter> {
        A::described().into_iter().chain(B::described()).collect()
    }

    fn read(sent: &[Pair]) -> Result<Self, Problem> {
        Ok((A::read(&own::<A>(sent))?, B::read(&own::<B>(sent))?))
    }
}

/// Those parameters that a type describes.
fn own<T: Parameters>(sent: &[Pair]) -> Vec<Pair> {
    let described = T::described();
    let is_own = |(name, _): &&Pair| described.iter().any(|one| one.name == *name);
    sent.iter().filter(is_own).cloned().collect()
}

pub(super) fn of(described: &[Parameter]) -> Described {
    let needed = described.iter().filter(|one| one.required == Required::True);
    Described { noun: "parameter", needed: needed.map(|one| one.name.clone()).collect() }
}

fn sent(uri: &Uri) -> Result<Vec<Pair>, Problem> {
    let read = axum::extract::Query::<Vec<Pair>>::try_from_uri(uri);
    let axum::extract::Query(sent) =
        read.map_err(|error| Problem::new(Slug::InvalidRequest, error.body_text()))?;
    Ok(sent)
}

impl<T: Parameters, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(T::read(&sent(&parts.uri)?)?))
    }
}

impl<T: Parameters, S: Send + Sync> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_strictly(&parts.uri).map(Self)
    }
}

/// Reads the parameters of an address, among which no other may be.
pub(crate) fn read_strictly<T: Parameters>(uri: &Uri) -> Result<T, Problem> {
    let sent = sent(uri)?;
    let described = T::described();
    let known = described.iter().map(|one| one.name.as_str());
    for (name, _) in &sent {
        if !known.clone().any(|one| one == name) {
            return Err(Problem::field(name, unknown("parameter", name, known)));
        }
    }
    T::read(&sent)
}
