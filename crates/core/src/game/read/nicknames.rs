//! Reads `[nicknames]`.

use super::document::{Node, Table};
use super::optional;
use crate::limits::{DEFINITION_CHOICES_MAX, DEFINITION_NAME_CHARS_MAX, NICKNAME_CHARS_MOST};
use crate::nickname::{Nicknames, resembling};

pub(super) fn read(mut table: Table<'_>) -> Option<Nicknames> {
    let least = table.take("min_length");
    let most = table.take("max_length");
    let reserved = table.take("reserved");
    let unique = table.take("unique");
    table.finish();
    let longest = i64::try_from(NICKNAME_CHARS_MOST).unwrap_or(i64::MAX);
    let length = |node: &Node<'_>| {
        node.integer_within(1, longest).and_then(|length| usize::try_from(length).ok())
    };
    let ends = (optional(least.clone(), length), optional(most.clone(), length));
    let reserved = optional(reserved, self::reserved);
    let unique = optional(unique, Node::boolean);
    let usual = Nicknames::default();
    let nicknames = Nicknames {
        min_length: ends.0?.unwrap_or(usual.min_length),
        max_length: ends.1?.unwrap_or(usual.max_length),
        unique: unique?.unwrap_or(usual.unique),
        reserved: reserved?.unwrap_or_default().into_iter().collect(),
    };
    if nicknames.min_length > nicknames.max_length {
        let Nicknames { min_length, max_length, .. } = nicknames;
        let place = least.or(most).expect("one of them is not the usual length");
        place.mistake(format!("the least ({min_length}) is more than the most ({max_length})"));
        return None;
    }
    Some(nicknames)
}

fn reserved(node: &Node<'_>) -> Option<Vec<String>> {
    let items = node.list("such as [\"Admin\", \"Game Master\"]")?;
    if items.len() > DEFINITION_CHOICES_MAX {
        node.mistake(format!("must have at most {DEFINITION_CHOICES_MAX} names"));
        return None;
    }
    let names: Vec<_> =
        items.iter().map(|item| item.title(DEFINITION_NAME_CHARS_MAX).map(resembling)).collect();
    // Collected twice, so that one mistake does not hide the next.
    names.into_iter().collect()
}
