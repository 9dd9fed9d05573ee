//! Writes the changes of a fold.
//!
//! The statements name their tables without a schema: on the connection that verifies, temporary
//! tables of the same names stand before the real ones, so that the same code writes the scratch
//! copy.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use scoreline_core::fold::{
    BoardChange, Changes, Figure, FigureKey, PlayerRow, PlayerStatistics, Rewrite, StatisticChange,
};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Entry, Update};
use scoreline_core::store::Result;

use crate::analytics::AnalyticsWriter;
use crate::error::translate;
use crate::numbers::PlayerNumbers;
use crate::rows;
use crate::statement::{bind, sql};

/// The statements that write changes, ready for one transaction.
pub(crate) struct Writer<'c> {
    read_board: CachedStatement<'c>,
    write_board: CachedStatement<'c>,
    read_statistics: CachedStatement<'c>,
    write_statistics: CachedStatement<'c>,
    analytics: AnalyticsWriter<'c>,
    read_figure: CachedStatement<'c>,
    write_figure: CachedStatement<'c>,
    write_figure_players: CachedStatement<'c>,
}

impl<'c> Writer<'c> {
    pub fn new(connection: &'c Connection) -> Result<Self> {
        let prepare = |sql| connection.prepare_cached(sql).map_err(translate);
        Ok(Self {
            read_board: prepare(sql!("board/whole"))?,
            write_board: prepare(sql!("board/put"))?,
            read_statistics: prepare(sql!("statistic/read_by_number"))?,
            write_statistics: prepare(sql!("statistic/put_by_number"))?,
            analytics: AnalyticsWriter::new(connection)?,
            read_figure: prepare(sql!("figure/read"))?,
            write_figure: prepare(sql!("figure/write"))?,
            write_figure_players: prepare(sql!("figure/write_players"))?,
        })
    }

    /// Writes all changes and answers the board entries they lead to.
    pub fn write(
        &mut self,
        numbers: &mut PlayerNumbers<'c>,
        changes: &Changes,
    ) -> Result<Vec<Update>> {
        let mut touched = Vec::with_capacity(changes.boards.len());
        for (board, player, change) in &changes.boards {
            let entry = self.write_board(*board, player, change)?;
            touched.push(Update { board: *board, player: player.clone(), entry });
        }
        for of_player in changes.statistics.chunk_by(|one, next| one.0 == next.0) {
            self.write_statistics(numbers, of_player)?;
        }
        for change in &changes.analytics {
            self.analytics.write(numbers, change)?;
        }
        for (key, figure) in &changes.figures {
            self.write_figure(key, figure).map_err(translate)?;
        }
        Ok(touched)
    }

    /// Brings a player's part in analytics, and figures, to what a refold says.
    pub fn rewrite(&mut self, player: &PlayerId, rewrite: &Rewrite) -> Result<()> {
        for one in &rewrite.analytics {
            self.analytics.rewrite(player, one)?;
        }
        for (key, figure) in &rewrite.figures {
            self.write_figure(key, figure).map_err(translate)?;
        }
        Ok(())
    }

    /// Reads an entry, merges what it gains, and writes it back whole. The alternative, an upsert that answers
    /// its row, makes SQLite open a temporary table for each answer, which costs more than the read.
    fn write_board(
        &mut self,
        board: BoardKey,
        player: &PlayerId,
        change: &BoardChange,
    ) -> Result<Entry> {
        let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
        let known = self.read_board.query_row(key, rows::read::<(BoardKey, PlayerRow)>).optional();
        let row = PlayerRow::gaining(known.map_err(translate)?.map(|(_, row)| row), change)?;
        self.write_board.execute(bind(row.put(board, player))).map_err(translate)?;
        Ok(row.entry())
    }

    /// Takes changes of one player in. Most of them leave a maximum where it is; a row that does not
    /// change is not written.
    fn write_statistics(
        &mut self,
        numbers: &mut PlayerNumbers<'c>,
        changes: &[(PlayerId, Slot, StatisticChange)],
    ) -> Result<()> {
        let Some((player, ..)) = changes.first() else { return Ok(()) };
        let player_no = numbers.of(player)?;
        let known = self
            .read_statistics
            .query_row([player_no], rows::read::<PlayerStatistics>)
            .optional()
            .map_err(translate)?;
        let mut statistics = known.unwrap_or_default();
        if statistics.merge(changes)? {
            let (slots, amounts): (Vec<i64>, Vec<i64>) =
                statistics.iter().map(|(slot, amount)| (slot.0, amount)).unzip();
            let values = params![player_no, json(&slots), json(&amounts)];
            self.write_statistics.execute(values).map_err(translate)?;
        }
        Ok(())
    }

    /// A sketch cannot be merged in SQL, so a figure is read, merged and written back.
    fn write_figure(&mut self, key: &FigureKey, figure: &Figure) -> rusqlite::Result<()> {
        let start = key.start.as_ms();
        let values = params![key.slot.0, key.grain_ms, start, &*key.event_type];
        let mut merged: Option<Figure> =
            self.read_figure.query_row(values, rows::read).optional()?;
        let has_new_players = merged.as_mut().is_none_or(|known| known.absorb(figure));
        let figure = merged.as_ref().unwrap_or(figure);
        self.write_figure.execute(params![
            key.slot.0,
            key.grain_ms,
            start,
            &*key.event_type,
            figure.events,
            figure.processing_ms,
            figure.first_at.as_ms(),
            figure.last_at.as_ms(),
        ])?;
        if !has_new_players {
            return Ok(());
        }
        let players = figure.players.to_bytes();
        self.write_figure_players.execute(params![
            key.slot.0,
            key.grain_ms,
            start,
            &*key.event_type,
            players,
        ])?;
        Ok(())
    }
}

fn json(numbers: &[i64]) -> String {
    serde_json::to_string(numbers).expect("numbers are plain data")
}
