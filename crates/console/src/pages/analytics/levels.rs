//! How far players come: the steps of a funnel, with those at which most of them stop.

use scoreline_core::analytics::figures::{FUNNEL, FunnelStep};

use super::asked::Ask;
use super::found::Found;
use crate::charts::{Cell, Choice, Sheet, halves};
use crate::html::{Html, icon, inert};
use crate::words;

/// Steps that are pointed at.
const WORST: usize = 5;
/// Players who must have reached a step before it can be among the worst: of fewer, one is much.
const PLAYERS_MIN: i64 = 20;

/// The section.
pub(super) struct Levels {
    pub title: Html,
    pub choices: Vec<Choice>,
    pub started: String,
    pub rows: Vec<Row>,
    /// How many steps nobody has reached.
    pub unreached: u64,
    pub csv: String,
    pub json: String,
    pub sheet: Sheet,
    pub definition: &'static str,
}

/// A step.
pub(super) struct Row {
    pub name: Html,
    pub players: String,
    pub share: String,
    pub drawing: Html,
    pub stopped: String,
    pub badge: Html,
    pub is_worst: bool,
    pub median: String,
}

/// The section; `None` of a game without funnels.
pub(super) fn section(ask: &Ask, found: &Found) -> Option<Levels> {
    let (funnel, steps) = found.funnel.as_ref()?;
    let last = steps.iter().rposition(|step| step.players > 0).map_or(0, |last| last + 1);
    let (reached, unreached) = steps.split_at(last.max(1).min(steps.len()));
    let losses: Vec<Option<f64>> = (0..reached.len()).map(|n| stopped(steps, n)).collect();
    let worst = worst(reached, &losses);
    let choice = |other: &scoreline_core::analytics::Funnel| {
        let is_here = other.name == funnel.name;
        ask.choice("funnel", &other.name, &other.title, is_here, "levels")
    };
    let csv = ask.data("funnel");
    Some(Levels {
        title: inert(&funnel.title),
        choices: found.meaning.funnels.iter().map(choice).collect(),
        started: words::signed(reached.first().map_or(0, |step| step.players)),
        rows: (0..reached.len()).map(|n| row(steps, n, losses[n], &worst)).collect(),
        unreached: unreached.len() as u64,
        json: csv.replacen(".csv", ".json", 1),
        csv,
        sheet: sheet(&funnel.title, steps),
        definition: FUNNEL,
    })
}

/// The share of those who reached a step that did not reach the next one; `None` of the last.
fn stopped(steps: &[FunnelStep], n: usize) -> Option<f64> {
    let (here, next) = (steps.get(n)?.players, steps.get(n + 1)?.players);
    (here > 0).then(|| (here - next) as f64 / here as f64)
}

/// The steps at which most stop, the worst first.
fn worst(steps: &[FunnelStep], losses: &[Option<f64>]) -> Vec<usize> {
    let known = losses.iter().enumerate().filter_map(|(n, loss)| Some((n, (*loss)?)));
    let mut known: Vec<(usize, f64)> =
        known.filter(|(n, loss)| *loss > 0.0 && steps[*n].players >= PLAYERS_MIN).collect();
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    known.into_iter().take(WORST).map(|(n, _)| n).collect()
}

fn row(steps: &[FunnelStep], n: usize, loss: Option<f64>, worst: &[usize]) -> Row {
    let step = &steps[n];
    let first = steps[0].players.max(1) as f64;
    let next = steps.get(n + 1).map_or(0, |next| next.players);
    let place = worst.iter().position(|other| *other == n);
    let went_on = if loss.is_some() { next } else { step.players };
    let rest = if place.is_some() { "f-crit" } else { "f-n3" };
    let badge = place.map_or_else(Html::default, |place| {
        let sign = icon("down");
        Html::of_ours(format!(r#"<span class="badge crit">{sign}Worst {}</span>"#, place + 1))
    });
    let percent = |share: f64| words::percent((share * 1_000.0).round() / 10.0);
    Row {
        name: inert(&step.title),
        players: words::signed(step.players),
        share: step.share_of_first.map_or_else(none, percent),
        drawing: halves(went_on as f64 / first, step.players as f64 / first, "f-s1", rest),
        stopped: loss.map_or_else(none, percent),
        badge,
        is_worst: place.is_some(),
        median: step.median_seconds_from_previous.map_or_else(none, words::seconds),
    }
}

fn none() -> String {
    "–".to_owned()
}

fn sheet(title: &str, steps: &[FunnelStep]) -> Sheet {
    let columns = [
        "step",
        "title",
        "players",
        "share of first",
        "share of previous",
        "median seconds from previous",
    ];
    let row = |step: &FunnelStep| -> Vec<Cell> {
        vec![
            Cell::Number(f64::from(step.number)),
            step.title.as_str().into(),
            step.players.into(),
            step.share_of_first.into(),
            step.share_of_previous.into(),
            step.median_seconds_from_previous.into(),
        ]
    };
    Sheet {
        name: title.to_owned(),
        about: FUNNEL.to_owned(),
        columns: columns.map(str::to_owned).into(),
        rows: steps.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(players: &[i64]) -> Vec<FunnelStep> {
        let step = |(number, players): (u32, &i64)| FunnelStep {
            number,
            title: number.to_string(),
            players: *players,
            share_of_first: None,
            share_of_previous: None,
            median_seconds_from_previous: None,
        };
        (1..).zip(players).map(step).collect()
    }

    #[test]
    fn the_worst_steps_are_those_where_most_stop_and_few_players_are_no_news() {
        let steps = steps(&[100, 90, 45, 40, 10, 0]);
        let losses: Vec<_> = (0..steps.len()).map(|n| stopped(&steps, n)).collect();
        assert_eq!(losses[5], None);
        // Of ten players all stopped, but they are too few.
        assert_eq!(worst(&steps, &losses), [3, 1, 2, 0]);
    }
}
