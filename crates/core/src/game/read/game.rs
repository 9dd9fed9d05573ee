//! Reads `[game]`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{Node, Table};
use super::named::{self, Names};
use super::optional;
use crate::game::{Board, Game, OldEvents};
use crate::id::PlayerId;
use crate::limits::{
    DEFINITION_CHOICES_MAX, DEFINITION_TITLE_CHARS_MAX, PLATFORMS_MAX, PLAYER_ID_CHARS_MAX,
};
use crate::nickname::Nicknames;

/// How players are called where the definition does not say.
const DEFAULT_NICKNAME: &str = "Player";
/// Where events come from where the definition does not say.
const DEFAULT_PLATFORMS: [&str; 2] = ["ios", "android"];

const OLD_EVENTS: [(&str, OldEvents); 2] =
    [("reject", OldEvents::Reject), ("count", OldEvents::Count)];

/// Ids that identify nobody, where the definition does not list any: what programs make of a
/// missing value, an id of Android that many devices share, and the address that Android shows
/// instead of the true one.
const DEFAULT_NOBODY_IDS: [&str; 14] = [
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "undefined",
    "[object object]",
    "nan",
    "n/a",
    "unknown",
    "unidentified",
    "default",
    "9774d56d682e549c",
    "02:00:00:00:00:00",
];

/// `[game]` as far as it can be read before the boards are.
pub(super) struct GameSection<'d> {
    place: Node<'d>,
    name: Option<String>,
    default_nickname: Option<String>,
    /// `None` if they have mistakes.
    pub platforms: Option<BTreeSet<String>>,
    nobody_ids: Option<BTreeSet<String>>,
    old_events: Option<OldEvents>,
    nicknames: Option<Nicknames>,
    main_board: Option<Node<'d>>,
    /// In which zone days are counted.
    pub zone: Option<Node<'d>>,
}

/// `nicknames` is what players may be called, `None` if that has mistakes.
pub(super) fn read(mut table: Table<'_>, nicknames: Option<Nicknames>) -> GameSection<'_> {
    let name = table.need("name", "name = \"My game\"");
    let nickname = table.take("default_nickname");
    let platforms = table.take("platforms");
    let main_board = table.take("main_leaderboard");
    let nobody_ids = table.take("nobody_ids");
    let old_events = table.take("old_events");
    let zone = table.take("zone");
    let place = table.node().clone();
    table.finish();
    GameSection {
        place,
        name: name.and_then(|name| name.title(DEFINITION_TITLE_CHARS_MAX)).map(str::to_owned),
        default_nickname: match nickname {
            Some(node) => self::nickname(&node, &nicknames.clone().unwrap_or_default()),
            None => Some(DEFAULT_NICKNAME.to_owned()),
        },
        platforms: match platforms {
            Some(node) => self::platforms(&node),
            None => Some(DEFAULT_PLATFORMS.map(str::to_owned).into()),
        },
        nobody_ids: match nobody_ids {
            Some(node) => self::nobody_ids(&node),
            None => Some(DEFAULT_NOBODY_IDS.map(str::to_owned).into()),
        },
        old_events: optional(old_events, |node| {
            node.choice("word for what becomes of old events", &OLD_EVENTS)
        })
        .map(|chosen| chosen.unwrap_or(OldEvents::Reject)),
        nicknames,
        main_board,
        zone,
    }
}

fn nobody_ids(node: &Node<'_>) -> Option<BTreeSet<String>> {
    let items = node.list("such as [\"null\", \"undefined\"]")?;
    if items.len() > DEFINITION_CHOICES_MAX {
        node.mistake(format!("must have at most {DEFINITION_CHOICES_MAX} ids"));
        return None;
    }
    let id = |item: &Node<'_>| {
        let id = item.text()?.trim().to_lowercase();
        if id.is_empty() || PlayerId::new(&id).is_err() {
            item.mistake(format!("must have 1 to {PLAYER_ID_CHARS_MAX} characters"));
            return None;
        }
        Some(id)
    };
    let ids: Vec<_> = items.iter().map(id).collect();
    // Collected twice, so that one mistake does not hide the next.
    ids.into_iter().collect()
}

fn nickname(node: &Node<'_>, nicknames: &Nicknames) -> Option<String> {
    let written = node.text()?;
    match nicknames.check(written) {
        Ok(nickname) => Some(nickname),
        Err(error) => {
            node.mistake(error.to_string());
            None
        }
    }
}

fn platforms(node: &Node<'_>) -> Option<BTreeSet<String>> {
    let items = node.list("such as [\"ios\", \"android\"]")?;
    if items.is_empty() || items.len() > PLATFORMS_MAX {
        node.mistake(format!("must have 1 to {PLATFORMS_MAX} platforms"));
        return None;
    }
    let mut platforms = BTreeSet::new();
    let mut all_fit = true;
    for item in items {
        let Some(name) = item.text() else {
            all_fit = false;
            continue;
        };
        if !named::is_name(name) {
            item.mistake(
                "the name of a platform must be letters (a to z), digits, \"_\" and \"-\"",
            );
            all_fit = false;
        } else if !platforms.insert(name.to_ascii_lowercase()) {
            item.mistake("stands in the list more than once");
        }
    }
    all_fit.then_some(platforms)
}

impl GameSection<'_> {
    /// The whole section, once it is known which boards there are.
    pub fn with_main_board(self, boards: &Names<Board>) -> Option<Game> {
        let main_board = match &self.main_board {
            Some(node) => Arc::clone(&named::find(boards, node, "leaderboard")?.name),
            None => Arc::clone(self.first(boards)?),
        };
        Some(Game {
            name: self.name?,
            default_nickname: self.default_nickname?,
            platforms: self.platforms?,
            main_board,
            nobody_ids: self.nobody_ids?,
            old_events: self.old_events?,
            nicknames: self.nicknames?,
        })
    }

    fn first<'n>(&self, boards: &'n Names<Board>) -> Option<&'n Arc<str>> {
        let first = boards.keys().next();
        if first.is_none() {
            let suggestion = "add one, such as [leaderboards.global]".to_owned();
            self.place.missing("a game needs at least one leaderboard", Some(suggestion));
        }
        first
    }
}
