//! Who came back, by the first day.

use scoreline_core::analytics::figures::{Cohort, RETENTION};
use scoreline_core::analytics::{DayRange, RETENTION_DAYS_AFTER};

use super::asked::{Ask, Retention as Shown};
use super::found::Found;
use crate::charts::{Cell as SheetCell, Choice, Sheet};
use crate::compare::{Fact, delta_on, facts, plain};
use crate::html::Html;
use crate::words;

/// Steps of the heat map's colours; each is five per cent.
const HEATS: f64 = 9.0;
/// The share at which the next colour begins.
const HEAT_STEP: f64 = 0.05;

/// The section.
pub(super) struct Retention {
    pub facts: Html,
    pub choices: Vec<Choice>,
    pub is_share: bool,
    pub offsets: Vec<u32>,
    pub rows: Vec<Row>,
    pub csv: String,
    pub json: String,
    pub sheet: Sheet,
    pub definition: &'static str,
}

/// A cohort.
pub(super) struct Row {
    pub day: String,
    pub size: String,
    pub cells: Vec<Cell>,
}

/// How many of a cohort came back.
pub(super) struct Cell {
    pub class: String,
    pub title: String,
    pub words: String,
    /// Whether the day is not over.
    pub is_open: bool,
}

/// The section.
pub(super) fn section(ask: &Ask, found: &Found) -> Retention {
    let is_share = ask.asked.retention == Shown::Share;
    let cohorts = || ask.days.days().filter_map(|day| found.cohorts.get(&day));
    let choices = [("share", "Per cent", is_share), ("players", "Players", !is_share)];
    let choices = choices
        .map(|(name, title, is_here)| ask.choice("retention", name, title, is_here, "retention"));
    let csv = ask.data("retention");
    Retention {
        facts: facts(&averages(ask, found)),
        choices: choices.into(),
        is_share,
        offsets: RETENTION_DAYS_AFTER.into(),
        rows: cohorts().map(|cohort| row(cohort, ask, is_share)).collect(),
        json: csv.replacen(".csv", ".json", 1),
        csv,
        sheet: sheet(cohorts()),
        definition: RETENTION,
    }
}

/// All whole cohorts of the days together: how many they are, how many players, how many came back.
fn together(found: &Found, days: DayRange, after: u32) -> (u64, i64, i64) {
    let whole = days.days().filter_map(|day| found.cohorts.get(&day)).filter(|cohort| {
        cohort.size > 0 && cohort.complete.get(&after).copied().unwrap_or_default()
    });
    whole.fold((0, 0, 0), |(cohorts, size, back), cohort| {
        let returned = cohort.returned.get(&after).copied().unwrap_or_default();
        (cohorts + 1, size + cohort.size, back + returned)
    })
}

fn averages(ask: &Ask, found: &Found) -> Vec<Fact> {
    let names = ["D1", "D3", "D7", "D14", "D30"];
    let fact = |(after, name): (u32, &'static str)| {
        let (cohorts, size, back) = together(found, ask.days, after);
        let (_, size_before, back_before) = together(found, ask.before(), after);
        if size == 0 {
            let lines = vec![plain("no cohort of these days is that old yet")];
            return Fact { name: name.into(), value: "–".to_owned(), unit: String::new(), lines };
        }
        let share = 100.0 * back as f64 / size as f64;
        let mut lines = Vec::new();
        if size_before > 0 {
            let before = 100.0 * back_before as f64 / size_before as f64;
            lines.push(delta_on(share, before, &format!("{} days before", ask.days.len())));
        }
        lines.push(plain(format!(
            "{}, {}",
            words::how_many(cohorts, "cohort", "cohorts"),
            words::how_many(size.unsigned_abs(), "player", "players")
        )));
        let value = words::number((share * 10.0).round() / 10.0);
        Fact { name: name.into(), value, unit: "%".to_owned(), lines }
    };
    RETENTION_DAYS_AFTER.into_iter().zip(names).map(fact).collect()
}

fn row(cohort: &Cohort, ask: &Ask, is_share: bool) -> Row {
    let cell = |after: u32| {
        let day = cohort.day.plus(after.cast_signed());
        let returned = cohort.returned.get(&after).copied().unwrap_or_default();
        if day > ask.today || cohort.size == 0 {
            let (class, title) = ("none".to_owned(), String::new());
            return Cell { class, title, words: String::new(), is_open: false };
        }
        let is_open = !cohort.complete.get(&after).copied().unwrap_or_default();
        let share = returned as f64 / cohort.size as f64;
        let said = format!(
            "{} of {} came back on day {after}",
            words::signed(returned),
            words::signed(cohort.size)
        );
        Cell {
            class: if is_open { "part-cell".to_owned() } else { heat(share) },
            title: if is_open { format!("not over: {said} so far") } else { said },
            words: if is_share { format!("{:.1}", 100.0 * share) } else { words::signed(returned) },
            is_open,
        }
    };
    Row {
        day: words::weekday(cohort.day),
        size: words::signed(cohort.size),
        cells: RETENTION_DAYS_AFTER.into_iter().map(cell).collect(),
    }
}

/// The colour of a share.
fn heat(share: f64) -> String {
    format!("h{}", (share / HEAT_STEP).floor().clamp(0.0, HEATS))
}

fn sheet<'c>(cohorts: impl Iterator<Item = &'c Cohort>) -> Sheet {
    let row = |cohort: &Cohort| -> Vec<SheetCell> {
        let mut row = vec![SheetCell::from(&*cohort.day.to_string()), cohort.size.into()];
        for after in RETENTION_DAYS_AFTER {
            row.push(cohort.returned.get(&after).copied().unwrap_or_default().into());
            let is_whole = cohort.complete.get(&after).copied().unwrap_or_default();
            row.push(if is_whole { "yes" } else { "no" }.into());
        }
        row
    };
    let mut columns = vec!["first day".to_owned(), "players".to_owned()];
    for after in RETENTION_DAYS_AFTER {
        columns.extend([format!("day {after}"), format!("day {after} is over")]);
    }
    Sheet {
        name: "Retention by first day".to_owned(),
        about: RETENTION.to_owned(),
        columns,
        rows: cohorts.map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_has_a_colour() {
        assert_eq!(
            [0.0, 0.049, 0.05, 0.26, 0.45, 1.0].map(heat),
            ["h0", "h0", "h1", "h5", "h9", "h9"]
        );
    }
}
