//! Reads the fields of an event type.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{Node, Table, any_of};
use super::optional;
use crate::event;
use crate::game::{Field, FieldKind, LetterCase, Literal};
use crate::limits::{
    CONTEXT_ID_CHARS_MAX, COUNTRY_CHARS, DEFINITION_CHOICES_MAX, EVENT_BYTES_MAX, INTEGER_MAX,
    LOCALE_CHARS_MAX, TEXT_CHARS_MAX,
};

mod literal;

pub(super) use literal::literal;

/// The kinds by their names. `array` gets its items' kind from `items`.
const KINDS: [(&str, Kind); 9] = [
    ("string", Kind::String),
    ("integer", Kind::Integer),
    ("number", Kind::Number),
    ("boolean", Kind::Boolean),
    ("timestamp", Kind::Timestamp),
    ("uuid", Kind::Uuid),
    ("array", Kind::Array),
    ("object", Kind::Object),
    ("any", Kind::Any),
];

/// Common fields that are the event's identity or decided by the game: no type changes them.
const FIXED_FIELDS: [&str; 4] = ["event_type", "user_id", "timestamp", "event_id"];
/// Common fields that a type may declare in its own way.
pub(super) const COMMON_FIELDS: [&str; 6] =
    ["platform", "app_version", "session_id", "locale", "country", "campaign_id"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Timestamp,
    Uuid,
    Array,
    Object,
    Any,
}

/// Choices that a message lists.
const CHOICES_SHOWN_MAX: usize = 20;

/// The keys of one field.
struct Keys<'d> {
    kind: Option<Node<'d>>,
    items: Option<Node<'d>>,
    required: Option<Node<'d>>,
    nullable: Option<Node<'d>>,
    min: Option<Node<'d>>,
    max: Option<Node<'d>>,
    length: Option<Node<'d>>,
    min_length: Option<Node<'d>>,
    max_length: Option<Node<'d>>,
    one_of: Option<Node<'d>>,
    default: Option<Node<'d>>,
    strict: Option<Node<'d>>,
}

impl<'d> Keys<'d> {
    fn take(mut table: Table<'d>) -> Self {
        let keys = Self {
            kind: table.need("type", "type = \"integer\""),
            items: table.take("items"),
            required: table.take("required"),
            nullable: table.take("nullable"),
            min: table.take("min"),
            max: table.take("max"),
            length: table.take("length"),
            min_length: table.take("min_length"),
            max_length: table.take("max_length"),
            one_of: table.take("one_of"),
            default: table.take("default"),
            strict: table.take("strict"),
        };
        table.finish();
        keys
    }
}

pub(super) fn read(name: Arc<str>, node: &Node<'_>) -> Option<Field> {
    let table = node.table("such as { type = \"integer\", required = true, min = 0 }")?;
    let keys = Keys::take(table);
    if FIXED_FIELDS.contains(&&*name) {
        node.mistake("every event has this field; a type cannot declare it");
        return None;
    }
    let kind = kind(&keys)?;
    if COMMON_FIELDS.contains(&&*name) && kind != FieldKind::String {
        node.mistake("every event has this field as a string");
        return None;
    }
    check_keys_fit(&keys, &kind)?;
    let required = optional(keys.required, Node::boolean);
    let nullable = optional(keys.nullable, Node::boolean);
    let strict = optional(keys.strict, Node::boolean);
    let range = range(keys.min.as_ref(), keys.max.as_ref(), &kind);
    let lengths =
        lengths([keys.length.as_ref(), keys.min_length.as_ref(), keys.max_length.as_ref()], &kind);
    let ((min, max), (min_length, max_length)) = (range?, lengths?);
    let mut field = Field {
        case: LetterCase::of_field(&name),
        name,
        kind,
        required: required?.unwrap_or(false),
        nullable: nullable?.unwrap_or(false),
        min,
        max,
        min_length,
        max_length,
        one_of: Vec::new(),
        default: None,
        strict: strict?.unwrap_or(false),
        decides: false,
        counted_times: 0,
    };
    field.one_of = optional(keys.one_of, |node| choices(node, &field))?.unwrap_or_default();
    field.default = optional(keys.default, |node| default(node, &field))?;
    Some(field)
}

/// A common field as `[common]` has it; what it does not say stays as `usual`.
pub(super) fn restated(usual: Field, node: &Node<'_>) -> Option<Field> {
    let mut table = node.table("such as { required = false, max_length = 40 }")?;
    let required = table.take("required");
    let lengths_of = [table.take("length"), table.take("min_length"), table.take("max_length")];
    let one_of = table.take("one_of");
    let strict = table.take("strict");
    table.finish();
    let mut field = usual;
    let required = optional(required, Node::boolean);
    let strict = optional(strict, Node::boolean);
    let lengths = lengths(lengths_of.each_ref().map(Option::as_ref), &FieldKind::String);
    field.required = required?.unwrap_or(field.required);
    field.strict = strict?.unwrap_or(false);
    let (least, most) = lengths?;
    (field.min_length, field.max_length) = (least.or(field.min_length), most.or(field.max_length));
    if let (Some(least), Some(most)) = (field.min_length, field.max_length)
        && least > most
    {
        node.mistake(format!("the least length ({least}) is more than the most ({most})"));
        return None;
    }
    if let Some(node) = one_of.as_ref().filter(|_| &*field.name == "platform") {
        let suggestion = "write platforms = [...] in [game]".to_owned();
        node.mistake_with("the platforms of a game stand in [game]", Some(suggestion));
        return None;
    }
    if let Some(one_of) = optional(one_of, |node| choices(node, &field))? {
        field.one_of = one_of;
    }
    Some(field)
}

/// The kind of a field in words.
pub(super) fn described(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "a string",
        FieldKind::Integer => "an integer",
        FieldKind::Number => "a number",
        FieldKind::Boolean => "a boolean",
        FieldKind::Timestamp => "a timestamp",
        FieldKind::Uuid => "a uuid",
        FieldKind::Array(_) => "an array",
        FieldKind::Object => "an object",
        FieldKind::Any => "of any type",
    }
}

/// The common fields that an event's payload holds, in their order there. `platforms` are the only
/// values of one of them; without them it may have any.
pub(super) fn common(platforms: Option<&BTreeSet<String>>) -> Vec<Field> {
    let text = |name: &str, required, length: (usize, usize)| Field {
        case: LetterCase::of_field(name),
        name: Arc::from(name),
        kind: FieldKind::String,
        required,
        nullable: false,
        min: None,
        max: None,
        min_length: Some(length.0),
        max_length: Some(length.1),
        one_of: Vec::new(),
        default: None,
        strict: false,
        decides: false,
        counted_times: 0,
    };
    let platforms = platforms.into_iter().flatten();
    let one_of = platforms.map(|name| Literal::Text(Arc::from(&**name))).collect();
    vec![
        Field { one_of, ..text("platform", true, (0, TEXT_CHARS_MAX)) },
        text("app_version", true, (0, TEXT_CHARS_MAX)),
        text("session_id", false, (0, CONTEXT_ID_CHARS_MAX)),
        text("locale", false, (0, LOCALE_CHARS_MAX)),
        text("country", false, (COUNTRY_CHARS, COUNTRY_CHARS)),
        text("campaign_id", false, (0, CONTEXT_ID_CHARS_MAX)),
    ]
}

fn kind(keys: &Keys<'_>) -> Option<FieldKind> {
    let kind = keys.kind.as_ref()?.choice("field type", &KINDS)?;
    match (kind, &keys.items) {
        (Kind::Array, None) => Some(FieldKind::Array(Box::new(FieldKind::Any))),
        (Kind::Array, Some(items)) => {
            let kind = simple(items.choice("type of items", &KINDS)?);
            if kind.is_none() {
                let suggestion = "write items = \"any\"".to_owned();
                items.mistake_with("an array in an array is not looked into", Some(suggestion));
            }
            Some(FieldKind::Array(Box::new(kind?)))
        }
        (kind, Some(items)) => {
            items.mistake("only a field of type \"array\" has items");
            simple(kind)
        }
        (kind, None) => simple(kind),
    }
}

fn simple(kind: Kind) -> Option<FieldKind> {
    match kind {
        Kind::String => Some(FieldKind::String),
        Kind::Integer => Some(FieldKind::Integer),
        Kind::Number => Some(FieldKind::Number),
        Kind::Boolean => Some(FieldKind::Boolean),
        Kind::Timestamp => Some(FieldKind::Timestamp),
        Kind::Uuid => Some(FieldKind::Uuid),
        Kind::Object => Some(FieldKind::Object),
        Kind::Any => Some(FieldKind::Any),
        Kind::Array => None,
    }
}

/// Reports the keys that say nothing about a field of this kind.
fn check_keys_fit(keys: &Keys<'_>, kind: &FieldKind) -> Option<()> {
    let numeric = matches!(kind, FieldKind::Integer | FieldKind::Number);
    let long = matches!(kind, FieldKind::String | FieldKind::Array(_));
    let chosen = numeric || matches!(kind, FieldKind::String | FieldKind::Boolean);
    let groups: [(&[&Option<Node<'_>>], bool, &str); 3] = [
        (&[&keys.min, &keys.max], numeric, "integer or number"),
        (&[&keys.length, &keys.min_length, &keys.max_length], long, "string or array"),
        (&[&keys.one_of], chosen, "string, integer, number or boolean"),
    ];
    let mut all_fit = true;
    for (nodes, fits, wanted) in groups {
        for node in nodes.iter().filter_map(|node| node.as_ref()).filter(|_| !fits) {
            let kind = described(kind);
            node.mistake(format!("only fits a field of type {wanted}, but this one is {kind}"));
            all_fit = false;
        }
    }
    let required = keys.required.as_ref().is_some_and(|node| is_true(node));
    if let Some(default) = keys.default.as_ref().filter(|_| required) {
        let suggestion = "leave out one of the two".to_owned();
        let reason = "a field with a default is never missing, so it cannot be required";
        default.mistake_with(reason, Some(suggestion));
        all_fit = false;
    }
    if let (Some(length), true) =
        (&keys.length, keys.min_length.is_some() || keys.max_length.is_some())
    {
        length.mistake("says both ends; leave out min_length and max_length, or this");
        all_fit = false;
    }
    all_fit.then_some(())
}

fn is_true(node: &Node<'_>) -> bool {
    node.value().as_bool() == Some(true)
}

type Ends<T> = (Option<T>, Option<T>);

fn range(min: Option<&Node<'_>>, max: Option<&Node<'_>>, kind: &FieldKind) -> Option<Ends<f64>> {
    let end = |node: &Node<'_>| match kind {
        FieldKind::Integer => {
            node.integer_within(-INTEGER_MAX, INTEGER_MAX).map(|number| number as f64)
        }
        _ => node.number(),
    };
    let ends = (optional(min.cloned(), end), optional(max.cloned(), end));
    let (least, most) = (ends.0?, ends.1?);
    in_order(min, (least, most))
}

fn lengths([exact, min, max]: [Option<&Node<'_>>; 3], kind: &FieldKind) -> Option<Ends<usize>> {
    // More than one event can hold makes no sense as a limit.
    let most = i64::try_from(EVENT_BYTES_MAX).unwrap_or(i64::MAX);
    let end = |node: &Node<'_>| {
        node.integer_within(0, most).and_then(|length| usize::try_from(length).ok())
    };
    let ends =
        (optional(exact.cloned(), end), optional(min.cloned(), end), optional(max.cloned(), end));
    let (exact, least, most) = (ends.0?, ends.1?, ends.2?);
    if exact.is_some() {
        return Some((exact, exact));
    }
    if let (Some(node), Some(length)) = (min, least)
        && *kind == FieldKind::String
        && most.is_none()
        && length > TEXT_CHARS_MAX
    {
        let reason = format!("a string has at most {TEXT_CHARS_MAX} characters without max_length");
        node.mistake_with(reason, Some("add max_length".to_owned()));
        return None;
    }
    in_order(min, (least, most))
}

/// The two ends, if they are in order. `min` is where the mistake is, if they are not.
fn in_order<T: PartialOrd + Copy + std::fmt::Display>(
    min: Option<&Node<'_>>,
    ends: Ends<T>,
) -> Option<Ends<T>> {
    match (min, ends) {
        (Some(node), (Some(least), Some(most))) if least > most => {
            node.mistake(format!("the least ({least}) is more than the most ({most})"));
            None
        }
        _ => Some(ends),
    }
}

fn choices(node: &Node<'_>, field: &Field) -> Option<Vec<Literal>> {
    let items = node.list("such as [\"endless\", \"story\"]")?;
    if items.is_empty() || items.len() > DEFINITION_CHOICES_MAX {
        node.mistake(format!("must have 1 to {DEFINITION_CHOICES_MAX} values"));
        return None;
    }
    let mut choices = Vec::new();
    let mut all_fit = true;
    for item in &items {
        match literal(item, field) {
            Some(choice) if choices.contains(&choice) => {
                item.mistake("stands in the list more than once");
                all_fit = false;
            }
            Some(choice) => choices.push(choice),
            None => all_fit = false,
        }
    }
    all_fit.then_some(choices)
}

/// The default as an event's payload would have it.
fn default(node: &Node<'_>, field: &Field) -> Option<String> {
    if !literal::is_of_kind(node.value(), &field.kind) {
        node.mistake(format!("must be {}, like the field", described(&field.kind)));
        return None;
    }
    let json = literal::json(node)?.to_string();
    event::normal_form(field, &json)
        .map_err(|problem| node.mistake(format!("no event may have it: it {problem}")))
        .ok()
}

/// The values that a field may have, in words.
fn all_choices(field: &Field) -> String {
    let shown = field.one_of.iter().take(CHOICES_SHOWN_MAX);
    let mut all: Vec<String> = shown.map(literal::written).collect();
    if field.one_of.len() > CHOICES_SHOWN_MAX {
        all.push("another one".to_owned());
    }
    any_of(&all)
}
