//! Reads `[events.*]`.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::document::{Node, Table, quoted};
use super::fields::{self, COMMON_FIELDS};
use super::named::{self, Names};
use super::optional;
use crate::game::{Class, EventType, Field, PlausibilityRule, SuspicionRule, UnknownFields};
use crate::limits::{
    DEFINITION_ITEMS_MAX, DEFINITION_NAME_CHARS_MAX, EVENT_BYTES_MAX, EVENT_FIELDS_MAX,
    EVENT_PATTERNS_MAX, UNKNOWN_BYTES_MAX,
};

const UNKNOWN_FIELDS: [(&str, UnknownFields); 2] =
    [("keep", UnknownFields::Keep), ("reject", UnknownFields::Reject)];

/// The event types of a file.
#[derive(Default)]
pub(super) struct Events {
    types: Names<ReadType>,
    common: Vec<Field>,
}

/// One event type, as far as it could be read: its other mistakes do not hide its fields.
pub(super) struct ReadType {
    name: Arc<str>,
    class: Option<Class>,
    unknown_fields: Option<UnknownFields>,
    unknown_bytes_max: Option<usize>,
    fields: Names<Field>,
    strict: Option<bool>,
    pub plausibility: Vec<PlausibilityRule>,
    pub suspicion: Vec<SuspicionRule>,
}

/// Reads the event types. `common` says what all of them have, `platforms` where events come from.
pub(super) fn read(
    table: Table<'_>,
    common: Option<Table<'_>>,
    platforms: Option<&BTreeSet<String>>,
) -> Events {
    let common = common_fields(common, platforms);
    let mut patterns = 0;
    let check = |name: &str, node: &Node<'_>| check_name(name, node, &mut patterns);
    let types = named::read_named(table, "event type", DEFINITION_ITEMS_MAX, check, event_type);
    Events { types, common }
}

fn common_fields(table: Option<Table<'_>>, platforms: Option<&BTreeSet<String>>) -> Vec<Field> {
    let usual = fields::common(platforms);
    let Some(mut table) = table else { return usual };
    let stated = COMMON_FIELDS.map(|name| table.take(name));
    table.finish();
    // A field with mistakes keeps its usual form, so that references to it are not reported as
    // well.
    let restated = |(usual, node): (Field, Option<Node<'_>>)| match node {
        Some(node) => fields::restated(usual.clone(), &node).unwrap_or(usual),
        None => usual,
    };
    usual.into_iter().zip(stated).map(restated).collect()
}

/// Whether a text can be the name of an event type: a name, or the beginning of many with a star behind.
/// `patterns` counts the latter.
fn check_name(name: &str, node: &Node<'_>, patterns: &mut usize) -> bool {
    let prefix = name.strip_suffix('*');
    if name == "*" {
        node.mistake_with(
            "would take every event, misspelt ones too",
            Some("write how the types begin, such as \"conversion_*\"".to_owned()),
        );
        return false;
    }
    if !named::is_name(prefix.unwrap_or(name)) || name.len() > DEFINITION_NAME_CHARS_MAX {
        node.mistake(format!(
            "the name of an event type must be 1 to {DEFINITION_NAME_CHARS_MAX} letters (a to z), \
             digits, \"_\" and \"-\"; a \"*\" may stand at its end"
        ));
        return false;
    }
    if prefix.is_some() {
        *patterns += 1;
        if *patterns == EVENT_PATTERNS_MAX + 1 {
            node.mistake(format!("there must be at most {EVENT_PATTERNS_MAX} patterns"));
        }
    }
    *patterns <= EVENT_PATTERNS_MAX || prefix.is_none()
}

fn event_type(name: Arc<str>, node: &Node<'_>) -> Option<ReadType> {
    let mut table = node.table("such as [events.game_ended]")?;
    let class = table.take("class");
    let unknown_fields = table.take("unknown_fields");
    let unknown_bytes_max = table.take("unknown_bytes_max");
    let strict = table.take("strict");
    let fields = table.take("fields");
    table.finish();
    let classes = Class::ALL.map(|class| (class.as_str(), class));
    let fields = fields.and_then(|fields| fields.table("such as [events.game_ended.fields]"));
    let fields = fields.map(|fields| named::read(fields, "field", EVENT_FIELDS_MAX, fields::read));
    Some(ReadType {
        name,
        class: match class {
            Some(node) => node.choice("class", &classes),
            None => Some(Class::Bulk),
        },
        unknown_fields: match unknown_fields {
            Some(node) => node.choice("way to treat unknown fields", &UNKNOWN_FIELDS),
            None => Some(UnknownFields::Keep),
        },
        unknown_bytes_max: optional(unknown_bytes_max, bytes)
            .map(|bytes| bytes.unwrap_or(UNKNOWN_BYTES_MAX)),
        fields: fields.unwrap_or_default(),
        strict: optional(strict, Node::boolean).map(|strict| strict.unwrap_or(false)),
        plausibility: Vec::new(),
        suspicion: Vec::new(),
    })
}

/// Bytes that an event may have at all.
fn bytes(node: &Node<'_>) -> Option<usize> {
    let most = i64::try_from(EVENT_BYTES_MAX).unwrap_or(i64::MAX);
    node.integer_within(0, most).and_then(|bytes| usize::try_from(bytes).ok())
}

impl Events {
    /// The type that this value names.
    pub fn find(&self, node: &Node<'_>) -> Option<&ReadType> {
        let written = node.text()?;
        if !self.types.contains_key(written)
            && let Some(pattern) = self.pattern_of(written)
        {
            let reason =
                format!("there is no event type {}, only one that takes it", quoted(written));
            let suggestion = format!(
                "write {}, or add [events.{written}], which then is a type of its own",
                quoted(pattern)
            );
            node.missing(reason, Some(suggestion));
            return None;
        }
        named::find(&self.types, node, "event type")
    }

    /// The pattern that takes events of a type that has no name of its own.
    fn pattern_of(&self, written: &str) -> Option<&str> {
        let fits =
            |name: &&str| name.strip_suffix('*').is_some_and(|prefix| written.starts_with(prefix));
        let names = self.types.keys().map(|name| &**name);
        names.filter(fits).max_by_key(|name| name.len())
    }

    /// The type of this name, if there is one.
    pub fn find_quietly(&self, name: &str) -> Option<&ReadType> {
        self.types.get(name)?.as_ref()
    }

    /// The type of this name, to add rules to it.
    pub fn find_mut(&mut self, name: &str) -> Option<&mut ReadType> {
        self.types.get_mut(name)?.as_mut()
    }

    /// The field of a type, or the common field, that a value or key names. The name is `written`
    /// at `node`.
    pub fn field<'e>(
        &'e self,
        of_type: &'e ReadType,
        written: &str,
        node: &Node<'_>,
    ) -> Option<&'e Field> {
        if let Some(own) = of_type.fields.get(written) {
            return own.as_ref();
        }
        if let Some(common) = self.common.iter().find(|field| *field.name == *written) {
            return Some(common);
        }
        let reason = format!("{} has no field {}", of_type.name, quoted(written));
        let own = of_type.fields.keys().map(|name| &**name);
        let common = self.common.iter().map(|field| &*field.name);
        node.unknown(reason, written, own.chain(common));
        None
    }

    /// The field that this value names.
    pub fn field_at<'e>(&'e self, of_type: &'e ReadType, node: &Node<'_>) -> Option<&'e Field> {
        let written = node.text()?;
        self.field(of_type, written, node)
    }

    /// The event types, if none has mistakes.
    pub fn all(self) -> Option<IndexMap<Arc<str>, EventType>> {
        let types = named::all(self.types)?;
        types.into_iter().map(|(name, read)| Some((name, read.finish(&self.common)?))).collect()
    }
}

impl ReadType {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn finish(self, common: &[Field]) -> Option<EventType> {
        let fields = named::all(self.fields)?;
        let common = common.iter().filter(|field| !fields.contains_key(&field.name));
        Some(EventType {
            name: self.name,
            class: self.class?,
            common: common.cloned().collect(),
            fields: fields.into_values().collect(),
            strict: self.strict?,
            unknown_fields: self.unknown_fields?,
            unknown_bytes_max: self.unknown_bytes_max?,
            plausibility: self.plausibility,
            suspicion: self.suspicion,
        })
    }
}
