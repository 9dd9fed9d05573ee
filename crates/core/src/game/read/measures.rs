//! Reads measures, and the statistics that are nothing more than a measure with a name.

use std::sync::Arc;

use super::document::{Node, Table};
use super::events::{Events, ReadType};
use super::fields::{described, literal};
use super::named::{self, Names};
use super::optional;
use crate::fold::{FIRST_SEEN, LAST_SEEN};
use crate::game::{Condition, Field, FieldKind, Filter, FilterTest, Measure, Operator, Statistic};
use crate::limits::{DEFINITION_CHOICES_MAX, DEFINITION_ITEMS_MAX, SCALE_MAX};

/// The operators of a statistic. `latest` is not among them: it would need a time beside each value.
const STATISTIC_OPERATORS: [(&str, Operator); 3] =
    [("count", Operator::Count), ("sum", Operator::Sum), ("best", Operator::Best)];

pub(super) fn statistics(table: Table<'_>, events: &Events) -> Names<Statistic> {
    named::read(table, "statistic", DEFINITION_ITEMS_MAX, |name, node| {
        let mut table = node.table("such as [statistics.games_played]")?;
        if [FIRST_SEEN, LAST_SEEN].contains(&&*name) {
            node.mistake("every player has this statistic; choose another name");
        }
        let keys = MeasureKeys::take(&mut table, "field");
        table.finish();
        Some(Statistic { name, measure: keys.read(&STATISTIC_OPERATORS, events)? })
    })
}

/// The keys of a measure.
pub(super) struct MeasureKeys<'d> {
    place: Node<'d>,
    event: Option<Node<'d>>,
    filter: Option<Node<'d>>,
    operator: Option<Node<'d>>,
    field: Option<Node<'d>>,
    field_key: &'static str,
    scale: Option<Node<'d>>,
}

impl<'d> MeasureKeys<'d> {
    /// Takes the keys out of a table. `field_key` is how the combined field is called in it.
    pub fn take(table: &mut Table<'d>, field_key: &'static str) -> Self {
        Self {
            place: table.node().clone(),
            event: table.need("event", "event = \"game_ended\""),
            filter: table.take("where"),
            operator: table.need("operator", "operator = \"best\""),
            field: table.take(field_key),
            field_key,
            scale: table.take("scale"),
        }
    }

    /// The event type that is measured.
    pub fn of_type<'e>(&self, events: &'e Events) -> Option<&'e ReadType> {
        // The event is looked up once more by the measure itself; only that one reports.
        events.find_quietly(self.event.as_ref()?.value().as_str()?)
    }

    /// The measure.
    pub fn read(self, operators: &[(&'static str, Operator)], events: &Events) -> Option<Measure> {
        let operator = self.operator.as_ref().and_then(|node| node.choice("operator", operators));
        let of_type = self.event.as_ref().and_then(|node| events.find(node));
        let filter = of_type.and_then(|of_type| {
            optional(self.filter.clone(), |node| read_filter(node, of_type, events))
        });
        let combined = operator.and_then(|operator| self.combined(operator, of_type?, events));
        let (field, scale) = combined?;
        Some(Measure {
            event: Arc::clone(of_type?.name()),
            filter: filter?.unwrap_or_default(),
            operator: operator?,
            field,
            scale,
        })
    }

    /// The field that is combined and its scale.
    fn combined(
        &self,
        operator: Operator,
        of_type: &ReadType,
        events: &Events,
    ) -> Option<(Option<Arc<str>>, i64)> {
        let scale = optional(self.scale.clone(), |node| node.integer_within(1, SCALE_MAX));
        if operator == Operator::Count {
            let extra = [&self.field, &self.scale].into_iter().flatten();
            let extra: Vec<_> = extra.collect();
            for node in &extra {
                node.mistake_with(
                    "the operator \"count\" looks at no field",
                    Some("leave this out, or write operator = \"sum\"".to_owned()),
                );
            }
            return extra.is_empty().then_some((None, 1));
        }
        let Some(node) = &self.field else {
            let key = self.field_key;
            let suggestion = format!("write {key} = and the name of a field of {}", of_type.name());
            self.place.missing(format!("{key} is missing"), Some(suggestion));
            return None;
        };
        let field = events.field_at(of_type, node)?;
        let scale = self.scale_of(field, node, scale?)?;
        Some((Some(Arc::clone(&field.name)), scale))
    }

    fn scale_of(&self, field: &Field, node: &Node<'_>, scale: Option<i64>) -> Option<i64> {
        let name = &field.name;
        match (&field.kind, scale) {
            (FieldKind::Integer, None | Some(1)) => Some(1),
            (FieldKind::Integer, Some(_)) => {
                let reason = format!("{name} is an integer, which is counted as it is");
                let place = self.scale.as_ref().unwrap_or(node);
                place.mistake_with(reason, Some("leave scale out".to_owned()));
                None
            }
            (FieldKind::Number, Some(scale)) => Some(scale),
            (FieldKind::Number, None) => {
                let reason = format!(
                    "{name} may have a fraction, and fractions do not add up exactly in any order"
                );
                let suggestion = "add scale = 100 to count in hundredths".to_owned();
                node.mistake_with(reason, Some(suggestion));
                None
            }
            (kind, _) => {
                let kind = described(kind);
                node.mistake(format!("must be an integer or number field, but {name} is {kind}"));
                None
            }
        }
    }
}

pub(super) fn read_filter(node: &Node<'_>, of_type: &ReadType, events: &Events) -> Option<Filter> {
    let entries = node.table("such as { game_mode = \"endless\" }")?.into_entries();
    let tests: Vec<_> = entries
        .into_iter()
        .map(|(name, node)| {
            let field = events.field(of_type, name, &node)?;
            let condition = condition(&node, field)?;
            Some(FilterTest { field: Arc::clone(&field.name), condition })
        })
        .collect();
    // Collected twice, so that one mistake does not hide the next.
    Some(Filter { tests: tests.into_iter().collect::<Option<_>>()? })
}

fn condition(node: &Node<'_>, field: &Field) -> Option<Condition> {
    let value = node.value();
    if value.is_table() {
        return between(node, field);
    }
    if field.kind == FieldKind::Number {
        let reason = format!("{} is a number, which is seldom exactly a certain one", field.name);
        node.mistake_with(reason, Some("write { at_least = 1, at_most = 2 }".to_owned()));
        return None;
    }
    if !value.is_array() {
        return literal(node, field).map(|value| Condition::OneOf(vec![value]));
    }
    let items = node.list("of values")?;
    if items.is_empty() || items.len() > DEFINITION_CHOICES_MAX {
        node.mistake(format!("must have 1 to {DEFINITION_CHOICES_MAX} values"));
        return None;
    }
    let values: Vec<_> = items.iter().map(|item| literal(item, field)).collect();
    Some(Condition::OneOf(values.into_iter().collect::<Option<_>>()?))
}

fn between(node: &Node<'_>, field: &Field) -> Option<Condition> {
    let mut table = node.table("such as { at_least = 1 }")?;
    let (least, most) = (table.take("at_least"), table.take("at_most"));
    table.finish();
    if !matches!(field.kind, FieldKind::Integer | FieldKind::Number | FieldKind::Any) {
        let kind = described(&field.kind);
        node.mistake(format!(
            "at_least and at_most fit numbers only, but {} is {kind}",
            field.name
        ));
        return None;
    }
    if least.is_none() && most.is_none() {
        node.missing("must name at_least, at_most or both", None);
        return None;
    }
    let (least, most) = (optional(least, Node::number), optional(most, Node::number));
    let (at_least, at_most) = (least?, most?);
    let above = |end: Option<f64>, limit: Option<f64>| end.zip(limit).is_some_and(|(a, b)| a > b);
    if above(at_least, at_most) {
        node.mistake("no number is both that great and that small");
        return None;
    }
    if above(at_least, field.max) || above(field.min, at_most) {
        node.mistake(format!("{} is never in this range by its own min and max", field.name));
        return None;
    }
    Some(Condition::Between { at_least, at_most })
}
