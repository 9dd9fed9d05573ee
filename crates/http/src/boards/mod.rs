//! Reading boards: pages, single players, neighbours and friends, of boards and of tournaments.
//!
//! Everything that shows ranks asks [`Boards`], which reads what this node holds in memory. While the
//! database is away, that is as of the last commit that was heard, and the answer says how old it is.

mod alias;
mod periods;
mod row;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use scoreline_core::fold::{BoardChange, Plan, ProjectionKind};
use scoreline_core::game::Board;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::operations::Operations;
use scoreline_core::rank::{OwnPlace, Place, with_own};
use scoreline_core::store::{BoardStore, ReviewStore};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Tournament;
use scoreline_ranking::{Aged, Ranks};

pub(crate) use self::alias::Aliases;
use self::periods::Periods;
pub use self::row::Row;
use crate::database::Database;
use crate::problem::{Problem, Slug};

/// How long the first rows of a board may be reused. A score is seen within 1 s of its
/// acknowledgement, whatever else adds to this.
const PAGE_KEPT: Duration = Duration::from_millis(250);
/// Rows of pages that are remembered: about 10 MB.
const PAGE_ROWS_MAX: u64 = 50_000;

/// Of how many players on boards it is remembered what of theirs waits for review.
const HELD_MAX: u64 = 10_000;
/// And how long, if nothing is heard of the player meanwhile.
const HELD_KEPT: Duration = Duration::from_secs(60);

/// What more counts in the eyes of a player on a board, by the version of the plan in force, board, and when
/// something was heard of what waits of the player; that tells players apart, too.
type HeldOn = Cache<(i64, BoardKey, u64), Option<Arc<BoardChange>>>;

/// Pages of boards, by the version of the plan in force, board, offset and limit: another definition may
/// show the same rows differently.
type Pages = Cache<(i64, BoardKey, u64, usize), Arc<Excerpt>>;

/// Reads boards.
pub struct Boards {
    store: Arc<dyn BoardStore>,
    reviews: Arc<dyn ReviewStore>,
    ranks: Arc<Ranks>,
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
    database: Arc<Database>,
    aliases: Option<Aliases>,
    periods: Periods,
    pages: Pages,
    held_on: HeldOn,
}

/// What is ranked: a period of a board, or a tournament.
pub struct Ranking {
    plan: Arc<Plan>,
    board: Arc<Board>,
    key: BoardKey,
    is_outdated: bool,
    /// Whether it is settled who stands where, whatever counts from now on.
    is_final: bool,
}

impl Ranking {
    /// The board whose measure ranks the players.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Whether this is what the board was before its meaning changed: it is shown until the new one is
    /// filled from history.
    pub fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// When the period began; `None` for a board that never resets, and for a period in which nobody
    /// played.
    pub fn period(&self) -> Option<Timestamp> {
        let resets = self.board().reset.is_some();
        resets.then_some(self.key.period).filter(|period| *period > Timestamp::MIN)
    }
}

/// Which period of a board is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// The one that is running.
    Current,
    /// The last one before it in which somebody played.
    Previous,
    /// The one that began then.
    At(Timestamp),
}

/// Some rows of a ranking, and how right they are.
#[derive(Debug, Default)]
pub struct Excerpt {
    /// The rows, best first.
    pub rows: Vec<Row>,
    /// How many players the whole ranking holds.
    pub total: u64,
    /// Milliseconds since all this was exact, at most; 0 while the database is heard.
    pub age_ms: i64,
}

/// What it takes to read boards.
pub(crate) struct BoardSources {
    /// Knows which periods there are.
    pub store: Arc<dyn BoardStore>,
    /// Knows which events wait for review.
    pub reviews: Arc<dyn ReviewStore>,
    /// The boards in memory.
    pub ranks: Arc<Ranks>,
    /// Knows which boards there are.
    pub operations: Arc<dyn Operations>,
    /// Tells which period is running.
    pub clock: Arc<dyn Clock>,
    /// Knows whether the store is away.
    pub database: Arc<Database>,
    /// What players are called in public, where that is not their ids.
    pub aliases: Option<Aliases>,
}

/// Pages differ a thousandfold in size, so that their rows are what is limited.
fn pages() -> Pages {
    let rows = |page: &Arc<Excerpt>| u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    Cache::builder()
        .weigher(move |_, page| rows(page).saturating_add(1))
        .max_capacity(PAGE_ROWS_MAX)
        .time_to_live(PAGE_KEPT)
        .build()
}

impl Boards {
    /// Reads boards from these sources.
    pub(crate) fn new(sources: BoardSources) -> Self {
        let BoardSources { store, reviews, ranks, operations, clock, database, aliases } = sources;
        let held_on = Cache::builder().max_capacity(HELD_MAX).time_to_live(HELD_KEPT).build();
        let (pages, periods) =
            (pages(), Periods::new(Arc::clone(&store), Arc::clone(&ranks), Arc::clone(&database)));
        Self {
            store,
            reviews,
            ranks,
            operations,
            clock,
            database,
            aliases,
            periods,
            pages,
            held_on,
        }
    }

    /// The main board of the game.
    pub async fn main(&self) -> Result<Ranking, Problem> {
        let main = Arc::clone(&self.operations.plan().definition.game.main_board);
        self.named(&main, Period::Current).await
    }

    /// A period of a board of the definition. Not found if there is no such board; empty if nobody
    /// played in the period.
    pub async fn named(&self, name: &str, period: Period) -> Result<Ranking, Problem> {
        let plan = self.operations.plan();
        let shown = plan.shown(ProjectionKind::Board, name);
        let Some((shown, board)) =
            shown.and_then(|shown| Some((shown, Arc::clone(shown.board()?))))
        else {
            return Err(Problem::new(Slug::NotFound, format!("there is no leaderboard {name:?}")));
        };
        let (slot, is_outdated) = (shown.slot, plan.is_former(shown));
        let now = self.clock.now();
        let current =
            board.reset.as_ref().map_or(Timestamp::EPOCH, |reset| reset.period_at(now).start);
        let period = match period {
            Period::Current => current,
            Period::Previous => {
                let periods = self.periods.of(slot).await?;
                periods.iter().find(|period| **period < current).copied().unwrap_or(Timestamp::MIN)
            }
            Period::At(start) if start == current => current,
            Period::At(start) if self.has_entries(slot, start).await? => start,
            Period::At(_) => Timestamp::MIN,
        };
        Ok(Ranking { plan, board, key: BoardKey { slot, period }, is_outdated, is_final: false })
    }

    /// Whether somebody played in a period. A node would hold every one that it is asked for, and
    /// anybody may ask for any.
    async fn has_entries(&self, slot: Slot, period: Timestamp) -> Result<bool, Problem> {
        let board = BoardKey { slot, period };
        if self.ranks.holds(board) {
            return Ok(true);
        }
        let first = self.database.ask(self.store.board_page(board, None, 1)).await?;
        // While the database is away, those that are held answer, and no other is loaded.
        Ok(first.is_none_or(|entries| !entries.is_empty()))
    }

    /// The ranking of a tournament, by the measure that it took over when it was made.
    pub fn tournament(&self, tournament: &Tournament) -> Ranking {
        Ranking {
            plan: self.operations.plan(),
            board: Arc::clone(&tournament.board),
            key: key_of(tournament),
            is_outdated: false,
            is_final: tournament.closed_at.is_some(),
        }
    }

    /// How many players a tournament has. They are counted anew until it is closed.
    pub async fn participants(&self, tournament: &Tournament) -> Result<u64, Problem> {
        match tournament.participants {
            Some(participants) => Ok(participants),
            None => Ok(self.ranks.len(key_of(tournament)).await?.answer),
        }
    }

    /// When the periods of a board that resets began, the latest first. While the database is away, as it last told
    /// them.
    pub async fn periods(&self, ranking: &Ranking) -> Result<Arc<[Timestamp]>, Problem> {
        match ranking.board().reset {
            None => Ok(Arc::default()),
            Some(_) => self.periods.of(ranking.key.slot).await,
        }
    }

    /// The rows after the first `offset`, at most `limit`; reused for a fraction of a second.
    pub async fn page(
        &self,
        ranking: &Ranking,
        offset: u64,
        limit: usize,
    ) -> Result<Arc<Excerpt>, Problem> {
        let key = (ranking.plan.version, ranking.key, offset, limit);
        if let Some(page) = self.pages.get(&key) {
            return Ok(page);
        }
        let places = self.ranks.range(ranking.key, offset, limit).await?;
        let page = Arc::new(self.rows_of_all(ranking, places).await?);
        self.pages.insert(key, Arc::clone(&page));
        Ok(page)
    }

    /// The same as `viewer` sees it: a player with a shadow ban is among the others there, and what waits for review
    /// counts.
    pub async fn page_for(
        &self,
        ranking: &Ranking,
        offset: u64,
        limit: usize,
        viewer: Option<&PlayerId>,
    ) -> Result<Arc<Excerpt>, Problem> {
        let own = match viewer {
            Some(viewer) => self.own_place(ranking, viewer).await?,
            None => None,
        };
        let Some(own) = own else { return self.page(ranking, offset, limit).await };
        Ok(Arc::new(self.with_own(ranking, &own, offset, limit).await?))
    }

    /// Where a player stands in their own eyes, if others see it otherwise: in a shadow ban, and while events wait for
    /// review.
    async fn own_place(
        &self,
        ranking: &Ranking,
        player: &PlayerId,
    ) -> Result<Option<OwnPlace>, Problem> {
        if let Some(heard) = self.ranks.reviewed().heard(player).filter(|_| !ranking.is_final)
            && let Some(more) = self.held_on(ranking, player, heard).await?
        {
            return Ok(self.ranks.own_place(ranking.key, player, &more).await?);
        }
        let shadow = self.ranks.shadow_place(ranking.key, player).await?;
        Ok(shadow.map(|place| OwnPlace { place, ranked_at: None }))
    }

    /// What more counts in the eyes of a player of whom something may wait, as was heard. Anybody may ask for the
    /// boards in a player's eyes, and events may be large: so they are read once, until more is heard.
    async fn held_on(
        &self,
        ranking: &Ranking,
        player: &PlayerId,
        heard: u64,
    ) -> Result<Option<Arc<BoardChange>>, Problem> {
        let key = (ranking.plan.version, ranking.key, heard);
        if let Some(more) = self.held_on.get(&key) {
            return Ok(more);
        }
        let waiting = self.reviews.waiting_of(player.clone());
        let Some(held) = self.database.ask(waiting).await? else { return Ok(None) };
        if held.is_empty() {
            self.ranks.reviewed().forget(player, heard);
        }
        let more = ranking.plan.held_on(ranking.key, &held).map(Arc::new);
        self.held_on.insert(key, more.clone());
        Ok(more)
    }

    /// Some rows with a player among them whom others see elsewhere or not at all.
    async fn with_own(
        &self,
        ranking: &Ranking,
        own: &OwnPlace,
        offset: u64,
        limit: usize,
    ) -> Result<Excerpt, Problem> {
        let from = offset.saturating_sub(1);
        // One more on either side: the row that others see of the player may be among them.
        let Aged { answer, age_ms } =
            self.ranks.range(ranking.key, from, limit.saturating_add(2)).await?;
        let answer = with_own(own.others(answer), &own.place, offset, limit);
        let others = self.rows_of_all(ranking, Aged { answer, age_ms }).await?;
        let is_unseen = own.ranked_at.is_none();
        Ok(Excerpt { total: others.total + u64::from(is_unseen), ..others })
    }

    /// Shows at once what was just stored: a nickname, or an act on a player.
    pub async fn show_at_once(&self) {
        // It is in force; if this fails, the boards show it with the next change that is heard.
        let _ = self.ranks.catch_up().await;
        self.pages.invalidate_all();
    }

    /// A player with up to `neighbours` rows on both sides; nothing if the player is not ranked.
    pub async fn around(
        &self,
        ranking: &Ranking,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Excerpt, Problem> {
        if let Some(own) = self.own_place(ranking, player).await? {
            let rank = own.place.rank;
            let before = (rank - 1).min(neighbours as u64);
            let limit = usize::try_from(before).unwrap_or(neighbours) + neighbours + 1;
            return self.with_own(ranking, &own, rank - 1 - before, limit).await;
        }
        let places = self.ranks.around(ranking.key, player, neighbours).await?;
        self.rows_of_all(ranking, places).await
    }

    /// The rows of those of the players who are ranked, best first.
    pub async fn players(
        &self,
        ranking: &Ranking,
        players: &[PlayerId],
    ) -> Result<Excerpt, Problem> {
        let Aged { answer, age_ms } = self.ranks.places(ranking.key, players).await?;
        let mut answer: Vec<Place> = answer.into_iter().flatten().collect();
        answer.sort_by_key(|place| place.rank);
        self.rows_of_all(ranking, Aged { answer, age_ms }).await
    }

    /// The row of a player as that player sees it, with how many players the ranking holds.
    pub async fn own(&self, ranking: &Ranking, player: &PlayerId) -> Result<Excerpt, Problem> {
        self.around(ranking, player, 0).await
    }

    /// The row of a player as that player sees it, if there is one. The total is not counted.
    pub async fn player(&self, ranking: &Ranking, player: &PlayerId) -> Result<Excerpt, Problem> {
        if let Some(own) = self.own_place(ranking, player).await? {
            return Ok(Excerpt {
                rows: self.rows(ranking, vec![own.place]),
                total: 0,
                age_ms: self.ranks.age_ms(),
            });
        }
        let one = std::slice::from_ref(player);
        let Aged { answer, age_ms } = self.ranks.places(ranking.key, one).await?;
        let rows = self.rows(ranking, answer.into_iter().flatten().collect());
        Ok(Excerpt { rows, total: 0, age_ms })
    }

    /// The rows of some places, with how many players the whole ranking holds.
    async fn rows_of_all(
        &self,
        ranking: &Ranking,
        places: Aged<Vec<Place>>,
    ) -> Result<Excerpt, Problem> {
        let total = self.ranks.len(ranking.key).await?;
        let rows = self.rows(ranking, places.answer);
        Ok(Excerpt { rows, total: total.answer, age_ms: places.age_ms.max(total.age_ms) })
    }

    /// The rows of some places, in their order.
    fn rows(&self, ranking: &Ranking, places: Vec<Place>) -> Vec<Row> {
        let default_nickname = &ranking.plan.definition.game.default_nickname;
        let row = |place: Place| Row {
            rank: place.rank,
            alias: self.aliases.as_ref().map(|aliases| aliases.alias(&place.player)),
            player: place.player,
            score: ranking.board().order.score(place.entry.standing.points),
            nickname: place.nickname.unwrap_or_else(|| default_nickname.clone()),
            entry: place.entry,
        };
        places.into_iter().map(row).collect()
    }
}

/// Where the entries of a tournament lie.
fn key_of(tournament: &Tournament) -> BoardKey {
    BoardKey { slot: tournament.slot, period: Timestamp::EPOCH }
}

/// How old an answer says that it is, in whole seconds. Begun ones count, so that nothing is older
/// than it says.
pub(crate) fn age_seconds(age_ms: i64) -> i64 {
    (age_ms + 999) / 1_000
}

#[cfg(test)]
mod tests {
    use scoreline_core::limits::BOARD_SUMS_MAX;
    use scoreline_core::rank::{Entry, Standing};

    use super::*;

    #[test]
    fn pages_that_are_remembered_are_limited_by_their_rows() {
        let pages = pages();
        let player = PlayerId::new("device-1").expect("valid");
        let standing = Standing { points: 1, reached_at: Timestamp::EPOCH };
        let (last_at, sums) = (Timestamp::EPOCH, [0; BOARD_SUMS_MAX]);
        let entry = Entry { standing, attempts: 1, last_at, sums, taken_back: 0 };
        let nickname = "Ada".to_owned();
        let row = Row { rank: 1, player, alias: None, score: 1, nickname, entry };
        let large = Arc::new(Excerpt { rows: vec![row; 1_000], ..Excerpt::default() });
        let board = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
        for offset in 0..200 {
            pages.insert((1, board, offset, 1_000), Arc::clone(&large));
        }
        pages.run_pending_tasks();
        assert!(pages.weighted_size() <= PAGE_ROWS_MAX, "{}", pages.weighted_size());
    }
}
