//! Reads `[[plausibility]]`.

use std::sync::Arc;

use super::document::Node;
use super::events::{Events, ReadType};
use super::fields::described;
use super::optional;
use crate::game::{Consequence, FieldKind, PlausibilityRule};
use crate::limits::DEFINITION_ITEMS_MAX;

const CONSEQUENCES: [(&str, Consequence); 2] =
    [("quarantine", Consequence::Quarantine), ("review", Consequence::Review)];

pub(super) fn read(rules: &Node<'_>, events: &mut Events) {
    let Some(items) = rules.list("of tables, such as [[plausibility]]") else { return };
    if items.len() > DEFINITION_ITEMS_MAX {
        rules.mistake(format!("there must be at most {DEFINITION_ITEMS_MAX} rules"));
        return;
    }
    for item in items {
        let Some((event, rule)) = read_rule(&item, events) else { continue };
        if let Some(of_type) = events.find_mut(&event) {
            of_type.plausibility.push(rule);
        }
    }
}

fn read_rule(item: &Node<'_>, events: &Events) -> Option<(Arc<str>, PlausibilityRule)> {
    let mut table = item.table("such as [[plausibility]]")?;
    let event = table.need("event", "event = \"game_ended\"");
    let field = table.need("field", "field = \"score\"");
    let factor = table.need("at_most", "at_most = 20");
    let of = table.need("times", "times = \"duration_seconds\"");
    let then = table.take("then");
    table.finish();
    let factor = factor.and_then(|node| {
        let factor = node.number()?;
        if factor < 0.0 {
            node.mistake(format!("must not be negative, but is {factor}"));
        }
        Some(factor)
    });
    let then = optional(then, |node| node.choice("consequence", &CONSEQUENCES));
    let of_type = event.and_then(|node| events.find(&node))?;
    let field = field.and_then(|node| numeric(&node, of_type, events));
    let of = of.and_then(|node| {
        let of = numeric(&node, of_type, events)?;
        if field.as_ref() == Some(&of) {
            node.mistake("must be another field than the one that is limited");
        }
        Some(of)
    });
    let then = then?.unwrap_or(Consequence::Quarantine);
    let rule = PlausibilityRule { field: field?, factor: factor?, of: of?, then };
    Some((Arc::clone(of_type.name()), rule))
}

fn numeric(node: &Node<'_>, of_type: &ReadType, events: &Events) -> Option<Arc<str>> {
    let field = events.field_at(of_type, node)?;
    if matches!(field.kind, FieldKind::Integer | FieldKind::Number) {
        return Some(Arc::clone(&field.name));
    }
    let kind = described(&field.kind);
    node.mistake(format!("must be an integer or number field, but {} is {kind}", field.name));
    None
}
