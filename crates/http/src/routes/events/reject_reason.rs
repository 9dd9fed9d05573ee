//! The codes of rejected events, for the `OpenAPI` document.

use scoreline_core::event::RejectCode;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// What may be wrong with an event.
pub(super) struct RejectReason;

impl ToSchema for RejectReason {}

impl PartialSchema for RejectReason {
    fn schema() -> RefOr<Schema> {
        let codes = RejectCode::ALL.iter().map(|code| code.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).into()
    }
}
