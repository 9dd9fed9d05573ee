//! The days that raw events lie in: made ahead, dropped when they are empty and over.
//!
//! A day is made long before its first event. Where that failed for a week, nothing is lost: its
//! events go to the partition of absurd times, and move when the day is made.

use std::collections::BTreeSet;

use scoreline_core::store::{Result, StoreError};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::rows;
use crate::session::{Session, Tx, View, sql};
use crate::value::values;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A day and the name of its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day(Timestamp);

impl Day {
    fn of(time: Timestamp) -> Self {
        Self(time.floor_to(DAY_MS))
    }

    fn plus(self, days: i64) -> Self {
        Self(self.0.plus_ms(days * DAY_MS))
    }

    /// Its date without dashes, as in `events_20261126`.
    fn name(self) -> String {
        self.0.to_string().chars().take(10).filter(char::is_ascii_digit).collect()
    }

    /// The day of a partition.
    fn of_partition(name: &str) -> Option<Self> {
        let date = name.strip_prefix("events_")?;
        let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..8)?);
        Timestamp::parse(&format!("{year}-{month}-{day}")).map(Self)
    }

    /// A statement about its partition.
    fn fill(self, sql: &str) -> String {
        sql.replace("{day}", &self.name())
            .replace("{from}", &self.0.as_ms().to_string())
            .replace("{until}", &self.plus(1).0.as_ms().to_string())
    }
}

/// Makes the days around today that are missing, by the clock of the database.
///
/// Before a day is made, it must be certain that none of its events lies in the partition of absurd times, which
/// may be large. Of days ahead this is proved beforehand, while everybody goes on writing: nothing of theirs
/// comes there meanwhile.
pub(crate) async fn make_ahead(database: &Database) -> Result<()> {
    let session = database.session().await?;
    let today = Day::of(session.only(sql!("partition/today"), values![], rows::read).await?);
    let wanted: Vec<Day> = database.days().map(|days| today.plus(days)).collect();
    let there = made(&session).await?;
    drop(session);
    let missing: Vec<Day> = wanted.into_iter().filter(|day| !there.contains(day)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // Events of tomorrow may come today, from a node whose clock is ahead.
    let ahead: Vec<Day> = missing.iter().copied().filter(|day| *day > today.plus(1)).collect();
    keep_out(database, &ahead).await?;
    let proved = prove_absent(database, &ahead).await?;
    let tx = begin(database).await?;
    // Another node may have been faster.
    let there = made(&tx).await?;
    tx.run(sql!("partition/lock_absurd")).await?;
    let mut statements = Vec::new();
    for day in missing.into_iter().filter(|day| !there.contains(day)) {
        statements.push(day.fill(sql!("partition/create")));
        if !proved.contains(&day) {
            statements.push(day.fill(sql!("partition/let_in")));
            statements.push(day.fill(sql!("partition/move")));
        }
        statements.push(day.fill(sql!("partition/attach")));
        statements.push(day.fill(sql!("partition/let_in")));
    }
    tx.run(&statements.join("\n")).await?;
    tx.commit().await
}

/// Forbids events of these days, as far as they are still missing, in the partition of absurd times.
async fn keep_out(database: &Database, days: &[Day]) -> Result<()> {
    if days.is_empty() {
        return Ok(());
    }
    let tx = begin(database).await?;
    let there = made(&tx).await?;
    let missing = days.iter().filter(|day| !there.contains(day));
    let statements: Vec<String> = missing.map(|day| day.fill(sql!("partition/keep_out"))).collect();
    if !statements.is_empty() {
        tx.run(&statements.join("\n")).await?;
    }
    tx.commit().await
}

/// Looks through the partition of absurd times, beside those who write to it. Answers of which of these days
/// there certainly are no events.
async fn prove_absent(database: &Database, days: &[Day]) -> Result<Vec<Day>> {
    let mut proved = Vec::new();
    for day in days {
        let tx = database.begin_long(View::Moving).await?;
        tx.execute(sql!("state/lock_exclusive"), values![database.locks.schema()]).await?;
        tx.run("SET LOCAL lock_timeout = 500").await?;
        let kept_out: Vec<String> =
            tx.list(sql!("partition/kept_out"), values![], rows::read).await?;
        // Where it is missing, another node has made the day.
        if !kept_out.contains(&day.fill("without_{day}")) {
            continue;
        }
        match tx.run(&day.fill(sql!("partition/prove"))).await {
            Ok(()) => {
                tx.commit().await?;
                proved.push(*day);
            }
            // There are some. They move while everybody waits.
            Err(StoreError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(proved)
}

/// Makes the days of events that another store kept, in the transaction that brings them, which holds
/// the lock of the schema.
pub(crate) async fn make(tx: &Tx, days: &BTreeSet<Timestamp>) -> Result<()> {
    let there = made(tx).await?;
    let missing = days.iter().map(|time| Day::of(*time)).filter(|day| !there.contains(day));
    let steps = [sql!("partition/create"), sql!("partition/move"), sql!("partition/attach")];
    let statements: Vec<String> =
        missing.flat_map(|day| steps.map(|step| day.fill(step))).collect();
    if statements.is_empty() { Ok(()) } else { tx.run(&statements.join("\n")).await }
}

/// Drops the days that end before `before` and hold nothing any more.
pub(crate) async fn drop_empty(database: &Database, before: Timestamp) -> Result<()> {
    let session = database.session().await?;
    let mut empty = Vec::new();
    for day in made(&session).await? {
        if day.plus(1).0 <= before && is_empty(&session, day).await? {
            empty.push(day);
        }
    }
    drop(session);
    if empty.is_empty() {
        return Ok(());
    }
    let tx = begin(database).await?;
    // The parent is locked before the day, in the order of transactions that write.
    tx.run(sql!("partition/lock_all")).await?;
    let there = made(&tx).await?;
    for day in empty.into_iter().filter(|day| there.contains(day)) {
        // From here on nobody can write to this day; somebody may have done so just before.
        tx.run(&day.fill("LOCK TABLE scoreline.events_{day} IN ACCESS EXCLUSIVE MODE")).await?;
        if is_empty(&tx, day).await? {
            tx.run(&day.fill(sql!("partition/drop"))).await?;
        }
    }
    tx.commit().await
}

/// A transaction that gives up rather than stop everybody behind a lock it waits for.
async fn begin(database: &Database) -> Result<Tx> {
    let tx = database.begin(View::Moving).await?;
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.schema()]).await?;
    tx.run("SET LOCAL lock_timeout = 500").await?;
    Ok(tx)
}

async fn made(session: &Session) -> Result<Vec<Day>> {
    let names: Vec<String> = session.list(sql!("partition/list"), values![], rows::read).await?;
    Ok(names.iter().filter_map(|name| Day::of_partition(name)).collect())
}

async fn is_empty(session: &Session, day: Day) -> Result<bool> {
    // Sent whole: a day comes and goes, and is not worth a statement that is kept.
    let sql = day.fill(sql!("partition/is_empty"));
    session.tell(&sql).await.map(|answer| answer == "t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_by_its_date() {
        let day = Day::of(Timestamp::parse("2026-03-09T23:59:59Z").expect("a time"));
        assert_eq!(day.name(), "20260309");
        assert_eq!(Day::of_partition("events_20260309"), Some(day));
        assert_eq!(Day::of_partition("events_absurd"), None);
        assert_eq!(
            day.fill("{day}: {from} to {until}"),
            "20260309: 1773014400000 to 1773100800000"
        );
    }
}
