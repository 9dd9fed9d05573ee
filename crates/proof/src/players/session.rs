//! What a session tells: its events with their values, their ids and times as the device makes them, and
//! what is to become of each.

use std::fmt::Write;

use scoreline_core::time::Timestamp;
use uuid::Uuid;

use super::device::{Device, Envelope};
use super::values::{self, Drawn, Value, above, at_most, default_of, draw, number_of, quoted};
use super::world::{SessionNo, World};
use crate::chance::Chance;
use crate::shape::{FieldShape, Shape, TypeShape};

/// How often a broken device spoils an event.
const SPOILT: f64 = 0.3;
/// How often a cheat claims the impossible where it can.
const CLAIMED: f64 = 0.5;
const VERSIONS: [&str; 4] = ["1.4.2", "1.4.1", "1.3.0", "2.0.0"];
const COUNTRIES: [&str; 6] = ["DE", "US", "BR", "JP", "IN", "PL"];

/// An event on its way.
pub(crate) struct Told {
    /// Its type in the shape; meaningless if it does not count.
    pub event: usize,
    /// Its id, if the device gave it one.
    pub id: Option<Uuid>,
    /// The time on the device's clock; `None` if nobody can read it.
    pub stated_ms: Option<i64>,
    /// Its values by the fields of its type, defaults included.
    pub values: Vec<Option<Value>>,
    /// Why it is rejected, if it is.
    pub rejected: Option<&'static str>,
    /// Its JSON.
    pub json: String,
}

/// Somebody who sends.
struct Teller<'s> {
    shape: &'s Shape,
    device: &'s Device,
    player_id: String,
    session: SessionNo,
    chance: Chance,
}

/// What is wrong with an event of a broken device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoilt {
    LacksField,
    UnknownType,
    NoTime,
    ExtraField,
    NoObject,
}

/// The events of a session that began at a time.
pub(crate) fn told(
    shape: &Shape,
    world: &World,
    device: &Device,
    session: SessionNo,
    began_ms: i64,
) -> Vec<Told> {
    let SessionNo { player, day, nth } = session;
    let words = [6, u64::from(player), u64::from(day), u64::from(nth)];
    let chance = Chance::of(world.seed, &words);
    let player_id = world.player_id(player).to_string();
    let mut teller = Teller { shape, device, player_id, session, chance };
    let begin = world.start.plus_ms(began_ms);
    world.offsets(session).iter().map(|at_ms| teller.event(begin.plus_ms(*at_ms))).collect()
}

/// The body in which events are sent at a time.
pub(crate) fn body(events: &[Told], device: &Device, at: Timestamp) -> String {
    let mut body =
        String::with_capacity(64 + events.iter().map(|one| one.json.len() + 1).sum::<usize>());
    body.push_str(if device.envelope == Envelope::Batch { "{\"events\":[" } else { "[" });
    for (place, event) in events.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        body.push_str(&event.json);
    }
    body.push(']');
    if device.envelope == Envelope::Batch {
        let sent_at = Timestamp::from_stored_ms(device.clock(at.as_ms()));
        write!(body, ",\"sent_at\":\"{sent_at}\"}}").expect("a String takes everything");
    }
    body
}

impl Teller<'_> {
    fn event(&mut self, at: Timestamp) -> Told {
        let event = self.pick();
        let one = &self.shape.types[event];
        let device_ms = self.device.clock(at.as_ms());
        let id = self.device.sends_ids.then(|| self.id(device_ms));
        let spoilt =
            if self.device.is_broken && self.chance.hits(SPOILT) { self.spoil(one) } else { None };
        let mut drawn: Vec<Option<Drawn>> =
            one.fields.iter().map(|field| self.value(field, device_ms)).collect();
        let mut rejected = self.keep_rules(one, &mut drawn);
        if spoilt.is_none() && self.device.cheats && self.chance.hits(CLAIMED) {
            rejected = rejected.or(self.claim(one, &mut drawn));
        }
        let mut name = one.sent_as[self.chance.place(one.sent_as.len())].clone();
        let mut more = String::new();
        match spoilt {
            Some(Spoilt::LacksField) => {
                let lacking = one.fields.iter().position(|field| field.field.required);
                if let Some(place) = lacking {
                    drawn[place] = None;
                }
                rejected = Some("missing_field");
            }
            Some(Spoilt::UnknownType) => {
                "debug_dump_v0".clone_into(&mut name);
                rejected = Some("unknown_event_type");
            }
            Some(Spoilt::ExtraField) => more.push_str(",\"x_debug\":{\"heap\":1}"),
            Some(Spoilt::NoObject) => rejected = Some("not_an_object"),
            Some(Spoilt::NoTime) | None => {}
        }
        let stated_ms = (spoilt != Some(Spoilt::NoTime)).then_some(device_ms);
        let json = if spoilt == Some(Spoilt::NoObject) {
            "null".to_owned()
        } else {
            self.json(one, &name, id, stated_ms, &drawn, &more)
        };
        let values = one.fields.iter().zip(drawn).map(|(field, drawn)| match drawn {
            Some(drawn) => Some(drawn.value),
            None => default_of(&field.field),
        });
        Told { event, id, stated_ms, values: values.collect(), rejected, json }
    }

    fn pick(&mut self) -> usize {
        let types = &self.shape.types;
        let all = types.iter().map(|one| one.weight).sum();
        let mut drawn = self.chance.below(all);
        types
            .iter()
            .position(|one| {
                let is_here = drawn < one.weight;
                drawn = drawn.saturating_sub(one.weight);
                is_here
            })
            .unwrap_or(0)
    }

    /// An id that holds the device's time, as most do, or none.
    fn id(&mut self, device_ms: i64) -> Uuid {
        let bits = u128::from(self.chance.next()) << 64 | u128::from(self.chance.next());
        let bytes = bits.to_be_bytes();
        if self.device.luck.is_multiple_of(10) {
            return uuid::Builder::from_random_bytes(bytes).into_uuid();
        }
        let ms = u64::try_from(device_ms).unwrap_or_default();
        let random: [u8; 10] = std::array::from_fn(|place| bytes[place]);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
    }

    fn spoil(&mut self, one: &TypeShape) -> Option<Spoilt> {
        let spoilt = match self.chance.below(5) {
            0 => Spoilt::LacksField,
            1 => Spoilt::UnknownType,
            2 => Spoilt::NoTime,
            3 => Spoilt::ExtraField,
            _ => Spoilt::NoObject,
        };
        let fits = match spoilt {
            Spoilt::LacksField => one.fields.iter().any(|field| field.field.required),
            Spoilt::UnknownType => self.shape.definition.event_type("debug_dump_v0").is_none(),
            Spoilt::ExtraField => one.takes_unknown_fields,
            Spoilt::NoTime | Spoilt::NoObject => true,
        };
        fits.then_some(spoilt)
    }

    fn value(&mut self, shape: &FieldShape, device_ms: i64) -> Option<Drawn> {
        let field = &shape.field;
        let SessionNo { player, day, nth } = self.session;
        let luck = usize::try_from(self.device.luck % 1_000).unwrap_or(0);
        let own = match &*field.name {
            "session_id" => Some(format!("{player:x}-{day}-{nth}")),
            "app_version" => Some(VERSIONS[luck % VERSIONS.len()].to_owned()),
            "country" => Some(COUNTRIES[luck % COUNTRIES.len()].to_owned()),
            _ => None,
        };
        // What the definition allows only some values of is drawn among those.
        let fits = |text: &String| {
            let length = text.chars().count();
            field.kind == scoreline_core::game::FieldKind::String
                && field.one_of.is_empty()
                && (field.min_length.unwrap_or(0)..=field.max_length.unwrap_or(usize::MAX))
                    .contains(&length)
        };
        match own.filter(fits) {
            Some(text) if field.required || self.chance.hits(0.8) => Some(Drawn::text(&text)),
            Some(_) => None,
            None => draw(shape, device_ms, &mut self.chance),
        }
    }

    /// Makes an event believable where it is not by chance. Answers why it is rejected, if nothing helps.
    fn keep_rules(&mut self, one: &TypeShape, drawn: &mut [Option<Drawn>]) -> Option<&'static str> {
        for rule in &one.rules {
            let Some(limit) = limit(one, rule, drawn) else { continue };
            let field = &one.fields[rule.found].field;
            if is_broken(one, rule, drawn)
                && let Some(smaller) = at_most(field, limit, &mut self.chance)
            {
                drawn[rule.found] = Some(smaller);
            }
        }
        one.rules.iter().any(|rule| is_broken(one, rule, drawn)).then_some("implausible")
    }

    /// Claims what nobody can have done.
    fn claim(&mut self, one: &TypeShape, drawn: &mut [Option<Drawn>]) -> Option<&'static str> {
        let rule = one.rules.first()?;
        let limit = limit(one, rule, drawn)?;
        drawn[rule.found] = Some(above(&one.fields[rule.found].field, limit, &mut self.chance)?);
        is_broken(one, rule, drawn).then_some("implausible")
    }

    fn json(
        &self,
        one: &TypeShape,
        name: &str,
        id: Option<Uuid>,
        stated_ms: Option<i64>,
        drawn: &[Option<Drawn>],
        more: &str,
    ) -> String {
        let mut json = String::with_capacity(400);
        let put = |json: &mut String, key: &str, value: &str| {
            json.push(if json.is_empty() { '{' } else { ',' });
            json.push('"');
            json.push_str(key);
            json.push_str("\":");
            json.push_str(value);
        };
        put(&mut json, "event_type", &quoted(name));
        put(&mut json, "user_id", &quoted(&self.player_id));
        let time = match stated_ms {
            None => "soon".to_owned(),
            Some(ms) => Timestamp::from_stored_ms(ms).to_string(),
        };
        put(&mut json, "timestamp", &quoted(&time));
        if let Some(id) = id {
            put(&mut json, "event_id", &quoted(&id.to_string()));
        }
        for (field, drawn) in one.fields.iter().zip(drawn) {
            if let Some(drawn) = drawn {
                put(&mut json, &field.field.name, &drawn.json);
            }
        }
        json.push_str(more);
        json.push('}');
        json
    }
}

fn number(one: &TypeShape, place: usize, drawn: &[Option<Drawn>]) -> Option<f64> {
    match &drawn[place] {
        Some(drawn) => number_of(Some(&drawn.value)),
        None => number_of(values::default_of(&one.fields[place].field).as_ref()),
    }
}

/// The greatest believable value.
fn limit(one: &TypeShape, rule: &crate::shape::Rule, drawn: &[Option<Drawn>]) -> Option<f64> {
    Some(rule.factor * number(one, rule.of, drawn)?)
}

fn is_broken(one: &TypeShape, rule: &crate::shape::Rule, drawn: &[Option<Drawn>]) -> bool {
    let found = number(one, rule.found, drawn);
    found.zip(limit(one, rule, drawn)).is_some_and(|(found, limit)| found > limit)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scoreline_core::event::validate::Validator;
    use scoreline_core::game::Definition;
    use serde_json::value::RawValue;

    use super::*;

    fn world() -> World {
        World::new(3, Timestamp::parse("2026-11-22T00:00:00Z").expect("a time"), 2_000)
    }

    /// Whatever the players tell of a game, the server is to judge as the teller says.
    fn is_judged_as_told(definition: Definition) {
        let shape = Shape::of(Arc::new(definition));
        let world = world();
        let mut judged = std::collections::BTreeMap::<&str, u32>::new();
        for delivery in world.day(0).into_iter().filter(|one| one.repetition == 0) {
            let device = Device::of(world.seed, delivery.session.player, world.start);
            let received = world.start.plus_ms(delivery.due_ms);
            let mut validator = Validator::new(&shape.definition, received, None, None);
            for event in told(&shape, &world, &device, delivery.session, delivery.began_ms) {
                let raw = RawValue::from_string(event.json.clone()).expect("JSON");
                let found = validator.check(0, &raw).err().map(|rejected| rejected.code.as_str());
                assert_eq!(found, event.rejected, "{}", event.json);
                *judged.entry(found.unwrap_or("counts")).or_default() += 1;
            }
        }
        let kinds: Vec<&str> = judged.keys().copied().collect();
        assert!(
            kinds.contains(&"missing_field") && kinds.contains(&"unknown_event_type"),
            "{kinds:?}"
        );
        assert!(judged["counts"] > 30_000, "{judged:?}");
    }

    #[test]
    fn the_server_judges_events_of_the_sample_as_their_teller_says() {
        is_judged_as_told(Definition::sample());
    }

    #[test]
    fn the_server_judges_events_of_another_game_as_their_teller_says() {
        let text = include_str!("../../../../examples/word-duel.toml");
        is_judged_as_told(Definition::parse(text).expect("valid"));
    }

    #[test]
    fn a_session_is_the_same_whenever_it_is_told() {
        let shape = Shape::of(Arc::new(Definition::sample()));
        let (world, session) = (world(), SessionNo { player: 7, day: 0, nth: 1 });
        let device = Device::of(world.seed, 7, world.start);
        let body = || body(&told(&shape, &world, &device, session, 1_000), &device, world.start);
        assert_eq!(body(), body());
        assert!(serde_json::from_str::<serde_json::Value>(&body()).is_ok());
    }
}
