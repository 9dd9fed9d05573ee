//! Writes the changes of a fold.
//!
//! Each kind of change is one statement over lists, in one order. Counts of figures add up in SQL;
//! their sketches cannot, so those are read, merged and written back, which is safe because a
//! transaction has its shard to itself.

use std::collections::HashSet;

use scoreline_core::fold::{BoardChange, Changes, Figure, FigureKey, PlayerRow, Rewrite, Sketch};
use scoreline_core::game::Operator;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::Update;
use scoreline_core::store::Result;
use uuid::Uuid;

use crate::analytics;
use crate::rows;
use crate::session::{Session, sql, together, together3};
use crate::statistics;
use crate::value::{bind, values};

/// Writes all changes and answers the board entries they lead to.
///
/// What does not need another's answer is sent without waiting for it, so that rows are locked for few
/// round trips. All transactions lock in one order: entries of boards, rows that are there, new rows,
/// lives. Figures are written to a shard that the transaction has to itself.
pub(crate) async fn write(session: &Session, changes: &Changes, shard: i32) -> Result<Vec<Update>> {
    let (touched, statistics, days) = together3(
        Box::pin(write_boards(session, &changes.boards)),
        Box::pin(statistics::lock(session, &changes.statistics)),
        Box::pin(analytics::lock_days(session, &changes.analytics)),
    )
    .await?;
    together3(
        Box::pin(statistics::write(session, &changes.statistics, statistics)),
        Box::pin(analytics::write(session, &changes.analytics, days, shard)),
        Box::pin(write_figures(session, &changes.figures, shard)),
    )
    .await?;
    Ok(touched)
}

/// Brings a player's part in analytics, and figures, to what a refold says. The player's rows are locked.
pub(crate) async fn rewrite(
    session: &Session,
    player: &PlayerId,
    rewrite: &Rewrite,
    shard: i32,
) -> Result<()> {
    for one in &rewrite.analytics {
        analytics::rewrite(session, player, one, shard).await?;
    }
    write_figures(session, &rewrite.figures, shard).await
}

async fn write_boards(
    session: &Session,
    boards: &[(BoardKey, PlayerId, BoardChange)],
) -> Result<Vec<Update>> {
    let of = |operators: &[Operator]| {
        let mut rows: Vec<_> =
            boards.iter().filter(|row| operators.contains(&row.2.operator)).collect();
        rows.retain(|row| row.2.beyond().is_none());
        // What a player has on several boards lies on one page then.
        rows.sort_unstable_by_key(|(board, player, _)| (player, board));
        BoardColumns::of(rows)
    };
    let (best, latest) = (of(&[Operator::Best]), of(&[Operator::Latest]));
    let added = of(&[Operator::Sum, Operator::Count]);
    let (mut touched, latest, added) = together3(
        best.write(session, sql!("board/best")),
        latest.write(session, sql!("board/latest")),
        added.write(session, sql!("board/add")),
    )
    .await?;
    touched.extend(latest);
    touched.extend(added);
    if touched.len() < boards.len() {
        write_beyond(session, boards, &mut touched).await?;
    }
    Ok(touched)
}

/// Writes the changes that 64 bits do not hold, or of rows that they do not hold, which were left out: each is
/// read, merged and written back, its row locked meanwhile. In the order of players, as all others.
async fn write_beyond(
    session: &Session,
    boards: &[(BoardKey, PlayerId, BoardChange)],
    touched: &mut Vec<Update>,
) -> Result<()> {
    let written: HashSet<(BoardKey, PlayerId)> =
        touched.iter().map(|one| (one.board, one.player.clone())).collect();
    let mut left: Vec<_> = boards
        .iter()
        .filter(|(board, player, _)| !written.contains(&(*board, player.clone())))
        .collect();
    left.sort_unstable_by_key(|(board, player, _)| (player, board));
    for (board, player, change) in left {
        let nothing = PlayerRow { held: BoardChange::nothing(change.operator), taken_back: 0 };
        let made = bind(nothing.put(*board, player));
        session.execute(sql!("board/make"), &made.all()).await?;
        let key = values![board.slot.0, board.period.as_ms(), player.as_str()];
        let (_, known): (BoardKey, PlayerRow) =
            session.only(sql!("board/whole"), key, rows::read).await?;
        let row = PlayerRow::gaining(Some(known), change)?;
        let put = bind(row.put(*board, player));
        session.execute(sql!("board/put"), &put.all()).await?;
        touched.push(Update { board: *board, player: player.clone(), entry: row.entry() });
    }
    Ok(())
}

/// Changes of board entries, a list a column.
#[derive(Default)]
struct BoardColumns<'c> {
    slots: Vec<i64>,
    periods: Vec<i64>,
    players: Vec<&'c str>,
    points: Vec<i64>,
    reached: Vec<i64>,
    attempts: Vec<i64>,
    last_at: Vec<i64>,
    last_ids: Vec<Option<Uuid>>,
    sums: [Vec<i64>; 4],
}

impl<'c> BoardColumns<'c> {
    fn of(changes: Vec<&'c (BoardKey, PlayerId, BoardChange)>) -> Self {
        let mut columns = Self::default();
        for (board, player, change) in changes {
            columns.slots.push(board.slot.0);
            columns.periods.push(board.period.as_ms());
            columns.players.push(player.as_str());
            columns.points.push(change.shown_points());
            columns.reached.push(change.reached_at.as_ms());
            columns.attempts.push(change.attempts);
            columns.last_at.push(change.last_at.as_ms());
            columns.last_ids.push(change.last_id);
            for (sums, sum) in columns.sums.iter_mut().zip(change.shown_sums()) {
                sums.push(sum);
            }
        }
        columns
    }

    async fn write(&self, session: &Session, sql: &str) -> Result<Vec<Update>> {
        if self.slots.is_empty() {
            return Ok(Vec::new());
        }
        let [sum_0, sum_1, sum_2, sum_3] = &self.sums;
        let values = values![
            self.slots,
            self.periods,
            self.players,
            self.points,
            self.reached,
            self.attempts,
            self.last_at,
            self.last_ids,
            *sum_0,
            *sum_1,
            *sum_2,
            *sum_3,
        ];
        session.list(sql, values, rows::read).await
    }
}

/// The keys of figures, a list a column.
#[derive(Default)]
struct FigureColumns<'c> {
    slots: Vec<i64>,
    grains: Vec<i64>,
    starts: Vec<i64>,
    types: Vec<&'c str>,
}

impl<'c> FigureColumns<'c> {
    fn push(&mut self, key: &'c FigureKey) {
        self.slots.push(key.slot.0);
        self.grains.push(key.grain_ms);
        self.starts.push(key.start.as_ms());
        self.types.push(&key.event_type);
    }
}

async fn write_figures(
    session: &Session,
    figures: &[(FigureKey, Figure)],
    shard: i32,
) -> Result<()> {
    if figures.is_empty() {
        return Ok(());
    }
    let mut keys = FigureColumns::default();
    let (mut events, mut processing) = (Vec::new(), Vec::new());
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (key, figure) in figures {
        keys.push(key);
        events.push(figure.events);
        processing.push(figure.processing_ms);
        first.push(figure.first_at.as_ms());
        last.push(figure.last_at.as_ms());
    }
    let FigureColumns { slots, grains, starts, types } = &keys;
    let added = values![*slots, *grains, *starts, *types, shard, events, processing, first, last];
    let asked = values![*slots, *grains, *starts, *types, shard];
    let (_, known) = together(
        session.execute(sql!("figure/add"), added),
        session.list(sql!("figure/read_players"), asked, |row| {
            Ok((rows::read(row)?, rows::sketch(row, 1)?))
        }),
    )
    .await?;
    write_players(session, figures, known, shard).await
}

/// Writes the sketches that differ from those `known`, which are numbered from 1 by their figures.
async fn write_players(
    session: &Session,
    figures: &[(FigureKey, Figure)],
    known: Vec<(u64, Option<Sketch>)>,
    shard: i32,
) -> Result<()> {
    let mut before: Vec<Option<Sketch>> = vec![None; figures.len()];
    for (place, sketch) in known {
        let place = usize::try_from(place).unwrap_or(usize::MAX).wrapping_sub(1);
        if let Some(before) = before.get_mut(place) {
            *before = sketch;
        }
    }
    let mut keys = FigureColumns::default();
    let mut sketches = Vec::new();
    for ((key, figure), before) in figures.iter().zip(before) {
        let sketch = match before {
            Some(mut merged) => {
                if !merged.merge(&figure.players) {
                    continue;
                }
                merged.to_bytes()
            }
            None => figure.players.to_bytes(),
        };
        keys.push(key);
        sketches.push(sketch);
    }
    if sketches.is_empty() {
        return Ok(());
    }
    let FigureColumns { slots, grains, starts, types } = &keys;
    let values = values![*slots, *grains, *starts, *types, shard, sketches];
    session.execute(sql!("figure/write_players"), values).await?;
    Ok(())
}
