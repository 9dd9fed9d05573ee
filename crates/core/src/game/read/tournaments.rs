//! Reads `[tournaments.*]`.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::{Node, Table, quoted};
use super::named::{self, Names};
use super::schedules;
use crate::game::pattern::{self, PatternError};
use crate::game::{Board, PrizeTier, Schedule, TournamentSeries};
use crate::limits::{DEFINITION_ITEMS_MAX, TOURNAMENT_ID_CHARS_MAX, TOURNAMENT_NAME_CHARS_MAX};
use crate::prize::tiers;
use crate::suggestion::did_you_mean;
use crate::time::Timestamp;

/// Tournaments of a series whose ids are tried out. Weekly ones fill more than two years.
const IDS_TRIED: usize = 120;
/// Christmas 2022, in milliseconds. The years from there on hold what confuses ids: a Sunday in
/// week 52 at both ends of 2023, a Monday in week 1 at both ends of 2024, and a leap day.
const IDS_TRIED_FROM_MS: i64 = 1_671_926_400_000;
/// The stretch in which clocks set back are looked for: two years.
const CLOCK_CHANGES_TRIED_MS: i64 = 2 * 366 * 24 * 60 * 60 * 1000;
/// How long before and after such a change an hour may come twice: two hours.
const CLOCK_CHANGE_REACH_MS: i64 = 2 * 60 * 60 * 1000;

/// The ids tried out so far, with the series and the start of each.
type Ids = HashMap<String, (Arc<str>, Timestamp)>;

pub(super) fn read(table: Table<'_>, boards: &Names<Board>) -> Names<TournamentSeries> {
    let mut ids = Ids::new();
    named::read(table, "tournament", DEFINITION_ITEMS_MAX, |name, node| {
        let table = node.table("such as [tournaments.weekly]")?;
        series(name, table, boards, &mut ids)
    })
}

fn series(
    name: Arc<str>,
    mut table: Table<'_>,
    boards: &Names<Board>,
    ids: &mut Ids,
) -> Option<TournamentSeries> {
    let board = table.need("leaderboard", "leaderboard = \"global\"");
    let schedule = table.need("schedule", "schedule = { cron = \"0 0 * * 1\", zone = \"UTC\" }");
    let id = table.need("id", "id = \"weekly_{week_year}_w{week}\"");
    let title = table.need("name", "name = \"Weekly Tournament {week_year} week {week}\"");
    let prizes = table.need("prizes", "prizes = [] where nothing is to be won");
    table.finish();

    let board = board.and_then(|node| named::find(boards, &node, "leaderboard"));
    let schedule = schedule.and_then(|node| schedules::read(&node));
    let id = id.and_then(|node| Some((pattern(&node, TOURNAMENT_ID_CHARS_MAX)?, node)));
    let title = title.and_then(|node| {
        node.title(TOURNAMENT_NAME_CHARS_MAX)?;
        pattern(&node, TOURNAMENT_NAME_CHARS_MAX)
    });
    let prizes = prizes.and_then(|node| prizes_of(&node));
    let (schedule, (id_pattern, id_node)) = (schedule?, id?);
    try_ids(&id_node, id_pattern, &schedule, (&name, ids))?;
    Some(TournamentSeries {
        name,
        board: Arc::clone(&board?.name),
        schedule,
        id_pattern: id_pattern.to_owned(),
        name_pattern: title?.to_owned(),
        prizes: prizes?,
    })
}

/// A pattern with known placeholders only, whose text never grows beyond `chars_max`.
fn pattern<'d>(node: &Node<'d>, chars_max: usize) -> Option<&'d str> {
    let text = node.text()?;
    match pattern::check(text) {
        Ok(()) => {}
        Err(PatternError::Brace) => {
            node.mistake("has a brace that belongs to no placeholder such as {week}");
            return None;
        }
        Err(PatternError::Unknown(name)) => {
            let all = pattern::PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
            let reason = format!("there is no placeholder {}: there are {all}", quoted(&name));
            node.mistake_with(reason, did_you_mean(&name, pattern::PLACEHOLDERS));
            return None;
        }
    }
    if pattern::chars_max(text) > chars_max {
        node.mistake(format!("must give at most {chars_max} characters"));
        return None;
    }
    Some(text)
}

/// Makes sure that no two tournaments get the same id.
fn try_ids(
    node: &Node<'_>,
    pattern: &str,
    schedule: &Schedule,
    (series, ids): (&Arc<str>, &mut Ids),
) -> Option<()> {
    let fixed: String = pattern.chars().filter(|letter| !matches!(letter, '{' | '}')).collect();
    if !named::is_name(&fixed) {
        node.mistake("may contain letters (a to z), digits, \"_\", \"-\" and placeholders only");
        return None;
    }
    if !pattern.contains("{year}") && !pattern.contains("{week_year}") {
        let suggestion = "add {year}, or {week_year} beside {week}".to_owned();
        node.mistake_with("the same id would come again every year", Some(suggestion));
        return None;
    }
    for start in starts_to_try(schedule) {
        let id = pattern::render(pattern, start, schedule.zone());
        match ids.get(&id) {
            Some((other, at)) if other == series && *at == start => {}
            Some((other, at)) if other == series => {
                let reason =
                    format!("the tournaments that start at {at} and {start} would both be {id:?}");
                node.mistake_with(reason, Some(suggestion_for(pattern)));
                return None;
            }
            Some((other, _)) => {
                let reason = format!("tournaments of {other} would be called the same: {id:?}");
                node.mistake_with(reason, Some("add a word of its own".to_owned()));
                return None;
            }
            None => {
                ids.insert(id, (Arc::clone(series), start));
            }
        }
    }
    Some(())
}

fn suggestion_for(pattern: &str) -> String {
    if pattern.contains("{week}") && !pattern.contains("{week_year}") {
        return "write {week_year} beside {week}: it is the year that the week belongs to"
            .to_owned();
    }
    if pattern.contains("{hour}") {
        return "use the zone \"UTC\", in which no hour comes twice".to_owned();
    }
    "add {month}, {day}, {hour} or {minute}".to_owned()
}

/// Starts of tournaments in which an id that is not unique shows: a row of them, and those around
/// the moments when clocks are set back.
fn starts_to_try(schedule: &Schedule) -> Vec<Timestamp> {
    let from = Timestamp::from_stored_ms(IDS_TRIED_FROM_MS);
    let mut starts = Vec::new();
    let mut next = schedule.next_after(from);
    while let Some(start) = next.filter(|_| starts.len() < IDS_TRIED) {
        starts.push(start);
        next = schedule.next_after(start);
    }
    let until = from.plus_ms(CLOCK_CHANGES_TRIED_MS);
    for change in schedule.zone().following(from.to_jiff()) {
        let change = Timestamp::from(change.timestamp());
        if change > until {
            break;
        }
        let mut next = schedule.next_after(change.plus_ms(-CLOCK_CHANGE_REACH_MS));
        let mut tried = 0;
        while let Some(start) =
            next.filter(|start| *start < change.plus_ms(CLOCK_CHANGE_REACH_MS) && tried < IDS_TRIED)
        {
            starts.push(start);
            tried += 1;
            next = schedule.next_after(start);
        }
    }
    starts
}

/// The prizes, checked as those of a request are.
fn prizes_of(node: &Node<'_>) -> Option<Vec<PrizeTier>> {
    let items = node.list("of tables, such as [[tournaments.weekly.prizes]]")?;
    let tables: Vec<Option<_>> = items
        .iter()
        .map(|item| Some(item.table("such as [[tournaments.weekly.prizes]]")?.into_entries()))
        .collect();
    // Collected twice, so that one mistake does not hide the next.
    let tables: Vec<_> = tables.into_iter().collect::<Option<_>>()?;
    let written = tables
        .iter()
        .map(|entries| entries.iter().map(|(key, node)| ((*key).to_owned(), node.written())))
        .map(Iterator::collect)
        .collect();
    let faults = match tiers::check(written) {
        Ok(tiers) => return Some(tiers),
        Err(faults) => faults,
    };
    for fault in faults {
        let place = fault.tier.map_or(node, |tier| {
            let of_key = |(key, _): &&(&str, _)| Some(*key) == fault.key.as_deref();
            tables[tier].iter().find(of_key).map_or(&items[tier], |(_, node)| node)
        });
        if fault.is_absence {
            place.missing(fault.reason, fault.suggestion);
        } else {
            place.mistake_with(fault.reason, fault.suggestion);
        }
    }
    None
}
