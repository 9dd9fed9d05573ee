//! Every figure that a store counts, beside what the oracle says of the same days.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use scoreline_core::analytics::figures;
use scoreline_core::analytics::{By, CounterRow, Day, DayRange, Dimension};
use scoreline_core::fold::{ANALYTICS, Plan, ProjectionKind};
use scoreline_core::store::Store;
use scoreline_core::time::Timestamp;
use serde_json::Value;

/// Rows as the oracle writes them: a text a row, fields apart by a blank.
fn rows(told: &Value, name: &str) -> Vec<String> {
    let rows = told[name].as_array().unwrap_or_else(|| panic!("{name} is told"));
    let row = |row: &Value| {
        let fields = row.as_array().expect("a row").iter();
        let text = |field: &Value| field.as_str().map_or_else(|| field.to_string(), str::to_owned);
        fields.map(text).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(row).collect()
}

fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<String> {
    rows.into_iter().map(|fields| fields.join(" ")).collect()
}

fn same(name: &str, told: &Value, found: &[String]) {
    let expected = rows(told, name);
    let mut report = String::new();
    for (expected, found) in expected.iter().zip(found).filter(|(a, b)| a != b).take(5) {
        let _ = writeln!(report, "expected {expected}, found {found}");
    }
    assert!(expected == found, "{name}: {} rows, {} found\n{report}", expected.len(), found.len());
    assert!(expected.len() > 5, "{name} tells too little: {expected:?}");
}

/// Compares all figures until `until`.
pub async fn agree(store: &dyn Store, plan: &Plan, until: Timestamp, told: &Value) {
    let days = DayRange {
        from: Day::parse("2026-10-24").expect("a day"),
        until: plan.definition.analytics.calendar().day(until),
    };
    let slot = plan.shown(ProjectionKind::Analytics, ANALYTICS).expect("analytics").slot;
    let ask = async |queries| store.counters(slot, queries).await.expect("answers");

    let (active, _) =
        figures::active(By::All, days, &ask(figures::active_queries(By::All, days)).await);
    let there = || active.iter().filter(|one| one.dau > 0);
    same("dau", told, &lines(there().map(|one| [one.day.to_string(), one.dau.to_string()])));
    same("wau", told, &lines(there().map(|one| [one.day.to_string(), one.wau.to_string()])));
    same("mau", told, &lines(there().map(|one| [one.day.to_string(), one.mau.to_string()])));
    let new = there().filter(|one| one.new > 0);
    same("new", told, &lines(new.map(|one| [one.day.to_string(), one.new.to_string()])));

    let cohorts =
        figures::retention(days, days.until, &ask(figures::retention_queries(days)).await);
    let returned = cohorts.iter().flat_map(|cohort| {
        let returned = cohort.returned.iter().filter(|(_, count)| **count > 0);
        returned
            .map(|(after, count)| [cohort.day.to_string(), after.to_string(), count.to_string()])
    });
    same("returned", told, &lines(returned));

    for (name, dimension) in
        [("platforms", Dimension::Platform), ("countries_wau", Dimension::Country)]
    {
        let by = By::Dimension(dimension);
        let (mut split, _) =
            figures::active(by, days, &ask(figures::active_queries(by, days)).await);
        split.sort_by(|a, b| (&a.value, a.day).cmp(&(&b.value, b.day)));
        let count = |one: &figures::ActiveDay| if name == "platforms" { one.dau } else { one.wau };
        let last = active.iter().rev().find(|one| one.dau > 0).expect("some played").day;
        let there = split.iter().filter(|one| count(one) > 0 && one.day <= last);
        same(
            name,
            told,
            &lines(
                there.map(|one| {
                    [one.value.to_string(), one.day.to_string(), count(one).to_string()]
                }),
            ),
        );
    }
    check_sessions(told, &ask(figures::sessions_queries(By::All, days)).await, days);
    check_money(told, &ask(figures::revenue_queries(By::All, days)).await, days);

    let coins: Arc<str> = Arc::from("coins");
    let economy = figures::economy(days, &ask(figures::economy_queries(&coins, days)).await);
    let flows = economy.iter().flat_map(|one| {
        let named = |kind: &'static str| {
            move |(name, amount): (&Arc<str>, &i64)| {
                [one.day.to_string(), kind.to_owned(), name.to_string(), amount.to_string()]
            }
        };
        let earned = one.by_source.iter().map(named("currency_earned"));
        earned.chain(one.by_sink.iter().map(named("currency_spent")))
    });
    same("economy", told, &lines(flows));

    let levels = plan.definition.analytics.funnels.iter().find(|one| &*one.name == "levels");
    let levels = levels.expect("the sample game has levels");
    let steps = figures::funnel(levels, &ask(figures::funnel_queries(&levels.name, days)).await);
    let reached = steps.iter().filter(|step| step.players > 0);
    same(
        "levels",
        told,
        &lines(reached.map(|step| [step.number.to_string(), step.players.to_string()])),
    );
}

/// Counts and sums are exact; medians are as near as they promise.
fn check_sessions(told: &Value, answers: &[Vec<CounterRow>], days: DayRange) {
    let (found, _) = figures::sessions(By::All, days, answers);
    let found: BTreeMap<String, _> = found.iter().map(|one| (one.day.to_string(), one)).collect();
    let rows = told["sessions"].as_array().expect("rows");
    assert!(rows.len() > 25, "{} days", rows.len());
    for row in rows {
        let day = row[0].as_str().expect("a day");
        let one = found[day];
        assert_eq!(Some(one.sessions), row[1].as_i64(), "sessions on {day}");
        let sum_ms = row[2].as_f64().expect("a sum");
        assert!((one.length_seconds.sum - sum_ms / 1_000.0).abs() < 0.001, "{day}");
        for (about, exact) in [(one.length_seconds.p50, &row[3]), (one.length_seconds.p90, &row[4])]
        {
            let exact = exact.as_f64().expect("a length") / 1_000.0;
            let off = (about.expect("there are sessions") - exact).abs();
            assert!(off <= (exact * 0.032).max(1.0), "{day}: {about:?} for {exact}");
        }
    }
    assert_eq!(found.values().filter(|one| one.sessions > 0).count(), rows.len());
}

fn check_money(told: &Value, answers: &[Vec<CounterRow>], days: DayRange) {
    // In cents: a scale of 1 leaves them as they are.
    let (found, _) = figures::revenue(By::All, days, 1, answers);
    let paid = found.iter().filter(|one| one.purchases > 0);
    let rows = paid.map(|one| {
        let cents = format!("{:.0}", one.revenue);
        [one.day.to_string(), cents, one.purchases.to_string(), one.payers.to_string()]
    });
    same("revenue", told, &lines(rows));
    let first = found.iter().filter(|one| one.first_purchases > 0);
    same(
        "first_purchases",
        told,
        &lines(first.map(|one| [one.day.to_string(), one.first_purchases.to_string()])),
    );
}
