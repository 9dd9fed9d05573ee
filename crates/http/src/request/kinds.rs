//! The kinds of values that requests hold, each with its limits and its schema.

use std::fmt;

use scoreline_core::id::PlayerId;
use scoreline_core::limits::{
    BOARD_PAGE_DEFAULT, BOARD_PAGE_MAX, ERROR_TEXT_CHARS_MAX, OPERATOR_PAGE_DEFAULT,
    OPERATOR_PAGE_MAX, PLAYER_ID_CHARS_MAX,
};
use scoreline_core::time::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde_json::json;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Rows of a leaderboard page.
pub(crate) type BoardLimit = Whole<1, BOARD_PAGE_MAX, BOARD_PAGE_DEFAULT>;
/// Rows of a page for operators, and of tournaments.
pub(crate) type ListLimit = Whole<1, OPERATOR_PAGE_MAX, OPERATOR_PAGE_DEFAULT>;
/// Rows to leave out at the beginning.
pub(crate) type Offset = Whole<0, { usize::MAX }, 0>;

/// A whole number from `LEAST` to `MOST`, and `DEFAULT` where none was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole<const LEAST: usize, const MOST: usize, const DEFAULT: usize>(pub usize);

impl<const LEAST: usize, const MOST: usize, const DEFAULT: usize> Default
    for Whole<LEAST, MOST, DEFAULT>
{
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const LEAST: usize, const MOST: usize, const DEFAULT: usize> Visitor<'_>
    for Whole<LEAST, MOST, DEFAULT>
{
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match MOST {
            usize::MAX => write!(f, "a whole number from {LEAST} on"),
            most => write!(f, "a whole number from {LEAST} to {most}"),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self, E> {
        let fits = usize::try_from(number).ok().filter(|fits| (LEAST..=MOST).contains(fits));
        fits.map(Self).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

impl<'g, const LEAST: usize, const MOST: usize, const DEFAULT: usize> Deserialize<'g>
    for Whole<LEAST, MOST, DEFAULT>
{
    fn deserialize<D: Deserializer<'g>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self::default())
    }
}

impl<const LEAST: usize, const MOST: usize, const DEFAULT: usize> PartialSchema
    for Whole<LEAST, MOST, DEFAULT>
{
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(LEAST))
            .default(Some(json!(DEFAULT)));
        match MOST {
            usize::MAX => schema.into(),
            most => schema.maximum(Some(most)).into(),
        }
    }
}

impl<const LEAST: usize, const MOST: usize, const DEFAULT: usize> ToSchema
    for Whole<LEAST, MOST, DEFAULT>
{
}

/// A player's id.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct UserId(pub PlayerId);

impl TryFrom<String> for UserId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        PlayerId::new(&text).map(Self).map_err(|error| error.to_string())
    }
}

impl PartialSchema for UserId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A player's id"))
            .min_length(Some(1))
            .max_length(Some(PLAYER_ID_CHARS_MAX))
            .into()
    }
}

impl ToSchema for UserId {}

/// A text that is not empty.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Text(pub String);

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.is_empty() { Err("must not be empty") } else { Ok(Self(text)) }
    }
}

impl PartialSchema for Text {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).into()
    }
}

impl ToSchema for Text {}

/// Why something is done, for whoever looks later.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Note(pub String);

impl TryFrom<String> for Note {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let note = text.trim();
        if note.is_empty() {
            return Err("must say why".to_owned());
        }
        if note.chars().count() > ERROR_TEXT_CHARS_MAX || note.contains('\0') {
            return Err(format!("must have at most {ERROR_TEXT_CHARS_MAX} characters and no NUL"));
        }
        Ok(Self(note.to_owned()))
    }
}

impl PartialSchema for Note {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Why, for whoever looks later"))
            .min_length(Some(1))
            .max_length(Some(ERROR_TEXT_CHARS_MAX))
            .into()
    }
}

impl ToSchema for Note {}

/// A point in time: RFC 3339; without a zone it is UTC.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Time(pub Timestamp);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Timestamp::parse(&text)
            .map(Self)
            .ok_or_else(|| format!("must be a time such as 2026-11-23T10:00:00Z, but is {text:?}"))
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A point in time: RFC 3339; without a zone it is UTC"))
            .examples([json!("2026-11-23T10:00:00.000Z")])
            .into()
    }
}

impl ToSchema for Time {}
