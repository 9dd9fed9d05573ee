//! Parameters that several endpoints of this area take.

use scoreline_core::time::Timestamp;
use serde::Deserialize;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::boards::Period;
use crate::request::Fields;

/// Which board.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct BoardPath {
    /// The board's name in the definition.
    pub board: String,
}

impl Fields for BoardPath {}

/// A period of a board, as it is asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct AskedPeriod(pub Period);

impl Default for AskedPeriod {
    fn default() -> Self {
        Self(Period::Current)
    }
}

impl TryFrom<String> for AskedPeriod {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let period = match text.as_str() {
            "current" => Period::Current,
            "previous" => Period::Previous,
            id => Period::At(Timestamp::parse(id).ok_or_else(|| {
                format!("must be current, previous or the id of a period, but is {id:?}")
            })?),
        };
        Ok(Self(period))
    }
}

impl PartialSchema for AskedPeriod {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).default(Some("current".into())).into()
    }
}

impl ToSchema for AskedPeriod {}
