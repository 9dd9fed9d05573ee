//! Reads a definition from TOML and reports every mistake with its line.
//!
//! The file is parsed into a tree of values that know where they stand ([`document`]); then each
//! section has a reader of its own, in the order in which they refer to each other: the game, its
//! events, the plausibility rules, statistics, leaderboards, the rules over several events, tournaments. A reader that answers
//! `None` has reported why. What refers to something faulty is not reported again.

mod analytics;
mod boards;
mod document;
mod events;
mod fields;
mod game;
mod measures;
mod mistake;
mod named;
mod nicknames;
mod plausibility;
mod schedules;
mod suspicion;
mod tournaments;

use std::sync::Arc;

use toml::de::DeTable;

pub use mistake::Mistake;

use self::document::{Document, Node, Table};
use super::{Definition, deciding};
use crate::limits::DEFINITION_BYTES_MAX;
use crate::nickname::Nicknames;

/// The sample game's definition.
pub const SAMPLE: &str = include_str!("../sample.toml");

impl Definition {
    /// Reads a definition, or every mistake in it, in the order of their lines.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        if text.len() > DEFINITION_BYTES_MAX {
            let reason = format!(
                "the file must have at most {DEFINITION_BYTES_MAX} bytes, but has {}",
                text.len()
            );
            return Err(vec![Mistake { line: 1, path: String::new(), reason, suggestion: None }]);
        }
        let (tree, faults) = DeTable::parse_recoverable(text);
        let document = Document::new(text, &faults);
        let definition = read(document.root(tree.get_ref()), text);
        let mistakes = document.into_mistakes();
        match definition {
            Some(definition) if mistakes.is_empty() => Ok(definition),
            _ => {
                assert!(!mistakes.is_empty(), "a reader that answers nothing has reported why");
                Err(mistakes)
            }
        }
    }
}

fn read(mut root: Table<'_>, text: &str) -> Option<Definition> {
    let game = root.need_table("game", "such as [game] with a name");
    let nicknames = root.take_table("nicknames");
    let common = root.take_table("common");
    let events = root.need_table("events", "such as [events.game_ended]");
    let plausibility = root.take("plausibility");
    let suspicion = root.take("suspicion");
    let statistics = root.take_table("statistics");
    let boards = root.need_table("leaderboards", "such as [leaderboards.global]");
    let tournaments = root.take_table("tournaments");
    let tickets = root.take("tickets");
    let funnels = root.take_table("funnels");
    let revenue = root.take_table("revenue");
    let economy = root.take_table("economy");
    root.finish();

    let nicknames = match nicknames {
        Some(table) => nicknames::read(table),
        None => Some(Nicknames::default()),
    };
    let game = game.map(|game| game::read(game, nicknames));
    let platforms = game.as_ref().and_then(|game| game.platforms.as_ref());
    let mut events =
        events.map(|events| events::read(events, common, platforms)).unwrap_or_default();
    if let Some(rules) = plausibility {
        plausibility::read(&rules, &mut events);
    }
    let tickets = optional(tickets, |node| suspicion::tickets(node, &events));
    let statistics = named::optional(statistics, |all| measures::statistics(all, &events));
    let boards = boards.map(|all| boards::read(all, &events)).unwrap_or_default();
    if let Some(rules) = suspicion {
        suspicion::read(&rules, &mut events, &boards);
    }
    let tournaments = named::optional(tournaments, |all| tournaments::read(all, &boards));
    let zone = game.as_ref().and_then(|game| game.zone.clone());
    let sections = analytics::Sections { zone, funnels, revenue, economy };
    let analytics = analytics::read(sections, &events);

    let game = game.and_then(|game| game.with_main_board(&boards));
    let (mut events, boards) = (events.all()?, named::all(boards)?);
    let statistics = named::all(statistics)?;
    let mut analytics = analytics?;
    analytics::note_elsewhere(&mut analytics, events.values());
    suspicion::hasten(&mut events);
    let tickets = tickets?;
    deciding::mark(&mut events, &boards, &statistics, &analytics, tickets.as_ref());
    Some(Definition {
        game: game?,
        events,
        boards,
        tournaments: named::all(tournaments)?,
        statistics,
        analytics,
        tickets,
        source: Arc::from(text),
    })
}

/// Reads what may be absent: `None` if it is there and wrong, `Some(None)` if it is not there.
#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn optional<'d, T>(
    node: Option<Node<'d>>,
    read: impl FnOnce(&Node<'d>) -> Option<T>,
) -> Option<Option<T>> {
    match node {
        None => Some(None),
        Some(node) => read(&node).map(Some),
    }
}
