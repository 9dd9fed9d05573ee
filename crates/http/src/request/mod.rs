//! What a request says, read into typed values: [`query::Query`], [`path::Path`] and [`body::Body`].
//!
//! One declaration of a type gives its reading, its limits and its part of the `OpenAPI` document.
//! What does not fit is answered with the name of the field, what is wrong with its value, and the
//! limit. Needed fields that are missing are named all at once.

pub(crate) mod body;
pub(crate) mod cursor;
mod distinct;
mod given;
pub(crate) mod kinds;
pub(crate) mod path;
pub(crate) mod query;

use scoreline_core::suggestion::did_you_mean;
use serde::de::{DeserializeOwned, Deserializer};

use crate::problem::{FieldFault, Problem};
use given::{Fault, Given};

/// Parameters, or the fields of a body.
pub(crate) trait Fields: DeserializeOwned {
    /// What released clients look for where a text that is needed is missing.
    const NEEDS: Option<&'static str> = None;
}

/// What a type says of its fields.
struct Described {
    /// How one of them is called: `field` or `parameter`.
    noun: &'static str,
    /// The names of those that are needed.
    needed: Vec<String>,
}

/// Reads `T` out of what was given. `look` finds a field by its name, and `described` says what the
/// document tells of them; both are asked only where something does not fit.
fn read<'g, T: Fields>(
    given: impl Deserializer<'g, Error = Fault>,
    look: impl Fn(&str) -> Option<Given<'g>>,
    described: impl FnOnce() -> Described,
) -> Result<T, Problem> {
    serde_path_to_error::deserialize(given).map_err(|error| {
        let place = error.path().to_string();
        problem(&place, error.into_inner(), look, T::NEEDS, &described())
    })
}

fn problem<'g>(
    place: &str,
    fault: Fault,
    look: impl Fn(&str) -> Option<Given<'g>>,
    needs: Option<&str>,
    described: &Described,
) -> Problem {
    let within = |name: &str| match place {
        "." => name.to_owned(),
        place => format!("{place}.{name}"),
    };
    let (field, reason) = match fault {
        Fault::Unknown { name, known } => {
            (place.to_owned(), unknown(described.noun, &name, known.iter().copied()))
        }
        Fault::Missing(name) => (within(name), "is required".to_owned()),
        Fault::Twice(name) => (within(name), "is there twice".to_owned()),
        Fault::Unfit(reason) => (place.to_owned(), reason),
    };
    if !described.needed.contains(&field) {
        return Problem::field(&field, reason);
    }
    let missing = |name: &str| match look(name) {
        None | Some(Given::Json(serde_json::Value::Null)) => Some("is required"),
        Some(given) if given.is_nothing() => Some("must not be empty"),
        Some(_) => None,
    };
    // A text of the wrong form is there; everything else is as good as missing to released clients.
    if missing(&field).is_none() && look(&field).is_some_and(|given| given.text().is_some()) {
        return Problem::field(&field, reason);
    }
    let faults = described.needed.iter().filter_map(|name| {
        let reason = match missing(name) {
            None if *name == field => reason.clone(),
            missing => missing?.to_owned(),
        };
        Some(FieldFault { field: name.clone(), reason })
    });
    Problem::fields(needs, faults.collect())
}

/// Why a name means nothing here, and what may have been meant.
fn unknown<'n>(noun: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    if let Some(suggestion) = did_you_mean(name, known.clone()) {
        return format!("is no {noun} here; {suggestion}");
    }
    let known: Vec<&str> = known.collect();
    match &known[..] {
        [] => format!("is no {noun} here; there are none"),
        known => format!("is no {noun} here; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};
    use utoipa::ToSchema;

    use super::kinds::{Text, Time, UserId, Whole};
    use super::*;

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        user_id: UserId,
        name: Text,
        limit: Option<Whole<1, 10, 5>>,
        from: Option<Time>,
        #[serde(default)]
        tiers: Vec<Tier>,
        #[serde(default)]
        all: bool,
    }

    impl Fields for Wanted {
        const NEEDS: Option<&'static str> = Some("user_id and name required");
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Tier {
        rank: u64,
        #[serde(default)]
        coins: i64,
    }

    /// What a client reads of a body that does not fit.
    fn refused(body: &Value) -> Value {
        let fields = body.as_object().expect("an object");
        let look = |name: &str| fields.get(name).map(Given::Json);
        let problem = read::<Wanted>(Given::Json(body), look, body::described::<Wanted>);
        serde_json::to_value(problem.expect_err("it does not fit").body()).expect("plain data")
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = json!({ "user_id": "ann", "name": "Ann" });
        body[field] = value;
        body
    }

    #[test]
    fn a_body_that_fits_is_read_with_its_defaults() {
        let body = json!({
            "user_id": "ann", "name": "Ann", "limit": 10, "from": "2026-11-23T10:00:00Z",
            "tiers": [{ "rank": 1 }],
        });
        let look = |_: &str| None;
        let read = read::<Wanted>(Given::Json(&body), look, body::described::<Wanted>);
        let Wanted { user_id, name, limit, from, tiers, all } = read.expect("it fits");
        assert_eq!((user_id.0.as_str(), name.0.as_str(), limit), ("ann", "Ann", Some(Whole(10))));
        assert_eq!(from.expect("a time").0.to_string(), "2026-11-23T10:00:00.000Z");
        assert_eq!((tiers[0].rank, tiers[0].coins, all), (1, 0, false));
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_with_what_is_wrong_and_the_limit() {
        for (field, value, at, reason) in [
            ("limit", json!(11), "limit", "must be a whole number from 1 to 10, but is 11"),
            ("limit", json!(-1), "limit", "must be a whole number from 1 to 10, but is -1"),
            ("limit", json!(1.5), "limit", "must be a whole number from 1 to 10, but is 1.5"),
            ("limit", json!("5"), "limit", "must be a whole number from 1 to 10, but is \"5\""),
            ("limit", json!([]), "limit", "must be a whole number from 1 to 10, but is a list"),
            ("tiers", json!(7), "tiers", "must be a list, but is 7"),
            ("tiers", json!([{}]), "tiers[0].rank", "is required"),
            (
                "tiers",
                json!([{ "rank": 1 }, { "rank": -1 }]),
                "tiers[1].rank",
                "must be a whole number from 0 on, but is -1",
            ),
            (
                "tiers",
                json!([{ "rank": 1, "coins": "many" }]),
                "tiers[0].coins",
                "must be a whole number, but is \"many\"",
            ),
            ("all", json!("yes"), "all", "must be true or false, but is \"yes\""),
            (
                "from",
                json!("soon"),
                "from",
                "must be a time such as 2026-11-23T10:00:00Z, but is \"soon\"",
            ),
            ("from", json!({}), "from", "must be a text, but is an object"),
            ("nam", json!(1), "nam", "is no field here; did you mean \"name\"?"),
            (
                "zzz",
                json!(1),
                "zzz",
                "is no field here; there are user_id, name, limit, from, tiers, all",
            ),
        ] {
            let problem = refused(&with(field, value.clone()));
            assert_eq!(problem["errors"], json!([{ "field": at, "reason": reason }]), "{value}");
            assert_eq!(problem["error"], format!("{at} {reason}"), "{value}");
        }
    }

    #[test]
    fn needed_fields_that_are_missing_are_named_all_at_once_in_the_words_that_clients_know() {
        let required = json!({ "field": "name", "reason": "is required" });
        for (body, first) in [
            (json!({}), json!("is required")),
            (json!({ "user_id": null }), json!("is required")),
            (json!({ "user_id": "" }), json!("must not be empty")),
            (json!({ "user_id": 7 }), json!("must be a text, but is 7")),
        ] {
            let problem = refused(&body);
            assert_eq!(problem["error"], "user_id and name required", "{body}");
            let user_id = json!({ "field": "user_id", "reason": first });
            assert_eq!(problem["errors"], json!([user_id, required]), "{body}");
        }
    }

    #[test]
    fn a_needed_text_of_the_wrong_form_is_no_missing_one() {
        let problem = refused(&with("user_id", json!("x".repeat(256))));
        let reason = "must have at most 255 characters, but has 256";
        assert_eq!(problem["errors"], json!([{ "field": "user_id", "reason": reason }]));
        assert_eq!(problem["error"], format!("user_id {reason}"));
    }
}
