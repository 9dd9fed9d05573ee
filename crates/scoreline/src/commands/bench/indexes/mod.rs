//! `scoreline bench indexes`: what each index of PostgreSQL buys, and what it costs.
//!
//! An empty database is filled as months of a game would have filled it. Each index is taken away,
//! what a server asks is asked with it and without it, and it is put back.

mod batches;
mod outcome;
mod questions;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ArgMatches;
use scoreline_core::game::Definition;
use scoreline_core::store::Store;
use scoreline_core::time::Clock;
use scoreline_server::{Config, IndexTrial, SystemClock, TrialContent, TrialSizes, index_trial};
use scoreline_traffic::players::{player_id, scatter};

use super::write;
use crate::cli::EXIT_FOUND;
use crate::progress::Bar;
use batches::Batches;
use outcome::{Answered, Applied, Outcome};
use questions::{GROUPS, Group, Question, World};

/// How far back the events reach, in days: as far as a new schema has days.
const DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Kinds of events that fill the database in turns.
const KINDS: usize = 100;
/// Answers whose median counts, and how long they may take together. Some are always waited for.
const ANSWERS: usize = 101;
const ANSWERS_LEAST: u64 = 3;
const ANSWERS_TIME: Duration = Duration::from_secs(5);
/// Batches whose median counts.
const BATCHES: usize = 25;

pub async fn run(config: &Config, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let number = |name: &str| *matches.get_one::<u64>(name).expect("it has a default");
    let sizes = TrialSizes {
        players: number("players"),
        events: number("events"),
        prizes: number("prizes"),
        failed: number("events").div_ceil(100),
    };
    let Some((store, trial)) = index_trial(config).await? else {
        bail!("this measures PostgreSQL: name an empty database with DATABASE_URL");
    };
    let mut outcome = Outcome::new(SystemClock.now(), &sizes);
    let mut measurement = Measurement::prepare(store, trial, &sizes).await?;
    for group in GROUPS {
        measurement.measure(group, &mut outcome).await?;
    }
    let text = outcome.to_markdown();
    println!("{text}");
    write(matches, "json", &outcome.to_json()?)?;
    write(matches, "report", &text)?;
    Ok(if outcome.all_met() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

struct Measurement {
    trial: IndexTrial,
    world: World,
    batches: Batches,
}

impl Measurement {
    async fn prepare(
        store: Arc<dyn Store>,
        trial: IndexTrial,
        sizes: &TrialSizes,
    ) -> anyhow::Result<Self> {
        let now = SystemClock.now();
        let definition = Arc::new(Definition::sample());
        let adopted = store.adopt(Arc::clone(&definition), now).await?;
        let mut batches = Batches::new(sizes.players, now.as_ms().unsigned_abs());
        let events: Vec<(String, String)> = batches
            .next(KINDS)?
            .into_iter()
            .map(|event| (event.event_type.to_string(), event.payload.to_string()))
            .collect();
        let content = TrialContent {
            player: &player_id,
            // A session at a time.
            draw: &|n, players| scatter(n / 20) % players,
            events: &events,
            from: now.plus_ms(-DAYS * DAY_MS),
            until: now,
        };
        eprintln!(
            "Filling the database: {} players, {} events, {} prizes",
            sizes.players, sizes.events, sizes.prizes
        );
        let begun = Instant::now();
        let bar = Bar::new("rows");
        trial.fill(&adopted.plan, sizes, &content, &*bar.shower()).await?;
        bar.done();
        eprintln!("  filled within {:.0} s", begun.elapsed().as_secs_f64());
        let plan = store.plan(definition).await?;
        let world = World::new(store, plan, sizes, now).await?;
        Ok(Self { trial, world, batches })
    }

    async fn measure(&mut self, group: &Group, outcome: &mut Outcome) -> anyhow::Result<()> {
        let (indexes, questions) = (group.indexes, group.questions);
        let mut with = Vec::new();
        for question in questions {
            with.push(self.median_ms(question).await?);
        }
        let mut bytes = 0;
        for index in indexes {
            bytes += self.trial.index_bytes(index).await?;
        }
        let before_us = if group.is_written { Some(self.apply_us().await?) } else { None };
        let mut taken = Vec::new();
        for index in indexes {
            taken.push(self.trial.take_away(index).await?);
        }
        for (question, with_ms) in questions.iter().zip(with) {
            let without_ms = self.median_ms(question).await?;
            outcome.note(Answered::new(group, question, bytes, with_ms, without_ms));
        }
        let without_us = if group.is_written { Some(self.apply_us().await?) } else { None };
        for index in taken {
            self.trial.put_back(index).await?;
        }
        if let (Some(before_us), Some(without_us)) = (before_us, without_us) {
            // Before and after, so that what else changed meanwhile weighs on both sides.
            let with_us = f64::midpoint(before_us, self.apply_us().await?);
            outcome.note_applied(Applied::new(group, with_us, without_us));
        }
        Ok(())
    }

    /// The median time of an answer about changing keys. The first ones fill caches.
    async fn median_ms(&self, question: &Question) -> anyhow::Result<f64> {
        let ask = |n| async move {
            let begun = Instant::now();
            self.world.ask(question.what, scatter(n)).await.context(question.text)?;
            Ok::<_, anyhow::Error>(begun.elapsed())
        };
        for n in 0..2 {
            ask(n).await?;
        }
        let (begun, mut times) = (Instant::now(), Vec::new());
        for n in 2.. {
            times.push(ask(n).await?);
            let is_enough = n > ANSWERS_LEAST && begun.elapsed() > ANSWERS_TIME;
            if times.len() >= ANSWERS || is_enough {
                break;
            }
        }
        Ok(median(times).as_secs_f64() * 1_000.0)
    }

    /// The median time that an event takes to be stored and applied, in batches as large as a
    /// worker's.
    async fn apply_us(&mut self) -> anyhow::Result<f64> {
        let mut times = Vec::new();
        for _ in 0..BATCHES {
            let batch = self.batches.batch()?;
            let events = batch.events.len() as f64;
            let begun = Instant::now();
            let now = SystemClock.now();
            self.world.store.apply(Arc::clone(&self.world.plan), batch, now).await?;
            times.push(begun.elapsed().div_f64(events));
        }
        Ok(median(times).as_secs_f64() * 1e6)
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
