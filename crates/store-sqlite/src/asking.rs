//! Questions that one statement answers, and orders that need no more than a transaction of their own.

use async_trait::async_trait;
use rusqlite::{Connection, Params};
use scoreline_core::question_text;
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    Answer, AskStore, ClockStore, ErasureRequestStore, Order, Question, Result, SignOutStore,
};

use crate::error::translate;
use crate::rows::cells;
use crate::statement::{bind, carry_out, sql};
use crate::store::SqliteStore;

#[async_trait]
impl AskStore for SqliteStore {
    async fn ask(&self, question: Question, values: Values<'static>) -> Result<Vec<Answer>> {
        let text = question_text!(question, sql);
        self.read(move |connection| answers(connection, text, bind(values), question.bytes_max()))
            .await
    }

    async fn order(&self, orders: Vec<Order<'static>>) -> Result<()> {
        self.change(move |tx| carry_out(tx, orders).map(drop)).await
    }
}

impl ClockStore for SqliteStore {}

impl SignOutStore for SqliteStore {}

impl ErasureRequestStore for SqliteStore {}

fn answers(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    bytes_max: usize,
) -> Result<Vec<Answer>> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let width = statement.column_count();
    let mut found = statement.query(values).map_err(translate)?;
    let (mut all, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next().map_err(translate)? {
        let answer = Answer(cells(row, width).map_err(translate)?);
        bytes += answer.bytes();
        all.push(answer);
        if bytes >= bytes_max {
            break;
        }
    }
    Ok(all)
}
