//! A projection, as answers name it.

use std::sync::Arc;

use scoreline_core::fold::ProjectionKind;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that is kept as a fold of the events.
#[derive(Serialize, ToSchema)]
pub(super) struct Projection {
    /// `board`, `statistic`, `tournament` or `figures`.
    kind: &'static str,
    name: String,
}

impl From<&(ProjectionKind, Arc<str>)> for Projection {
    fn from((kind, name): &(ProjectionKind, Arc<str>)) -> Self {
        Self { kind: kind.as_str(), name: name.to_string() }
    }
}
