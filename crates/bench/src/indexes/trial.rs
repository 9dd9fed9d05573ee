//! What indexes buy: an empty database filled as a game would have filled it, and its indexes taken
//! away and put back.
//!
//! Only a measurement does this, on a database of its own. What is asked of the filled store is asked
//! through its traits, so that the statements are those of a server.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use scoreline_core::fold::{COARSE_GRAIN_MS, FIGURES, FINE_GRAIN_MS, Plan, ProjectionKind, Sketch};
use scoreline_core::game::Board;
use scoreline_core::id::{BoardKey, Slot};
use scoreline_core::limits::RETENTION_DAYS;
use scoreline_core::nickname::RESEMBLING_RULES;
use scoreline_core::store::{Progress, Store, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_server::Config;
use scoreline_store_postgres::{PostgresStore, Settings};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::error::{Error, Result};

/// How far back the events reach, in days: as far as a new schema has days.
pub const DAYS: i64 = 30;
/// A day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows that one statement puts in.
const STEP_ROWS: u64 = 50_000;
/// Players of the sketch that figures have.
const SEEN_PLAYERS: u64 = 5_000;
/// Shards that a few transactions at once fill.
const SHARDS: i32 = 2;
/// How long coarse figures are kept, and fine ones.
const COARSE_MS: i64 = RETENTION_DAYS as i64 * 24 * 60 * 60 * 1000;
const FINE_MS: i64 = 2 * 60 * 60 * 1000;
/// Winners of a tournament.
const WINNERS: u64 = 1_000;

/// How much a database is filled with.
pub struct TrialSizes {
    /// Players, all of them on the main board.
    pub players: u64,
    /// Events, evenly over the time.
    pub events: u64,
    /// Prizes, a thousand a tournament.
    pub prizes: u64,
    /// Dead events, as many in quarantine, and as many that wait for review.
    pub failed: u64,
}

/// What it is filled with.
pub struct TrialContent<'c> {
    /// The id of the n-th player.
    pub player: &'c (dyn Fn(u64) -> String + Sync),
    /// The player of the n-th event, prize or failure, out of the first `players`.
    pub draw: &'c (dyn Fn(u64, u64) -> u64 + Sync),
    /// Types and payloads of events, that take turns.
    pub events: &'c [(String, String)],
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// The text of a statement, which names the schema `scoreline`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $name, ".sql"))
    };
}

/// Values of a statement.
type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// A database for a measurement, with two connections of its own.
pub struct IndexTrial {
    schema: String,
    clients: [Client; 2],
}

/// An index that was taken away.
pub struct TakenIndex {
    restore: String,
}

impl IndexTrial {
    /// Begins on the PostgreSQL of the settings; answers its store, too. Fails with a conflict if the
    /// schema holds anything: a measurement spoils it.
    pub async fn begin(config: &Config) -> Result<(Arc<dyn Store>, Self)> {
        let url = config.profile.postgres().map_or("", |postgres| &postgres.url);
        let settings = Settings { namespace: config.namespace.clone(), ..Settings::new(url) };
        let store = PostgresStore::open(&settings).await?;
        let settings = Settings { statement_timeout: Duration::ZERO, ..settings };
        let clients = tokio::try_join!(
            scoreline_store_postgres::connect(&settings),
            scoreline_store_postgres::connect(&settings)
        )?;
        let trial = Self { schema: config.namespace.clone(), clients: clients.into() };
        let used = trial.clients[0].query_one(&trial.text(sql!("is_used")), &[]).await?;
        if used.get(0) {
            let cure = "this measurement fills a database of its own and takes its indexes away: \
                        name an empty one";
            let (schema, cure) = (trial.schema, cure.to_owned());
            return Err(StoreError::InUse { schema, cure }.into());
        }
        Ok((Arc::new(store), trial))
    }

    /// Fills the database. `plan` is that of a definition which was adopted before; it is outdated
    /// afterwards. Says how far it has come.
    pub async fn fill(
        &self,
        plan: &Plan,
        sizes: &TrialSizes,
        content: &TrialContent<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<()> {
        let tournaments = sizes.prizes.div_ceil(WINNERS.min(sizes.players));
        let total = 2 * sizes.players + sizes.events + sizes.prizes + 3 * sizes.failed;
        let filling = Filling { trial: self, content, progress, total, done: AtomicU64::new(0) };
        filling.players(sizes.players, main_board(plan)?).await?;
        filling.figures(figures_slot(plan)?).await?;
        let main = &plan.definition.boards[&plan.definition.game.main_board];
        filling.tournaments(tournaments, &main.without_resets()).await?;
        filling.prizes(sizes).await?;
        filling.failed(sizes).await?;
        filling.events(sizes).await?;
        let [events, failed] = [sizes.events, sizes.failed].map(signed);
        filling.run(sql!("counts"), &[&events, &failed, &failed, &failed]).await?;
        Ok(self.clients[0].batch_execute(&self.text(sql!("tidy"))).await?)
    }

    /// Takes an index away, or the constraint that it stands for.
    pub async fn take_away(&self, index: &str) -> Result<TakenIndex> {
        let name = format!("{}.{index}", self.schema);
        let found = self.clients[0].query_one(&self.text(sql!("index")), &[&name]).await?;
        let (made, constraint, table): (String, Option<String>, String) =
            (found.get(0), found.get(1), found.get(2));
        let (remove, restore) = match constraint {
            Some(constraint) => (
                format!("ALTER TABLE {table} DROP CONSTRAINT {index}"),
                format!("ALTER TABLE {table} ADD CONSTRAINT {index} {constraint}"),
            ),
            // For a partitioned table, PostgreSQL tells this of the table itself only.
            None => (format!("DROP INDEX {name}"), made.replacen(" ON ONLY ", " ON ", 1)),
        };
        self.clients[0].batch_execute(&remove).await?;
        Ok(TakenIndex { restore })
    }

    /// Puts an index back.
    pub async fn put_back(&self, taken: TakenIndex) -> Result<()> {
        Ok(self.clients[0].batch_execute(&taken.restore).await?)
    }

    /// How large an index is.
    pub async fn index_bytes(&self, index: &str) -> Result<u64> {
        let name = format!("{}.{index}", self.schema);
        let told = self.clients[0].query_one(&self.text(sql!("index_bytes")), &[&name]).await?;
        Ok(told.get::<_, i64>(0).unsigned_abs())
    }

    /// A statement with the schema of this database.
    fn text(&self, sql: &str) -> String {
        sql.replace("scoreline.", &format!("{}.", self.schema))
    }
}

/// The slot of the main board. All entries go to its first period.
fn main_board(plan: &Plan) -> Result<BoardKey> {
    let name = &plan.definition.game.main_board;
    let slot = slot_of(plan, ProjectionKind::Board, name)?;
    Ok(BoardKey { slot, period: Timestamp::EPOCH })
}

fn figures_slot(plan: &Plan) -> Result<Slot> {
    slot_of(plan, ProjectionKind::Figures, FIGURES)
}

fn slot_of(plan: &Plan, kind: ProjectionKind, name: &str) -> Result<Slot> {
    let found = plan.projection(kind, name).map(|projection| projection.slot);
    found.ok_or_else(|| Error::Unexpected(format!("the store has no projection {name}")))
}

struct Filling<'f> {
    trial: &'f IndexTrial,
    content: &'f TrialContent<'f>,
    progress: &'f (dyn Fn(Progress) + Send + Sync),
    total: u64,
    done: AtomicU64,
}

impl Filling<'_> {
    async fn run(&self, sql: &str, values: Values<'_>) -> Result<()> {
        let [client, _] = &self.trial.clients;
        client.execute(&self.trial.text(sql), values).await?;
        Ok(())
    }

    fn advance(&self, rows: usize) {
        let done = self.done.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
        (self.progress)(Progress { done, total: self.total, finished: done == self.total });
    }

    /// The players of these numbers, drawn out of the first `players`.
    fn drawn(&self, numbers: Range<u64>, players: u64) -> Vec<String> {
        let player = |n| (self.content.player)((self.content.draw)(n, players));
        numbers.map(player).collect()
    }

    async fn players(&self, players: u64, board: BoardKey) -> Result<()> {
        let (until, span_ms) = (self.content.until.as_ms(), self.span_ms());
        for step in steps(players) {
            let ids: Vec<String> = step.map(|n| (self.content.player)(n)).collect();
            self.run(sql!("players"), &[&ids, &until, &RESEMBLING_RULES]).await?;
            self.advance(ids.len());
            let values: Values<'_> =
                &[&board.slot.0, &board.period.as_ms(), &ids, &until, &span_ms];
            self.run(sql!("board"), values).await?;
            self.advance(ids.len());
        }
        Ok(())
    }

    async fn figures(&self, slot: Slot) -> Result<()> {
        let hashes = (0..SEEN_PLAYERS).map(|n| Sketch::hash(&(self.content.player)(n))).collect();
        let sketch = Sketch::from_hashes(hashes).to_bytes();
        let mut types: Vec<String> =
            self.content.events.iter().map(|(event_type, _)| event_type.clone()).collect();
        types.sort_unstable();
        types.dedup();
        // All types together.
        types.push(String::new());
        let until = self.content.until;
        for (grain_ms, kept_ms) in [(COARSE_GRAIN_MS, COARSE_MS), (FINE_GRAIN_MS, FINE_MS)] {
            let from = until.plus_ms(-kept_ms).floor_to(grain_ms).as_ms();
            let values: Values<'_> = &[&slot.0, &grain_ms, &from, &until.as_ms(), &types, &SHARDS];
            self.run(sql!("figures"), values).await?;
            self.run(sql!("figure_players"), &[&slot.0, &grain_ms, &sketch]).await?;
        }
        Ok(())
    }

    async fn tournaments(&self, tournaments: u64, board: &Board) -> Result<()> {
        let (tournaments, until) = (signed(tournaments), self.content.until.as_ms());
        let values: Values<'_> = &[&tournaments, &until, &signed(WINNERS)];
        self.run(sql!("tournaments"), values).await?;
        self.run(sql!("projections"), &[&tournaments, &board.to_text()]).await
    }

    async fn prizes(&self, sizes: &TrialSizes) -> Result<()> {
        let winners = WINNERS.min(sizes.players);
        for step in steps(sizes.prizes) {
            let tournaments: Vec<i64> = step.clone().map(|n| signed(n / winners) + 1).collect();
            let ranks: Vec<i64> = step.clone().map(|n| signed(n % winners) + 1).collect();
            // Neighbours, so that nobody wins twice in a tournament.
            let winner = |n: u64| {
                let first = (self.content.draw)(n / winners, sizes.players);
                (self.content.player)((first + n % winners) % sizes.players)
            };
            let ids: Vec<String> = step.map(winner).collect();
            self.run(sql!("prizes"), &[&tournaments, &ranks, &ids]).await?;
            self.advance(ids.len());
        }
        Ok(())
    }

    async fn failed(&self, sizes: &TrialSizes) -> Result<()> {
        let (_, payload) = self.content.events.first().ok_or_else(nothing_to_tell)?;
        for step in steps(sizes.failed) {
            let (from_ms, span_ms) = self.part(&step, sizes.failed);
            let ids = self.drawn(step, sizes.players);
            let values: Values<'_> = &[&ids, &payload.as_str(), &from_ms, &span_ms];
            self.run(sql!("dead"), values).await?;
            self.run(sql!("quarantine"), values).await?;
            self.run(sql!("reviews"), values).await?;
            self.advance(3 * ids.len());
        }
        Ok(())
    }

    async fn events(&self, sizes: &TrialSizes) -> Result<()> {
        let (types, payloads): (Vec<&str>, Vec<&str>) =
            self.content.events.iter().map(|(name, payload)| (&**name, &**payload)).unzip();
        let (types, payloads) = (&types, &payloads);
        let put = |step: Range<u64>| async move {
            let (from_ms, span_ms) = self.part(&step, sizes.events);
            let ids = self.drawn(step.clone(), sizes.players);
            let values: Values<'_> = &[&ids, types, payloads, &from_ms, &span_ms];
            let client = &self.trial.clients[usize::from(step.start / STEP_ROWS % 2 == 1)];
            client.execute(&self.trial.text(sql!("events")), values).await?;
            self.advance(ids.len());
            Ok(())
        };
        // Two at once: what makes the rows and what stores them take turns.
        stream::iter(steps(sizes.events)).map(Ok).try_for_each_concurrent(2, put).await
    }

    fn span_ms(&self) -> i64 {
        self.content.until.ms_since(self.content.from)
    }

    /// When the rows of these numbers begin, and how long they last.
    fn part(&self, step: &Range<u64>, rows: u64) -> (i64, i64) {
        let at = |n: u64| {
            let share = i128::from(self.span_ms()) * i128::from(n) / i128::from(rows.max(1));
            self.content.from.as_ms() + i64::try_from(share).expect("no longer than the span")
        };
        (at(step.start), at(step.end) - at(step.start))
    }
}

/// The numbers of `rows` rows, in parts.
fn steps(rows: u64) -> impl Iterator<Item = Range<u64>> {
    (0..rows).step_by(limit_of_step()).map(move |from| from..rows.min(from + STEP_ROWS))
}

fn limit_of_step() -> usize {
    usize::try_from(STEP_ROWS).expect("small")
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn nothing_to_tell() -> Error {
    Error::Unexpected("there is no event to fill the database with".to_owned())
}
