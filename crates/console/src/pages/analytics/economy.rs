//! What players earn and spend of a currency of the game.

use std::collections::BTreeMap;
use std::sync::Arc;

use scoreline_core::analytics::CounterRow;
use scoreline_core::analytics::figures::{ECONOMY, EconomyDay, economy};

use super::asked::Ask;
use super::days::{chart, series};
use super::found::Found;
use crate::charts::{Chart, Kind, NET, Series};
use crate::html::inert_attribute;

/// Sources and sinks that have a colour of their own; the others are added up.
const NAMED: usize = 3;
const SOURCES: [&str; NAMED + 1] = ["f-s1", "f-s2", "f-s3", "f-s4"];
const SINKS: [&str; NAMED + 1] = ["f-n1", "f-n2", "f-n3", "f-n4"];

/// The section.
pub(super) struct Economy {
    pub course: Chart,
    pub definition: &'static str,
}

/// The section; `None` where no currency came or went.
pub(super) fn section(ask: &Ask, found: &Found) -> Option<Economy> {
    let currencies = found.currencies();
    let named = currencies.iter().find(|name| ***name == *ask.asked.currency);
    let currency = named.or_else(|| currencies.first())?;
    let of = |rows: &[CounterRow]| -> Vec<CounterRow> {
        rows.iter().filter(|row| row.value == *currency).cloned().collect()
    };
    let days = economy(ask.days, &[of(&found.earned), of(&found.spent)]);
    let choice = |name: &Arc<str>| {
        ask.choice("currency", name, &inert_attribute(name), name == currency, "economy")
    };
    let mut all = stacked(&days, |day| &day.by_source, SOURCES);
    let sources = all.len();
    all.extend(stacked(&days, |day| &day.by_sink, SINKS));
    let net = days.iter().map(|day| Some((day.earned - day.spent) as f64));
    all.push(series("remains", NET, net));
    let choices = currencies.iter().map(choice).collect();
    let heading = format!("{}: sources and sinks", inert_attribute(currency));
    Some(Economy {
        course: Chart {
            about: "What players earned by its source, upwards, and what they spent by its sink, downwards. \
                    The line across each bar is what remains: above zero, players get richer."
                .to_owned(),
            unit: "a day".into(),
            kind: Kind::Mirrored(sources),
            series: all,
            choices: ("Currency", choices),
            ..chart(ask, "economy", heading)
        },
        definition: ECONOMY,
    })
}

/// The greatest names as series of their own, and the others together.
fn stacked(
    days: &[EconomyDay],
    of: fn(&EconomyDay) -> &BTreeMap<Arc<str>, i64>,
    classes: [&'static str; NAMED + 1],
) -> Vec<Series> {
    let mut sums: BTreeMap<&Arc<str>, i64> = BTreeMap::new();
    for (name, amount) in days.iter().flat_map(of) {
        *sums.entry(name).or_default() += amount;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let named: Vec<&Arc<str>> = sums.iter().take(NAMED).map(|(name, _)| *name).collect();
    let amount = |name: &Arc<str>| {
        let name = Arc::clone(name);
        days.iter().map(move |day| Some(of(day).get(&name).copied().unwrap_or_default() as f64))
    };
    let one = |(name, class): (&&Arc<str>, &'static str)| {
        series(inert_attribute(name), class, amount(name))
    };
    let mut all: Vec<Series> = named.iter().zip(classes).map(one).collect();
    if sums.len() > NAMED {
        let rest = |day: &EconomyDay| -> i64 {
            of(day).iter().filter(|(name, _)| !named.contains(name)).map(|(_, amount)| amount).sum()
        };
        all.push(series("others", classes[NAMED], days.iter().map(|day| Some(rest(day) as f64))));
    }
    all
}

impl Economy {
    /// The charts of the section.
    pub fn charts(&self) -> Vec<&Chart> {
        vec![&self.course]
    }
}
