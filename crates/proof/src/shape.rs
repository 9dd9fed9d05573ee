//! A game definition as simulated players and the reference look at it: fields by number, and what is
//! read of them.
//!
//! The definition is read by core, as the server reads it. How measures are worked out is written here
//! and in the reference anew, so that it can differ from the server's fold.

use std::sync::Arc;

use scoreline_core::game::{
    Condition, Definition, EventType, Field, Literal, Measure, Operator, Order, Schedule,
    UnknownFields, is_pattern,
};

/// How much likelier an event is if a board, a statistic or a tournament counts it.
const WEIGHT_OF_COUNTED: u64 = 4;
/// What may stand for the star of a pattern.
const SUFFIXES: [&str; 3] = ["organic", "b7", "partner_x"];

/// A game.
pub(crate) struct Shape {
    /// Where it was read.
    pub definition: Arc<Definition>,
    /// Its types of events.
    pub types: Vec<TypeShape>,
    /// The numbers that it keeps of each player.
    pub statistics: Vec<StatisticShape>,
    /// Its boards.
    pub boards: Vec<BoardShape>,
}

/// A type of event.
pub(crate) struct TypeShape {
    /// Its name in the definition.
    pub name: Arc<str>,
    /// The names under which it is sent.
    pub sent_as: Vec<String>,
    /// Its own fields, then the common ones.
    pub fields: Vec<FieldShape>,
    /// What a believable event keeps.
    pub rules: Vec<Rule>,
    /// Whether fields that it does not have may be sent.
    pub takes_unknown_fields: bool,
    /// How likely it is beside the others.
    pub weight: u64,
}

/// A field of a type.
pub(crate) struct FieldShape {
    /// What the definition says of it.
    pub field: Field,
    /// Values that some condition asks for.
    pub asked: Vec<Literal>,
    /// Ranges that some condition asks for.
    pub ranges: Vec<(Option<f64>, Option<f64>)>,
}

/// One field must be at most this many times another one.
pub(crate) struct Rule {
    pub found: usize,
    pub factor: f64,
    pub of: usize,
}

/// Events turned into a number, fields by their places.
pub(crate) struct MeasureShape {
    pub event: usize,
    pub tests: Vec<(usize, Condition)>,
    pub operator: Operator,
    pub field: Option<usize>,
    pub scale: i64,
}

/// A number of each player.
pub(crate) struct StatisticShape {
    pub name: Arc<str>,
    pub measure: MeasureShape,
}

/// A board.
pub(crate) struct BoardShape {
    pub name: Arc<str>,
    pub measure: MeasureShape,
    pub order: Order,
    /// The names and the fields of the sums beside the score.
    pub beside: Vec<(Arc<str>, usize)>,
    pub reset: Option<Schedule>,
}

impl Shape {
    /// The shape of a game.
    pub fn of(definition: Arc<Definition>) -> Self {
        let mut types: Vec<TypeShape> =
            definition.events.values().map(|one| TypeShape::of(one, &definition)).collect();
        let measures = definition.statistics.values().map(|one| &one.measure);
        for measure in measures.chain(definition.boards.values().map(|one| &one.measure)) {
            ask(&mut types, measure);
        }
        let statistics = definition.statistics.values().map(|one| StatisticShape {
            name: Arc::clone(&one.name),
            measure: MeasureShape::of(&one.measure, &types),
        });
        let boards = definition.boards.values().map(|board| {
            let measure = MeasureShape::of(&board.measure, &types);
            let place = |name: &Arc<str>| types[measure.event].place(name);
            let beside = board.beside.iter().map(|sum| (Arc::clone(&sum.name), place(&sum.field)));
            let beside = beside.collect();
            let (name, reset) = (Arc::clone(&board.name), board.reset.clone());
            BoardShape { name, measure, order: board.order, beside, reset }
        });
        let (statistics, boards) = (statistics.collect(), boards.collect());
        Self { definition, types, statistics, boards }
    }

    /// The number of a board.
    pub fn board(&self, name: &str) -> Option<usize> {
        self.boards.iter().position(|board| *board.name == *name)
    }
}

/// Makes what a measure counts likelier, and notes what it asks for.
fn ask(types: &mut [TypeShape], measure: &Measure) {
    let Some(one) = types.iter_mut().find(|one| one.name == measure.event) else { return };
    one.weight = WEIGHT_OF_COUNTED;
    for test in &measure.filter.tests {
        let place = one.place(&test.field);
        let field = &mut one.fields[place];
        match &test.condition {
            Condition::OneOf(values) => field.asked.extend(values.iter().cloned()),
            Condition::Between { at_least, at_most } => field.ranges.push((*at_least, *at_most)),
        }
    }
}

impl TypeShape {
    fn of(one: &EventType, definition: &Definition) -> Self {
        let fields: Vec<FieldShape> = one
            .all_fields()
            .map(|field| FieldShape { field: field.clone(), asked: Vec::new(), ranges: Vec::new() })
            .collect();
        let place = |name: &str| fields.iter().position(|one| *one.field.name == *name);
        let rules = one.plausibility.iter().filter_map(|rule| {
            Some(Rule { found: place(&rule.field)?, factor: rule.factor, of: place(&rule.of)? })
        });
        let rules = rules.collect();
        Self {
            name: Arc::clone(&one.name),
            sent_as: sent_as(one, definition),
            fields,
            rules,
            takes_unknown_fields: one.unknown_fields == UnknownFields::Keep,
            weight: 1,
        }
    }

    /// The place of a field. The definition names no field that its type does not have.
    pub fn place(&self, name: &str) -> usize {
        let found = self.fields.iter().position(|one| *one.field.name == *name);
        found.expect("a checked definition reads only fields that there are")
    }
}

/// The names under which a type is sent: a pattern's by what stands for its star, unless that is another
/// type's.
fn sent_as(one: &EventType, definition: &Definition) -> Vec<String> {
    if !is_pattern(&one.name) {
        return vec![one.name.to_string()];
    }
    let beginning = one.name.trim_end_matches('*');
    let names = SUFFIXES.iter().map(|suffix| format!("{beginning}{suffix}"));
    let is_own = |name: &String| definition.event_type(name).is_some_and(|of| of.name == one.name);
    names.filter(is_own).collect()
}

impl MeasureShape {
    fn of(measure: &Measure, types: &[TypeShape]) -> Self {
        let event = types.iter().position(|one| one.name == measure.event);
        let event = event.expect("a checked definition counts only types that there are");
        let of = &types[event];
        let tests = measure.filter.tests.iter();
        Self {
            event,
            tests: tests.map(|test| (of.place(&test.field), test.condition.clone())).collect(),
            operator: measure.operator,
            field: measure.field.as_ref().map(|field| of.place(field)),
            scale: measure.scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_examples_is_sent_and_every_measure_finds_its_fields() {
        let word_duel = include_str!("../../../examples/word-duel.toml");
        let definitions = [Definition::sample(), Definition::parse(word_duel).expect("valid")];
        for definition in definitions {
            let shape = Shape::of(Arc::new(definition));
            assert!(shape.types.iter().all(|one| !one.sent_as.is_empty()));
            assert_eq!(shape.boards.len(), shape.definition.boards.len());
            let counted = shape.types.iter().filter(|one| one.weight > 1).count();
            assert!(counted > 0 && counted < shape.types.len());
        }
    }
}
