//! Values as a client gave them, read into types: the fields of a JSON body, or the texts of
//! parameters.
//!
//! This is a serde data format whose errors say which value does not fit and why, in words for whoever
//! sent it. So a request is one derived type, and no text of a JSON parser reaches a client.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde_json::Value;

/// Characters of a value that are repeated when it does not fit.
const SHOWN_CHARS_MAX: usize = 100;

/// A value as it was given.
#[derive(Clone, Copy)]
pub(super) enum Given<'de> {
    /// In a JSON body.
    Json(&'de Value),
    /// As the text of a parameter. It is a number or a truth value where one is expected.
    Text(&'de str),
}

/// What is wrong with a request.
#[derive(Debug)]
pub(super) enum Fault {
    /// A name that means nothing here, and those that do.
    Unknown {
        /// The names that mean something.
        known: &'static [&'static str],
        /// The name that does not.
        name: String,
    },
    /// A field that is needed and absent.
    Missing(&'static str),
    /// A field that is there twice.
    Twice(&'static str),
    /// A value that does not fit: why not, such as `must be a list, but is 5`.
    Unfit(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "{name} is unknown"),
            Self::Missing(name) => write!(f, "{name} is required"),
            Self::Twice(name) => write!(f, "{name} is there twice"),
            Self::Unfit(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::Unfit(reason.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(value) => value.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Float(number) => number.to_string(),
            Unexpected::Str(text) => shown_text(text),
            Unexpected::Unit | Unexpected::Option => "null".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            _ => "an object".to_owned(),
        };
        Self::Unfit(format!("must be {expected}, but is {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::Unknown { known, name: name.to_owned() }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Twice(name)
    }
}

fn shown_text(text: &str) -> String {
    let mut start: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}

impl<'de> Given<'de> {
    /// The value, as far as it can be repeated in a sentence.
    fn shown(self) -> String {
        match self {
            Self::Text(text) => shown_text(text),
            Self::Json(Value::String(text)) => shown_text(text),
            Self::Json(Value::Array(_)) => "a list".to_owned(),
            Self::Json(Value::Object(_)) => "an object".to_owned(),
            Self::Json(value) => value.to_string(),
        }
    }

    fn must_be(self, kind: &str) -> Fault {
        Fault::Unfit(format!("must be {kind}, but is {}", self.shown()))
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'de str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(value) => value.as_str(),
        }
    }

    /// Whether it stands for nothing: null, or a text without characters.
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Json(Value::Null)) || self.text() == Some("")
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Given<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads all whole numbers that are not negative as `u64`, and the others as `i64`.
macro_rules! whole_numbers {
    ($($method:ident: $number:ident by $as_number:ident to $visit:ident, $kind:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let number = match self {
                Self::Json(value) => value.$as_number(),
                Self::Text(text) => text.parse::<$number>().ok(),
            };
            visitor.$visit(number.ok_or_else(|| self.must_be($kind))?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Given<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Text(text) => match text.parse() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_borrowed_str(text),
            },
            Self::Json(Value::Null) => visitor.visit_unit(),
            Self::Json(Value::Bool(value)) => visitor.visit_bool(*value),
            Self::Json(Value::Number(number)) => {
                match (number.as_u64(), number.as_i64(), number.as_f64()) {
                    (Some(number), ..) => visitor.visit_u64(number),
                    (None, Some(number), _) => visitor.visit_i64(number),
                    (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
                }
            }
            Self::Json(Value::String(text)) => visitor.visit_borrowed_str(text),
            Self::Json(Value::Array(_)) => self.deserialize_seq(visitor),
            Self::Json(Value::Object(_)) => self.deserialize_map(visitor),
        }
    }

    whole_numbers! {
        deserialize_u8: u64 by as_u64 to visit_u64, "a whole number from 0 on";
        deserialize_u16: u64 by as_u64 to visit_u64, "a whole number from 0 on";
        deserialize_u32: u64 by as_u64 to visit_u64, "a whole number from 0 on";
        deserialize_u64: u64 by as_u64 to visit_u64, "a whole number from 0 on";
        deserialize_i8: i64 by as_i64 to visit_i64, "a whole number";
        deserialize_i16: i64 by as_i64 to visit_i64, "a whole number";
        deserialize_i32: i64 by as_i64 to visit_i64, "a whole number";
        deserialize_i64: i64 by as_i64 to visit_i64, "a whole number";
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Json(Value::Bool(value)) => visitor.visit_bool(*value),
            Self::Text("true") => visitor.visit_bool(true),
            Self::Text("false") => visitor.visit_bool(false),
            _ => Err(self.must_be("true or false")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.text().ok_or_else(|| self.must_be("a text"))?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Json(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self::Json(Value::Array(items)) = self else { return Err(self.must_be("a list")) };
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(Given::Json)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self::Json(Value::Object(fields)) = self else {
            return Err(self.must_be("an object"));
        };
        let fields = fields.iter().map(|(name, value)| (name.as_str(), Given::Json(value)));
        visitor.visit_map(MapDeserializer::new(fields))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.text() {
            Some(text) if names.contains(&text) => visitor.visit_enum(text.into_deserializer()),
            _ => Err(self.must_be(&format!("one of {}", names.join(", ")))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}
