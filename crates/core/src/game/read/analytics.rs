//! Reads `[funnels.*]`, `[revenue]` and `[economy]`.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::document::{Node, Table};
use super::events::{Events, ReadType};
use super::fields::described;
use super::measures::read_filter;
use super::named::{self, Names};
use super::{optional, schedules};
use crate::analytics::{
    Analytics, Currency, Dimension, Direction, Flow, Funnel, FunnelSteps, Purchases, Step,
};
use crate::game::{EventType, Field, FieldKind, Filter, Measure, Operator};
use crate::limits::{
    ANALYTICS_VALUE_CHARS_MAX, DEFINITION_TITLE_CHARS_MAX, FLOWS_MAX, FUNNEL_STEPS_MAX,
    FUNNELS_MAX, SCALE_MAX,
};

/// The sections, taken out of the file.
pub(super) struct Sections<'d> {
    pub zone: Option<Node<'d>>,
    pub funnels: Option<Table<'d>>,
    pub revenue: Option<Table<'d>>,
    pub economy: Option<Table<'d>>,
}

/// Reads the sections. Which event types keep the common fields elsewhere is added by
/// [`note_elsewhere`], once all types are known.
pub(super) fn read(sections: Sections<'_>, events: &Events) -> Option<Analytics> {
    let usual = Analytics::default();
    let zone = match sections.zone {
        Some(node) => zone(&node),
        None => Some((usual.zone_name, usual.zone)),
    };
    let funnels = named::all(named::optional(sections.funnels, |all| funnels(all, events)));
    let revenue = match sections.revenue {
        Some(table) => revenue(table, events).map(Some),
        None => Some(None),
    };
    let flows = match sections.economy {
        Some(table) => economy(table, events),
        None => Some(Vec::new()),
    };
    let (zone_name, zone) = zone?;
    let funnels = funnels?.into_values().collect();
    Some(Analytics {
        zone_name,
        zone,
        funnels,
        revenue: revenue?,
        flows: flows?,
        elsewhere: vec![],
    })
}

/// Notes the event types that declare a field of the name of a dimension themselves: who knows what
/// they mean by it.
pub(super) fn note_elsewhere<'e>(
    analytics: &mut Analytics,
    events: impl Iterator<Item = &'e EventType>,
) {
    for event in events {
        let own = |name: &str| event.fields.iter().any(|field| *field.name == *name);
        let found = Dimension::ALL.into_iter().filter(|dimension| own(dimension.as_str()));
        // A country that a type only insists on is the common one.
        let found = found.filter(|dimension| *dimension != Dimension::Country);
        analytics.elsewhere.extend(found.map(|dimension| (Arc::clone(&event.name), dimension)));
    }
}

fn zone(node: &Node<'_>) -> Option<(String, TimeZone)> {
    let name = node.text()?;
    let Ok(zone) = TimeZone::get(name) else {
        node.mistake_with(
            "is no time zone; write an IANA name such as \"UTC\" or \"Europe/Berlin\"",
            schedules::nearest_zone(name),
        );
        return None;
    };
    Some((zone.iana_name().unwrap_or(name).to_owned(), zone))
}

fn funnels(table: Table<'_>, events: &Events) -> Names<Funnel> {
    named::read(table, "funnel", FUNNELS_MAX, |name, node| {
        let mut table = node.table("such as [funnels.levels]")?;
        let title = table.take("title");
        let steps = table.take("steps");
        let title =
            optional(title, |node| node.title(DEFINITION_TITLE_CHARS_MAX).map(str::to_owned));
        let steps = match steps {
            Some(node) => {
                table.finish();
                named_steps(&node, events)
            }
            None => levels(table, events),
        };
        let title = title?.unwrap_or_else(|| name.to_string());
        Some(Funnel { name, title, steps: steps? })
    })
}

fn named_steps(node: &Node<'_>, events: &Events) -> Option<FunnelSteps> {
    let items = node.list("such as [{ event = \"app_installed\" }, { event = \"game_ended\" }]")?;
    if !(2..=FUNNEL_STEPS_MAX as usize).contains(&items.len()) {
        node.mistake(format!("must have 2 to {FUNNEL_STEPS_MAX} steps"));
        return None;
    }
    let steps: Vec<_> = items.iter().map(|item| step(item, events)).collect();
    Some(FunnelSteps::Named(steps.into_iter().collect::<Option<_>>()?))
}

fn step(node: &Node<'_>, events: &Events) -> Option<Step> {
    let mut table = node.table("such as { event = \"game_ended\" }")?;
    let title = table.take("title");
    let (of_type, filter) = of_event(&mut table, events);
    table.finish();
    let title = optional(title, |node| node.title(DEFINITION_TITLE_CHARS_MAX).map(str::to_owned));
    let (of_type, filter) = (of_type?, filter?);
    let event = Arc::clone(of_type.name());
    let measure = Measure { event, filter, operator: Operator::Count, field: None, scale: 1 };
    Some(Step { title: title?.unwrap_or_else(|| measure.event.to_string()), measure })
}

fn levels(mut table: Table<'_>, events: &Events) -> Option<FunnelSteps> {
    let (of_type, filter) = of_event(&mut table, events);
    let field = table.need("level", "level = \"level_id\"");
    let levels = table.need("levels", "levels = 30");
    table.finish();
    let levels = levels.and_then(|node| node.integer_within(2, i64::from(FUNNEL_STEPS_MAX)));
    let field = integer(field.as_ref()?, of_type?, events);
    let levels = u32::try_from(levels?).expect("within the limit");
    Some(FunnelSteps::Levels { measure: sum(of_type?, filter?, field?, 1), levels })
}

/// The event type and the filter of a table.
fn of_event<'e>(
    table: &mut Table<'_>,
    events: &'e Events,
) -> (Option<&'e ReadType>, Option<Filter>) {
    let event = table.need("event", "event = \"game_ended\"");
    let filter = table.take("where");
    let of_type = event.as_ref().and_then(|node| events.find(node));
    let filter = of_type
        .and_then(|of_type| optional(filter, |node| read_filter(node, of_type, events)))
        .map(Option::unwrap_or_default);
    (of_type, filter)
}

fn sum(of_type: &ReadType, filter: Filter, field: &Field, scale: i64) -> Measure {
    let (event, field) = (Arc::clone(of_type.name()), Some(Arc::clone(&field.name)));
    Measure { event, filter, operator: Operator::Sum, field, scale }
}

fn integer<'e>(node: &Node<'_>, of_type: &'e ReadType, events: &'e Events) -> Option<&'e Field> {
    let field = events.field_at(of_type, node)?;
    if field.kind == FieldKind::Integer {
        return Some(field);
    }
    let kind = described(&field.kind);
    node.mistake(format!("must be an integer field, but {} is {kind}", field.name));
    None
}

fn text<'e>(node: &Node<'_>, of_type: &'e ReadType, events: &'e Events) -> Option<&'e Field> {
    let field = events.field_at(of_type, node)?;
    if field.kind == FieldKind::String {
        return Some(field);
    }
    let kind = described(&field.kind);
    node.mistake(format!("must be a string field, but {} is {kind}", field.name));
    None
}

fn revenue(mut table: Table<'_>, events: &Events) -> Option<Purchases> {
    let currency = table.need("currency", "currency = \"USD\"");
    let scale = table.take("scale");
    let purchases =
        table.need("purchases", "purchases = [{ event = \"bought\", amount = \"price\" }]");
    table.finish();
    let currency = currency.and_then(|node| node.title(ANALYTICS_VALUE_CHARS_MAX));
    let scale = optional(scale, |node| node.integer_within(1, SCALE_MAX));
    let scale = scale.map(|scale| scale.unwrap_or(100));
    let measures = list(purchases.as_ref()?, |node| {
        let mut table = node.table("such as { event = \"bought\", amount = \"price\" }")?;
        let (of_type, filter) = of_event(&mut table, events);
        let amount = table.need("amount", "amount = \"price\"");
        table.finish();
        let (of_type, amount) = (of_type?, amount?);
        let field = events.field_at(of_type, &amount)?;
        let scale = match field.kind {
            // In the smallest unit already.
            FieldKind::Integer => 1,
            FieldKind::Number => scale?,
            _ => {
                let kind = described(&field.kind);
                let name = &field.name;
                amount.mistake(format!("must be an integer or number field, but {name} is {kind}"));
                return None;
            }
        };
        Some(sum(of_type, filter?, field, scale))
    });
    Some(Purchases { currency: currency?.to_owned(), scale: scale?, measures: measures? })
}

fn economy(mut table: Table<'_>, events: &Events) -> Option<Vec<Flow>> {
    let sources = table.take("sources");
    let sinks = table.take("sinks");
    table.finish();
    let flows = |node: Option<Node<'_>>, direction: Direction| match node {
        Some(node) => list(&node, |node| flow(node, direction, events)),
        None => Some(Vec::new()),
    };
    let (sources, sinks) = (flows(sources, Direction::Earned), flows(sinks, Direction::Spent));
    let (mut flows, sinks) = (sources?, sinks?);
    flows.extend(sinks);
    Some(flows)
}

fn flow(node: &Node<'_>, direction: Direction, events: &Events) -> Option<Flow> {
    let mut table =
        node.table("such as { event = \"earned\", amount = \"coins\", currency = \"coins\" }")?;
    let (of_type, filter) = of_event(&mut table, events);
    let amount = table.need("amount", "amount = \"amount\"");
    let (named, field) = (table.take("currency"), table.take("currency_field"));
    let by = table.take("by");
    let place = table.node().clone();
    table.finish();
    let of_type = of_type?;
    let currency = match (&named, &field) {
        (Some(node), None) => {
            node.title(ANALYTICS_VALUE_CHARS_MAX).map(|name| Currency::Named(Arc::from(name)))
        }
        (None, Some(node)) => {
            text(node, of_type, events).map(|field| Currency::Field(Arc::clone(&field.name)))
        }
        (Some(_), Some(node)) => {
            node.mistake("the currency is named already; leave one of the two out");
            None
        }
        (None, None) => {
            let suggestion = "write currency = \"coins\", or currency_field = and the name of the field that says which";
            place.missing("the currency is missing", Some(suggestion.to_owned()));
            None
        }
    };
    let by = optional(by, |node| text(node, of_type, events).map(|field| Arc::clone(&field.name)));
    let amount = integer(&amount?, of_type, events);
    let measure = sum(of_type, filter?, amount?, 1);
    Some(Flow { direction, measure, currency: currency?, by: by? })
}

fn list<T>(node: &Node<'_>, mut read: impl FnMut(&Node<'_>) -> Option<T>) -> Option<Vec<T>> {
    let items = node.list("of tables")?;
    if items.is_empty() || items.len() > FLOWS_MAX {
        node.mistake(format!("must have 1 to {FLOWS_MAX} entries"));
        return None;
    }
    let read: Vec<_> = items.iter().map(&mut read).collect();
    // Collected twice, so that one mistake does not hide the next.
    read.into_iter().collect()
}
