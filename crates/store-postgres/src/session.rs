//! One connection for one piece of work: running statements, and transactions.
//!
//! The text of a statement lies in `queries/<concern>/<verb>.sql` and is named by [`sql`]. It names
//! the schema `scoreline`; another namespace takes its place here. Statements are prepared once a
//! connection and kept, except behind a pooler that hands out connections by transaction: there
//! each is sent with its text, and nothing is kept between transactions.

use std::borrow::Cow;
use std::io::Cursor;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Object;
use futures_util::future::join;
use futures_util::{SinkExt, TryStreamExt};
pub(crate) use scoreline_core::sql;
use scoreline_core::statement_text;
use scoreline_core::store::{Order, Portion, Result, StoreError};
use tokio::runtime::Handle;
use tokio::task::coop;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, RowStream, SimpleQueryMessage, Statement};

use crate::error::translate;
use crate::room::Place;
use crate::value::{Param, bind};

/// How much longer than the server gives a statement the client waits for its answer.
const ANSWER_GRACE: Duration = Duration::from_secs(2);
/// How long the client waits for a statement that the server gives all the time that it needs: 1 h.
const LONG_ANSWER_LONGEST: Duration = Duration::from_secs(60 * 60);
/// The schema that the texts of statements name.
const SCHEMA: &str = "scoreline";

/// How the texts of statements become what is sent.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The schema, a checked name.
    pub schema: String,
    /// Whether statements are prepared and kept.
    pub keeps_statements: bool,
}

impl Dialect {
    /// The text of a statement with the schema of this store.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.schema == SCHEMA {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace("scoreline.", &format!("{}.", self.schema)))
    }
}

/// A connection with the place that it takes. It goes back before its place is free.
pub(crate) struct Connection {
    client: Object,
    /// Held while a statement is prepared: those after it wait, however soon they could be sent.
    turn: tokio::sync::Mutex<()>,
    _place: Place,
}

impl Connection {
    pub fn new(client: Object, place: Place) -> Self {
        Self { client, turn: tokio::sync::Mutex::default(), _place: place }
    }
}

impl Deref for Connection {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.client
    }
}

/// A connection while it is at work.
pub(crate) struct Session {
    client: Arc<Connection>,
    dialect: Arc<Dialect>,
    /// How long an answer may take. The server has a limit of its own, which it does not keep while
    /// its machine stands still.
    longest: Duration,
}

/// A statement ready to be sent.
enum Ready<'t> {
    Kept(Statement),
    Whole(Cow<'t, str>),
}

impl Session {
    /// A session on a connection.
    pub fn new(client: Connection, dialect: Arc<Dialect>, statement_timeout: Duration) -> Self {
        let longest = patience(statement_timeout);
        Self { client: Arc::new(client), dialect, longest }
    }

    /// The same connection, where statements that name the schema mean the temporary tables of the
    /// same names. Such statements are not kept: their tables vanish.
    pub fn scratch(&self) -> Self {
        let dialect = Dialect { schema: "pg_temp".to_owned(), keeps_statements: false };
        let longest = self.longest;
        Self { client: Arc::clone(&self.client), dialect: Arc::new(dialect), longest }
    }

    /// The text of a statement as this session sends it.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.dialect.text(text)
    }

    /// What the server answers, if it does in time. What was not answered leaves the connection in an
    /// unknown state; the error is one after which connections are dropped.
    fn in_time<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> impl Future<Output = Result<T>> {
        // On the heap: whoever waits for this is in the state of those who wait for them.
        let answer = tokio::time::timeout(self.longest, Box::pin(answer));
        async { answer.await.map_or_else(|_| Err(silent()), |answer| answer.map_err(translate)) }
    }

    async fn ready<'t>(&self, sql: &'t str, values: &[Param<'_>]) -> Result<Ready<'t>> {
        let text = self.text(sql);
        if !self.dialect.keeps_statements {
            return Ok(Ready::Whole(text));
        }
        let types: Vec<Type> = values.iter().map(|value| value.type_in_sql()).collect();
        let _turn = self.client.turn.lock().await;
        let statement = self.in_time(self.client.prepare_typed_cached(&text, &types)).await;
        Ok(Ready::Kept(statement?))
    }

    /// The rows of an answer as they come.
    pub async fn stream(&self, sql: &str, values: &[Param<'_>]) -> Result<RowStream> {
        let bare = values.iter().map(|value| *value as &(dyn ToSql + Sync));
        match self.ready(sql, values).await? {
            Ready::Kept(statement) => self.in_time(self.client.query_raw(&statement, bare)).await,
            Ready::Whole(text) => {
                let typed = values.iter().map(typed);
                self.in_time(self.client.query_typed_raw(&text, typed)).await
            }
        }
    }

    /// Runs a statement that answers no rows. Answers how many rows it changed.
    pub async fn execute(&self, sql: &str, values: &[Param<'_>]) -> Result<u64> {
        let bare = values.iter().map(|value| *value as &(dyn ToSql + Sync));
        match self.ready(sql, values).await? {
            Ready::Kept(statement) => self.in_time(self.client.execute_raw(&statement, bare)).await,
            Ready::Whole(text) => {
                let typed: Vec<_> = values.iter().map(typed).collect();
                self.in_time(self.client.execute_typed(&text, &typed)).await
            }
        }
    }

    /// Carries out what core ordered, one after another. Answers how many rows the order changed that
    /// changed the most.
    pub async fn carry_out<'o>(&self, orders: impl IntoIterator<Item = Order<'o>>) -> Result<u64> {
        let orders: Vec<_> = orders.into_iter().collect();
        let mut most = 0;
        for Order { statement, values } in orders {
            let bound = bind(values);
            most = most.max(self.execute(statement_text!(statement, sql), &bound.all()).await?);
        }
        Ok(most)
    }

    /// As [`Session::stream`], for a statement that is not worth keeping.
    pub async fn stream_once(&self, sql: &str, values: &[Param<'_>]) -> Result<RowStream> {
        let typed = values.iter().map(typed);
        self.in_time(self.client.query_typed_raw(&self.text(sql), typed)).await
    }

    /// As [`Session::execute`], for a statement that is not worth keeping.
    pub async fn execute_once(&self, sql: &str, values: &[Param<'_>]) -> Result<u64> {
        let typed: Vec<_> = values.iter().map(typed).collect();
        self.in_time(self.client.execute_typed(&self.text(sql), &typed)).await
    }

    /// Runs statements without values, as they are.
    pub async fn run(&self, sql: &str) -> Result<()> {
        drop(self.client.turn.lock().await);
        self.in_time(self.client.batch_execute(&self.text(sql))).await
    }

    /// Sends rows to a COPY, in its text format.
    pub async fn copy(&self, sql: &str, rows: Cursor<Vec<u8>>) -> Result<()> {
        let sink = self.in_time(self.client.copy_in(&*self.text(sql))).await?;
        let mut sink = pin!(sink);
        self.in_time(sink.send(rows)).await?;
        self.in_time(sink.finish()).await?;
        Ok(())
    }

    /// The only value of the only row that a statement without values answers, as text.
    pub async fn tell(&self, sql: &str) -> Result<String> {
        let answers = self.in_time(self.client.simple_query(&self.text(sql))).await?;
        let told = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        told.ok_or_else(missing_row)
    }

    /// Takes rows over one by one as they come.
    async fn collect<T>(
        &self,
        rows: RowStream,
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = pin!(rows);
        let mut all = Vec::new();
        let taken = async {
            while let Some(row) = rows.try_next().await.map_err(translate)? {
                all.push(read(&row)?);
                // Of many rows that are there at once, others on this thread wait for some only.
                coop::consume_budget().await;
            }
            Ok(())
        };
        let taken = tokio::time::timeout(self.longest, Box::pin(taken)).await;
        taken.unwrap_or_else(|_| Err(silent()))?;
        Ok(all)
    }

    /// All rows of an answer.
    pub async fn list<T>(
        &self,
        sql: &str,
        values: &[Param<'_>],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.collect(self.stream(sql, values).await?, read).await
    }

    /// The rows of an answer, as far as their bytes allow. What comes beyond is thrown away as it comes.
    pub async fn portion<T>(
        &self,
        sql: &str,
        values: &[Param<'_>],
        mut read: impl FnMut(&Row) -> Result<T>,
        bytes: impl Fn(&T) -> usize,
    ) -> Result<Portion<T>> {
        let mut rows = pin!(self.stream(sql, values).await?);
        let mut portion = Portion::default();
        let taken = async {
            while let Some(row) = rows.try_next().await.map_err(translate)? {
                let row = read(&row)?;
                if !portion.take(row, &bytes) {
                    break;
                }
                coop::consume_budget().await;
            }
            Ok(())
        };
        let taken = tokio::time::timeout(self.longest, Box::pin(taken)).await;
        taken.unwrap_or_else(|_| Err(silent()))?;
        Ok(portion)
    }

    /// As [`Session::list`], for a statement that is not worth keeping.
    pub async fn list_once<T>(
        &self,
        sql: &str,
        values: &[Param<'_>],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.collect(self.stream_once(sql, values).await?, read).await
    }

    /// The first row of an answer.
    pub async fn first<T>(
        &self,
        sql: &str,
        values: &[Param<'_>],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.list(sql, values, read).await?.into_iter().next())
    }

    /// The only row of an answer that always has one.
    pub async fn only<T>(
        &self,
        sql: &str,
        values: &[Param<'_>],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<T> {
        let first = self.first(sql, values, read).await?;
        first.ok_or_else(missing_row)
    }
}

/// Sends the statements of two pieces of work without waiting for the answers in between. The server
/// runs them in this order as long as each piece is one statement that is kept, or [`Session::run`]. When a statement of a transaction
/// fails, all that follow it fail as well; the error that counts is the one that was not a consequence.
pub(crate) async fn together<A, B>(
    first: impl Future<Output = Result<A>>,
    second: impl Future<Output = Result<B>>,
) -> Result<(A, B)> {
    // On the heap: what is under way at once would add up on the stacks of those who wait for it.
    match join(Box::pin(first), Box::pin(second)).await {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(StoreError::Consequence), Err(second)) => Err(second),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// As [`together`], of three.
pub(crate) async fn together3<A, B, C>(
    first: impl Future<Output = Result<A>>,
    second: impl Future<Output = Result<B>>,
    third: impl Future<Output = Result<C>>,
) -> Result<(A, B, C)> {
    let ((first, second), third) = together(together(first, second), third).await?;
    Ok((first, second, third))
}

/// A value beside its type.
fn typed<'v>(value: &Param<'v>) -> (&'v (dyn ToSql + Sync), Type) {
    (*value, value.type_in_sql())
}

/// How long the client waits for a statement that the server gives this time.
fn patience(statement_timeout: Duration) -> Duration {
    if statement_timeout.is_zero() { LONG_ANSWER_LONGEST } else { statement_timeout + ANSWER_GRACE }
}

fn silent() -> StoreError {
    StoreError::Unreachable("it did not answer in time".to_owned())
}

fn missing_row() -> StoreError {
    StoreError::Unusable("a row that always exists is missing".to_owned())
}

/// How a transaction sees what others commit meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Each statement sees what was committed before it.
    Moving,
    /// All statements see the same.
    Still,
}

/// What makes a transaction durable.
pub(crate) const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// A transaction. Dropping it before its commit takes everything back.
pub(crate) struct Tx {
    session: Option<Session>,
    runtime: Handle,
}

impl Tx {
    /// Begins a transaction on a session. A statement of it may take `statement_timeout`, or as
    /// long as it likes if that is zero.
    pub async fn begin(
        session: Session,
        view: View,
        statement_timeout: Duration,
        runtime: Handle,
    ) -> Result<Self> {
        // Defaults that somebody set for the whole database must not weaken these transactions.
        let isolation = match view {
            View::Moving => "READ COMMITTED",
            View::Still => "REPEATABLE READ",
        };
        let begin = format!(
            "BEGIN ISOLATION LEVEL {isolation} READ WRITE; SET LOCAL statement_timeout = {}",
            statement_timeout.as_millis()
        );
        let session = Session { longest: patience(statement_timeout), ..session };
        // From here on a broken begin is taken back as well.
        let tx = Self { session: Some(session), runtime };
        tx.run(&begin).await?;
        Ok(tx)
    }

    /// Makes everything durable. An error leaves open whether it is: the caller asks again.
    pub async fn commit(self) -> Result<()> {
        self.run(COMMIT).await?;
        self.end();
        Ok(())
    }

    /// Takes everything back, and has done so when it answers.
    pub async fn take_back(self) -> Result<()> {
        self.run(ROLLBACK).await?;
        self.end();
        Ok(())
    }

    /// Notes that a [`COMMIT`] was answered, so that there is nothing to take back.
    pub fn end(mut self) {
        self.session = None;
    }
}

impl Deref for Tx {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("taken only by the commit and the drop")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        if session.client.is_closed() {
            return;
        }
        self.runtime.spawn(async move {
            if session.run(ROLLBACK).await.is_err()
                && let Ok(connection) = Arc::try_unwrap(session.client)
            {
                // In an unknown state: nobody else gets this connection.
                drop(Object::take(connection.client));
            }
        });
    }
}
