//! A JSON value in which no key stands twice: a reader would take one of the two, and nobody knows which.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a JSON text. Answers its value, and where a key stands twice, if one does, such as `filter.code`.
pub(super) fn read(text: &[u8]) -> serde_json::Result<(Value, Option<String>)> {
    let twice = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Distinct { place: String::new(), twice: &twice }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, twice.into_inner()))
}

/// Reads the value at a place.
struct Distinct<'t> {
    place: String,
    /// The first place at which a key stands twice.
    twice: &'t RefCell<Option<String>>,
}

impl Distinct<'_> {
    fn within(&self, place: String) -> Self {
        Self { place, twice: self.twice }
    }
}

impl<'de> DeserializeSeed<'de> for Distinct<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Distinct<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) =
            items.next_element_seed(self.within(format!("{}[{}]", self.place, list.len())))?
        {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = pairs.next_key::<String>()? {
            let place = match self.place.as_str() {
                "" => key.clone(),
                place => format!("{place}.{key}"),
            };
            if object.contains_key(&key) {
                self.twice.borrow_mut().get_or_insert_with(|| place.clone());
            }
            let value = pairs.next_value_seed(self.within(place))?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_read_like_any_other() {
        let text = r#"{"a": [1, -2, 2.5, "x", null, true, {"b": {}}], "c": 18446744073709551615}"#;
        let (value, twice) = read(text.as_bytes()).expect("it is JSON");
        assert_eq!(value, serde_json::from_str::<Value>(text).expect("it is JSON"));
        assert_eq!(twice, None);
        for wrong in ["", "{", "{} {}", "[1,]", "NaN"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told_with_its_place() {
        for (text, place) in [
            (r#"{"note": "x", "note": "y"}"#, "note"),
            (r#"{"filter": {"code": "a", "c": 1, "c\u006fde": "b"}}"#, "filter.code"),
            (r#"{"prizes": [{}, {"rank": 1, "rank": 1}]}"#, "prizes[1].rank"),
        ] {
            assert_eq!(
                read(text.as_bytes()).expect("it is JSON").1.as_deref(),
                Some(place),
                "{text}"
            );
        }
        let apart = json!({ "a": { "x": 1 }, "b": { "x": 1 } }).to_string();
        assert_eq!(read(apart.as_bytes()).expect("it is JSON").1, None);
    }
}
