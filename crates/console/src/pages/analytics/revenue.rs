//! Money.

use scoreline_core::analytics::figures::{REVENUE, RevenueDay};

use super::asked::Ask;
use super::days::{chart, series};
use super::found::Found;
use crate::charts::{Chart, Kind};
use crate::compare::{Fact, delta_on, facts};
use crate::html::Html;
use crate::words;

/// The section.
pub(super) struct Revenue {
    pub facts: Html,
    pub course: Chart,
    pub payers: Chart,
    pub definition: &'static str,
}

/// The section; `None` of a game that names no purchases.
pub(super) fn section(ask: &Ask, found: &Found) -> Option<Revenue> {
    let currency = &found.meaning.revenue.as_ref()?.currency;
    let of = |value: fn(&RevenueDay) -> Option<f64>| {
        ask.days.days().map(move |day| found.revenue.get(&day).and_then(value))
    };
    let count = |value: fn(&RevenueDay) -> i64| {
        ask.days.days().map(move |day| found.revenue.get(&day).map(|one| value(one) as f64))
    };
    Some(Revenue {
        facts: facts(&figures(ask, found, currency)),
        course: Chart {
            about: "The sum of the purchases that the definition names. As devices report it: receipts are not \
                    verified, store fees and taxes not taken off."
                .to_owned(),
            unit: currency.clone().into(),
            kind: Kind::Bars,
            series: vec![series("revenue", "f-s1", of(|one| Some(one.revenue)))],
            write: words::money,
            ..chart(ask, "revenue", "Revenue")
        },
        payers: Chart {
            about: "Different players with a purchase on the day; first: never before.".to_owned(),
            unit: "players".into(),
            series: vec![
                series("payers", "a", count(|one| one.payers)),
                series("first purchases", "d", count(|one| one.first_purchases)),
            ],
            ..chart(ask, "payers", "Payers")
        },
        definition: REVENUE,
    })
}

/// The last whole day against the day before and a week before.
fn figures(ask: &Ask, found: &Found, currency: &str) -> Vec<Fact> {
    let day = ask.whole_day();
    let fact = |name: &'static str,
                unit: &str,
                of: &dyn Fn(&RevenueDay) -> f64,
                write: fn(f64) -> String| {
        let value = |back: i32| found.revenue.get(&day.plus(-back)).map_or(0.0, of);
        let lines = vec![
            delta_on(value(0), value(1), &words::weekday(day.plus(-1))),
            delta_on(value(0), value(7), &words::weekday(day.plus(-7))),
        ];
        Fact { name: name.into(), value: write(value(0)), unit: unit.to_owned(), lines }
    };
    let dau = |one: &RevenueDay| found.active.get(&one.day).map_or(0, |day| day.dau);
    let conversion = |one: &RevenueDay| match dau(one) {
        0 => 0.0,
        dau => 100.0 * one.payers as f64 / dau as f64,
    };
    let rounded: fn(f64) -> String = |value| words::number((value * 100.0).round() / 100.0);
    let exact: fn(f64) -> String = |value| format!("{value:.3}");
    vec![
        fact("Revenue", currency, &|one| one.revenue, words::money),
        fact("ARPDAU", currency, &|one| one.arpdau.unwrap_or_default(), exact),
        fact("ARPPU", currency, &|one| one.arppu.unwrap_or_default(), words::money),
        fact("Payers", "", &|one| one.payers as f64, words::number),
        fact("Payers of all active", "%", &conversion, rounded),
    ]
}

impl Revenue {
    /// The charts of the section.
    pub fn charts(&self) -> Vec<&Chart> {
        vec![&self.course, &self.payers]
    }
}
