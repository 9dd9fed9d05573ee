//! Questions that one statement answers.

use async_trait::async_trait;
use rusqlite::{Connection, Params};
use scoreline_core::question_text;
use scoreline_core::store::values::Values;
use scoreline_core::store::{Answer, AskStore, Question, Result};

use crate::error::translate;
use crate::rows::cells;
use crate::statement::{bind, sql};
use crate::store::SqliteStore;

#[async_trait]
impl AskStore for SqliteStore {
    async fn ask(&self, question: Question, values: Values<'static>) -> Result<Vec<Answer>> {
        let text = question_text!(question, sql);
        self.read(move |connection| answers(connection, text, bind(values))).await
    }
}

fn answers(connection: &Connection, sql: &str, values: impl Params) -> Result<Vec<Answer>> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let width = statement.column_count();
    let found = statement.query_map(values, |row| cells(row, width).map(Answer));
    found.and_then(Iterator::collect).map_err(translate)
}
