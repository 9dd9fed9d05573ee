//! Questions that one statement answers, and orders that need no more than a transaction of their own.

use async_trait::async_trait;
use scoreline_core::question_text;
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    Answer, AskStore, Cell, ClockStore, ErasureRequestStore, Order, Question, Result, SignOutStore,
};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::rows::{damaged, get};
use crate::session::{Session, View, sql};
use crate::store::PostgresStore;
use crate::value::bind;

#[async_trait]
impl AskStore for PostgresStore {
    async fn ask(&self, question: Question, values: Values<'static>) -> Result<Vec<Answer>> {
        let text = question_text!(question, sql);
        let ask = move |session: Session| async move {
            let bound = bind(values);
            if question.bytes_max() == usize::MAX {
                return session.list(text, &bound.all(), answer).await;
            }
            Ok(session.portion(text, &bound.all(), answer, Answer::bytes).await?.rows)
        };
        self.read(ask).await
    }

    async fn order(&self, orders: Vec<Order<'static>>) -> Result<()> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            tx.carry_out(orders).await?;
            tx.commit().await
        })
        .await
    }
}

impl ClockStore for PostgresStore {}

impl SignOutStore for PostgresStore {}

impl ErasureRequestStore for PostgresStore {}

fn answer(row: &Row) -> Result<Answer> {
    (0..row.len()).map(|column| cell(row, column)).collect::<Result<_>>().map(Answer)
}

/// A value by the type of its column.
fn cell(row: &Row, column: usize) -> Result<Cell> {
    let found = match *row.columns()[column].type_() {
        Type::INT8 => get::<Option<i64>>(row, column)?.map(Cell::Integer),
        Type::INT4 => {
            get::<Option<i32>>(row, column)?.map(|number| Cell::Integer(i64::from(number)))
        }
        Type::BOOL => {
            get::<Option<bool>>(row, column)?.map(|truth| Cell::Integer(i64::from(truth)))
        }
        Type::TEXT => get::<Option<String>>(row, column)?.map(Cell::Text),
        Type::UUID => {
            get::<Option<Uuid>>(row, column)?.map(|id| Cell::Bytes(id.as_bytes().to_vec()))
        }
        Type::BYTEA => get::<Option<Vec<u8>>>(row, column)?.map(Cell::Bytes),
        ref other => return Err(damaged(format!("a column is {other}"))),
    };
    Ok(found.unwrap_or(Cell::Empty))
}
