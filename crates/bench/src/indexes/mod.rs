//! What each index of PostgreSQL buys and costs.
//!
//! An empty database is filled as a month of a game would have filled it. Each index is taken away,
//! what a server asks is asked with it and without it, and it is put back.

mod questions;
mod trial;

use std::sync::Arc;
use std::time::{Duration, Instant};

use scoreline_core::game::Definition;
use scoreline_core::limits::QUEUE_CLAIM_EVENTS_MAX;
use scoreline_core::store::{Batch, Progress, Store};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::{Config, SystemClock};
use scoreline_traffic::players::{player_id, scatter};
use scoreline_traffic::report::{Bound, Report, Table};

use crate::error::{Error, Result};
use crate::shared::ceilings::Source;
use crate::shared::database::settings_of;
use crate::shared::servers;
use questions::{GROUPS, Group, Question, World};
use trial::{DAY_MS, DAYS, IndexTrial, TrialContent, TrialSizes};

/// Kinds of events that fill the database in turns.
const KINDS: usize = 100;
/// Events of a player that come one after the other.
const SESSION_EVENTS: u64 = 20;
/// From this size on an index is expected to show what it is worth.
const LARGE: u64 = 1_000_000;
/// Answers whose median counts, and how long they may take together. Some are always waited for.
const ANSWERS: usize = 101;
const ANSWERS_LEAST: usize = 3;
const ANSWERS_TIME: Duration = Duration::from_secs(5);
/// How many batches the median is taken of.
const BATCHES: usize = 25;

/// What is to be measured.
pub struct Options {
    /// Players, all of them on the main board.
    pub players: u64,
    /// Stored events; one in a hundred more is dead, and as many are in quarantine.
    pub events: u64,
    /// Prizes.
    pub prizes: u64,
    /// Whom to tell how it goes.
    pub note: crate::Note,
    /// Told how far the filling of the database has come, in rows.
    pub progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

/// Measures the empty database of the settings or, if they name none, one of a server of its own.
pub async fn measure(config: &Config, options: &Options) -> Result<Report> {
    if config.profile.postgres().is_some() {
        return measure_database(config, options).await;
    }
    let postgres = servers::postgres()?;
    let database = servers::database(&postgres, "bench_indexes").await?;
    measure_database(&settings_of(&database.url)?, options).await
}

async fn measure_database(config: &Config, options: &Options) -> Result<Report> {
    let sizes = TrialSizes {
        players: options.players,
        events: options.events,
        prizes: options.prizes,
        failed: options.events.div_ceil(100),
    };
    let trial = IndexTrial::begin(config).await?;
    let mut measurement = Measurement::prepare(trial, sizes, options).await?;
    for group in GROUPS {
        measurement.group(group).await?;
    }
    let Measurement { mut report, answers, prices, .. } = measurement;
    report.tables.extend([answers, prices]);
    Ok(report)
}

struct Measurement {
    note: crate::Note,
    trial: IndexTrial,
    sizes: TrialSizes,
    world: World,
    events: Source,
    report: Report,
    answers: Table,
    prices: Table,
}

/// The events that a database is filled with up to `now`.
async fn fill(
    (store, trial): (&Arc<dyn Store>, &IndexTrial),
    sizes: &TrialSizes,
    events: &mut Source,
    (now, progress): (Timestamp, &(dyn Fn(Progress) + Send + Sync)),
) -> Result<f64> {
    let definition = Arc::new(Definition::sample());
    let adopted = store.adopt(definition, now).await?;
    let events: Vec<(String, String)> = events
        .events(KINDS)?
        .into_iter()
        .map(|event| (event.event_type.to_string(), event.payload.to_string()))
        .collect();
    let content = TrialContent {
        player: &player_id,
        draw: &|n, players| scatter(n / SESSION_EVENTS) % players,
        events: &events,
        from: now.plus_ms(-DAYS * DAY_MS),
        until: now,
    };
    let begun = Instant::now();
    trial.fill(&adopted.plan, sizes, &content, progress).await?;
    Ok(begun.elapsed().as_secs_f64())
}

impl Measurement {
    async fn prepare(
        (store, trial): (Arc<dyn Store>, IndexTrial),
        sizes: TrialSizes,
        options: &Options,
    ) -> Result<Self> {
        let note = options.note;
        let now = SystemClock.now();
        let TrialSizes { players, events: stored, prizes, failed } = sizes;
        let mut events = Source::new(20, players, now.as_ms().unsigned_abs());
        note(format_args!(
            "Filling a database: {players} players, {stored} events, {prizes} prizes"
        ));
        let seconds =
            fill((&store, &trial), &sizes, &mut events, (now, &*options.progress)).await?;
        note(format_args!("  filled within {seconds:.0} s"));
        let plan = store.plan(Arc::new(Definition::sample())).await?;
        let world = World::new(store, plan, &sizes, now)?;
        let mut report = Report { started_at: now.to_string(), ..Report::default() };
        for (name, value) in [
            ("players on the main board", players),
            ("events stored", stored),
            ("prizes", prizes),
            ("dead events, and as many in quarantine", failed),
        ] {
            report.setting.insert(name.to_owned(), value.to_string());
        }
        let answers = Table::new(
            "median of an answer",
            &["index, MB", "with it, ms", "without it, ms", "ratio"],
        );
        let prices = Table::new(
            "an applied event",
            &["with it, µs", "without it, µs", "throughput with it, share"],
        );
        Ok(Self { note, trial, sizes, world, events, report, answers, prices })
    }

    /// Measures indexes that are taken away together.
    async fn group(&mut self, group: &Group) -> Result<()> {
        let mut with = Vec::new();
        for question in group.questions {
            with.push(self.median_ms(question).await?);
        }
        let mut bytes = 0;
        for index in group.indexes {
            bytes += self.trial.index_bytes(index).await?;
        }
        let with_us = if group.is_written { Some(self.apply_us().await?) } else { None };
        let mut taken = Vec::new();
        for index in group.indexes {
            taken.push(self.trial.take_away(index).await?);
        }
        for (question, with_ms) in group.questions.iter().zip(with) {
            let without_ms = self.median_ms(question).await?;
            self.note_answer(group, question, (bytes, with_ms, without_ms));
        }
        let without_us = if group.is_written { Some(self.apply_us().await?) } else { None };
        for index in taken {
            self.trial.put_back(index).await?;
        }
        if let (Some(before_us), Some(without_us)) = (with_us, without_us) {
            // With the index, before and after: whatever else changes during the measurement then
            // weighs on both sides.
            let with_us = f64::midpoint(before_us, self.apply_us().await?);
            self.note_price(group, with_us, without_us);
        }
        Ok(())
    }

    fn note_answer(
        &mut self,
        group: &Group,
        question: &Question,
        (bytes, with_ms, without_ms): (u64, f64, f64),
    ) {
        let (family, text) = (question.family.text(), question.text);
        let ratio = without_ms / with_ms;
        (self.note)(format_args!(
            "  {text}: {with_ms:.2} ms, without the index {without_ms:.2} ms"
        ));
        let case = format!("{family}: {text} ({})", group.names());
        self.answers.add(&case, &[bytes as f64 / 1e6, with_ms, without_ms, ratio]);
        if let Some(expected) = question.family.expected()
            && is_large(&self.sizes)
        {
            let name = format!("{text}, times as fast");
            self.report.expect(&name, ratio, Bound::AtLeast(expected));
        }
    }

    fn note_price(&mut self, group: &Group, with_us: f64, without_us: f64) {
        let names = group.names();
        (self.note)(format_args!(
            "  {names}: {with_us:.1} µs an applied event, without {without_us:.1} µs"
        ));
        self.prices.add(&names, &[with_us, without_us, without_us / with_us]);
    }

    /// The median time of an answer about changing keys. The first ones fill caches.
    async fn median_ms(&self, question: &Question) -> Result<f64> {
        let ask = |n| async move {
            let begun = Instant::now();
            let answered = self.world.ask(question.what, scatter(n)).await;
            answered.map_err(Error::unexpected(question.text))?;
            Ok::<_, Error>(begun.elapsed())
        };
        for n in 0..2 {
            ask(n).await?;
        }
        let (begun, mut times) = (Instant::now(), Vec::new());
        for n in 2.. {
            times.push(ask(n).await?);
            let took_long = times.len() >= ANSWERS_LEAST && begun.elapsed() > ANSWERS_TIME;
            if times.len() >= ANSWERS || took_long {
                break;
            }
        }
        Ok(median(times).as_secs_f64() * 1_000.0)
    }

    /// The median time that an event takes to be stored and applied, in batches as large as a
    /// worker's, one after the other.
    async fn apply_us(&mut self) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..BATCHES {
            let events = self.events.events(QUEUE_CLAIM_EVENTS_MAX)?;
            let count = events.len() as f64;
            let batch = Batch { events, ..Batch::default() };
            let begun = Instant::now();
            let now = SystemClock.now();
            self.world.store.apply(Arc::clone(&self.world.plan), batch, now).await?;
            times.push(begun.elapsed().div_f64(count));
        }
        Ok(median(times).as_secs_f64() * 1e6)
    }
}

/// Whether what was measured says something.
fn is_large(sizes: &TrialSizes) -> bool {
    sizes.players.min(sizes.events).min(sizes.prizes) >= LARGE
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
