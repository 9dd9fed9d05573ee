//! Tables whose keys are names: event types, fields, boards, tournaments, statistics.

use std::sync::Arc;

use indexmap::IndexMap;

use super::document::{Node, Table, quoted};
use crate::limits::DEFINITION_NAME_CHARS_MAX;

/// What was read under each name, in the order of the file. `None` is a thing that is there but has
/// mistakes, which were reported: referring to it is not another mistake.
pub(super) type Names<T> = IndexMap<Arc<str>, Option<T>>;

/// Reads every entry of a table. `max` is how many there may be.
pub(super) fn read<'d, T>(
    table: Table<'d>,
    what: &str,
    max: usize,
    read: impl FnMut(Arc<str>, &Node<'d>) -> Option<T>,
) -> Names<T> {
    let check = |name: &str, node: &Node<'d>| {
        let fits = is_name(name);
        if !fits {
            node.mistake(format!(
                "the name of a {what} must be 1 to {DEFINITION_NAME_CHARS_MAX} letters (a to z), \
                 digits, \"_\" and \"-\""
            ));
        }
        fits
    };
    read_named(table, what, max, check, read)
}

/// The same with names of another form. `check` answers whether one fits, and reports it if not.
pub(super) fn read_named<'d, T>(
    table: Table<'d>,
    what: &str,
    max: usize,
    mut check: impl FnMut(&str, &Node<'d>) -> bool,
    mut read: impl FnMut(Arc<str>, &Node<'d>) -> Option<T>,
) -> Names<T> {
    let place = table.node().clone();
    let entries = table.into_entries();
    if entries.len() > max {
        place.mistake(format!("there must be at most {max} {what}s, but are {}", entries.len()));
    }
    let mut names = Names::new();
    for (number, (name, node)) in entries.into_iter().enumerate() {
        let fits = check(name, &node);
        let name: Arc<str> = Arc::from(name);
        // Names beyond the limit are remembered, so that references to them are not reported as
        // well.
        let value = if number < max { read(Arc::clone(&name), &node) } else { None };
        names.insert(name, value.filter(|_| fits));
    }
    names
}

/// Whether a text can be a name: it will stand in addresses, files and metric labels.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    (1..=DEFINITION_NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(allowed)
}

/// Reads a section that may be absent; then it is empty.
pub(super) fn optional<'d, T>(
    table: Option<Table<'d>>,
    read: impl FnOnce(Table<'d>) -> Names<T>,
) -> Names<T> {
    table.map(read).unwrap_or_default()
}

/// The thing that this value names.
pub(super) fn find<'n, T>(names: &'n Names<T>, node: &Node<'_>, what: &str) -> Option<&'n T> {
    let written = node.text()?;
    if let Some(found) = names.get(written) {
        return found.as_ref();
    }
    let reason = format!("there is no {what} {}", quoted(written));
    node.unknown(reason, written, names.keys().map(|name| &**name));
    None
}

/// Everything, if nothing of it has mistakes.
pub(super) fn all<T>(names: Names<T>) -> Option<IndexMap<Arc<str>, T>> {
    names.into_iter().map(|(name, value)| Some((name, value?))).collect()
}
