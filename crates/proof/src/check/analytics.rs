//! Figures: active players by day, retention, and how many events of each type counted.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::Truth;
use crate::api::Api;
use crate::error::Result;
use crate::findings::Findings;
use crate::reference::days::Days;

const ACTIVE: &str = "days, with daily, weekly, monthly, new and returning players";
const RETENTION: &str = "cohorts, with their size and who came back after 1, 3, 7, 14 and 30 days";
const COUNTS: &str = "types of events, by how many counted";
const LEFT: &str = "events that are dead or wait";
/// Days after the first on which it is counted who came back.
const AFTER: [i32; 5] = [1, 3, 7, 14, 30];
/// Days that one question may be about.
const DAYS_MAX: i32 = 400;

/// Compares the figures of all days, of a server on which nobody else plays.
pub(crate) async fn check(truth: &Truth, findings: &mut Findings) -> Result<()> {
    let mut api = Api::new(&truth.target);
    let mut days = Days::new(truth.shape.definition.analytics.zone.clone());
    let mut counted = vec![0_u64; truth.shape.types.len()];
    for ledger in truth.ledgers.iter() {
        let ledger = ledger.lock();
        days.join(&ledger.days);
        counted.iter_mut().zip(&ledger.counted).for_each(|(all, more)| *all += more);
    }
    let unsure: u64 = truth.ledgers.iter().map(|ledger| ledger.lock().unsure_days).sum();
    if unsure > 0 {
        findings.leave_out(ACTIVE);
        findings.leave_out(RETENTION);
    } else {
        check_days(&mut api, &days, findings).await?;
    }
    let figures = api.figures().await?;
    let is: BTreeMap<String, u64> =
        figures.event_types.into_iter().map(|one| (one.event_type, one.count)).collect();
    for (one, must_be) in truth.shape.types.iter().zip(&counted) {
        let found = is.get(&*one.name).copied().unwrap_or(0);
        findings.same(COUNTS, || one.name.to_string(), (found, *must_be));
    }
    let all: u64 = counted.iter().sum();
    findings.same(COUNTS, || "all types".to_owned(), (figures.summary.total, all));
    let left = figures.summary.failed + figures.summary.pending;
    findings.same(LEFT, || "now".to_owned(), (left, 0));
    Ok(())
}

async fn check_days(api: &mut Api, days: &Days, findings: &mut Findings) -> Result<()> {
    let Some((first, last)) = days.span() else { return Ok(()) };
    let first = first.max(last.saturating_sub(DAYS_MAX.days()).tomorrow().unwrap_or(last));
    let (from, until) = (first.to_string(), last.to_string());
    for told in api.active(&from, &until).await? {
        let Ok(day) = told.day.parse::<Date>() else { continue };
        let is = [told.dau, told.wau, told.mau, told.new, told.returning];
        findings.same(ACTIVE, || told.day.clone(), (is, active(days, day)));
    }
    for told in api.retention(&from, &until).await? {
        let Ok(day) = told.day.parse::<Date>() else { continue };
        let is = (told.size, told.returned);
        findings.same(RETENTION, || told.day.clone(), (is, cohort(days, day)));
    }
    Ok(())
}

fn active(days: &Days, day: Date) -> [u64; 5] {
    let within = |length: i32| days.within(day.saturating_sub((length - 1).days()), day).count();
    let (dau, new) = (days.on(day).count(), days.new_on(day).count());
    [dau, within(7), within(30), new, dau - new]
}

fn cohort(days: &Days, day: Date) -> (u64, BTreeMap<String, u64>) {
    let new = days.new_on(day);
    let returned = AFTER.map(|after| {
        let there = days.on(day.saturating_add(after.days()));
        (after.to_string(), new.both(&there).count())
    });
    (new.count(), returned.into_iter().collect())
}
