//! Taking over everything that another store holds, in one transaction, into an empty schema.
//!
//! Rows come table by table and go in by COPY; the catalogue tells what a value must become. Nobody
//! applies events meanwhile. Where it breaks off, nothing was moved.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Cursor;

use scoreline_core::event::key_time::{Place, place};
use scoreline_core::store::{Cell, Counts, MovedRows, Result, StoreError};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::partitions;
use crate::pool::Database;
use crate::rows::{self, get, storable};
use crate::session::sql;
use crate::state::{self, Writing};
use crate::store::PostgresStore;
use crate::value::values;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// No day is made for an event whose key time is longer than this before its receipt, or longer than
/// [`BELIEVED_AFTER_MS`] after it.
const BELIEVED_BEFORE_MS: i64 = 31 * DAY_MS;
const BELIEVED_AFTER_MS: i64 = DAY_MS;
/// The column of the shard, which only this store has: everything that is moved goes to the first
/// one.
const SHARD: &str = "shard";
/// How the columns begin that say what a projection is being filled with.
const FILLING: &str = "filling_";

/// A column as the catalogue knows it.
struct Column {
    name: String,
    type_name: String,
}

/// Everything of another store on its way into this one. Dropping it takes all back.
pub struct TakeOver {
    tx: Writing,
    schema: String,
}

impl PostgresStore {
    /// Begins to take over everything that another store holds. Fails with a conflict if there is
    /// anything here.
    pub async fn take_over(&self) -> Result<TakeOver> {
        self.write(|database| async move { TakeOver::begin(&database).await }).await
    }
}

impl TakeOver {
    /// Begins. Fails with a conflict if anything is there already.
    async fn begin(database: &Database) -> Result<Self> {
        let tx = state::begin_alone_long(database).await?;
        // Days are made here, and nowhere else meanwhile.
        tx.execute(sql!("state/lock_exclusive"), values![database.locks.schema()]).await?;
        let schema = database.schema().to_owned();
        if tx.only(sql!("moving/is_used"), values![], rows::read).await? {
            let cure = format!(
                "name another with SCORELINE_NAMESPACE, or drop it if it holds nothing of worth: \
                 DROP SCHEMA {schema} CASCADE"
            );
            return Err(StoreError::InUse { schema, cure });
        }
        Ok(Self { tx, schema })
    }

    /// Takes some rows of a table, whose order is that of `MOVED_TABLES`.
    pub async fn take(&self, rows: &MovedRows) -> Result<()> {
        match rows.table {
            "store_state" => self.take_state(rows).await,
            "events" => self.take_events(rows).await,
            _ => self.copy(rows).await,
        }
    }

    /// Takes a secret that all nodes share.
    pub async fn take_secret(&self, name: &str, secret: &str) -> Result<()> {
        let values = values![name, secret];
        self.tx.execute(sql!("node/propose_secret"), values).await.map(drop)
    }

    /// Makes everything that was taken durable.
    pub async fn finish(self) -> Result<()> {
        self.tx.run(sql!("moving/finish")).await?;
        self.tx.commit().await.map(drop)
    }

    /// Takes the one row about the store, which is a row and the shards of the counts here.
    async fn take_state(&self, rows: &MovedRows) -> Result<()> {
        let number = |name: &str| {
            let missing = || unknown_column("store_state", name);
            rows.integer(0, name).ok_or_else(missing)
        };
        let values = values![
            number("plan_version")?,
            number("next_slot")?,
            number("fine_figures_from")?,
            number("coarse_figures_from")?,
        ];
        self.tx.execute(sql!("moving/state"), values).await?;
        let counts = Counts {
            applied: number("applied")?,
            duplicates: number("duplicates")?,
            dead: number("dead")?,
            quarantined: number("quarantined")?,
            in_review: number("in_review")?,
            removed: number("removed")?,
            last_receipt: rows.integer(0, "last_receipt").map(Timestamp::from_stored_ms),
        };
        self.tx.count(counts, Timestamp::from_stored_ms(number("last_stamp")?)).await
    }

    /// Events lie by their key times here, and those whose ids hold none, or one that lay ahead, are
    /// looked for by their keys.
    async fn take_events(&self, rows: &MovedRows) -> Result<()> {
        let events = with_key_times(rows)?;
        partitions::make(&self.tx, &believable_days(&events)).await?;
        self.copy(&events).await?;
        self.copy(&noted_keys(&events)?).await
    }

    async fn copy(&self, rows: &MovedRows) -> Result<()> {
        let columns = self
            .tx
            .list(sql!("moving/columns"), values![self.schema, rows.table], |row| {
                Ok(Column { name: get(row, 0)?, type_name: get(row, 1)? })
            })
            .await?;
        let sources = sources(rows, &columns)?;
        let mut text = String::new();
        for row in &rows.rows {
            for (n, (column, source)) in columns.iter().zip(&sources).enumerate() {
                text.push_str(if n == 0 { "" } else { "\t" });
                match source {
                    Source::Cell(at) => write_cell(&mut text, &row[*at], column),
                    Source::Shard => text.push('0'),
                    Source::Nowhere => text.push_str("\\N"),
                }
            }
            text.push('\n');
        }
        let copy = format!("COPY scoreline.{} FROM STDIN", rows.table);
        self.tx.copy(&copy, Cursor::new(text.into_bytes())).await
    }
}

/// Where the value of a column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From this place in the rows that come.
    Cell(usize),
    /// All that comes goes to the first shard.
    Shard,
    /// What is being filled is filled anew, so it says nothing of that.
    Nowhere,
}

/// Where the value of each column comes from.
fn sources(rows: &MovedRows, columns: &[Column]) -> Result<Vec<Source>> {
    let known = |name: &str| columns.iter().any(|column| column.name == name);
    if let Some(left) = rows.columns.iter().find(|name| !known(name)) {
        return Err(unknown_column(rows.table, left));
    }
    let source = |column: &Column| match rows.column(&column.name) {
        Some(at) => Ok(Source::Cell(at)),
        None if column.name == SHARD => Ok(Source::Shard),
        None if column.name.starts_with(FILLING) => Ok(Source::Nowhere),
        None => Err(unknown_column(rows.table, &column.name)),
    };
    columns.iter().map(source).collect()
}

/// Where an event lies.
fn placed(rows: &MovedRows, row: usize) -> Result<Place> {
    let missing = |name| move || unknown_column("events", name);
    let at = rows.column("event_id").ok_or_else(missing("event_id"))?;
    let id = match &rows.rows[row][at] {
        Cell::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
        _ => None,
    };
    let time = |name| {
        let ms = rows.integer(row, name).ok_or_else(missing(name));
        ms.map(Timestamp::from_stored_ms)
    };
    let id = id.ok_or_else(missing("event_id"))?;
    Ok(place(id, time("received_at")?, time("applied_at")?))
}

/// Events with a column more: their key times.
fn with_key_times(rows: &MovedRows) -> Result<MovedRows> {
    let mut events = rows.clone();
    events.columns.push("key_time".to_owned());
    for (n, row) in events.rows.iter_mut().enumerate() {
        row.push(Cell::Integer(placed(rows, n)?.key_time.as_ms()));
    }
    Ok(events)
}

/// The keys of the events that the table of keys leads to.
fn noted_keys(events: &MovedRows) -> Result<MovedRows> {
    let columns = ["player_id", "event_id", "key_time"];
    let mut keys = MovedRows {
        table: "event_keys",
        columns: columns.map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    let places: Vec<usize> = columns.iter().filter_map(|name| events.column(name)).collect();
    for (n, row) in events.rows.iter().enumerate() {
        if placed(events, n)?.is_noted {
            keys.rows.push(places.iter().map(|at| row[*at].clone()).collect());
        }
    }
    Ok(keys)
}

fn unknown_column(table: &str, name: &str) -> StoreError {
    StoreError::Unusable(format!("only one of the two databases has the column {table}.{name}"))
}

/// Writes a value in the text format of COPY.
fn write_cell(text: &mut String, cell: &Cell, column: &Column) {
    match cell {
        Cell::Empty => text.push_str("\\N"),
        // A truth is read from 0 and 1 as well.
        Cell::Integer(value) => write!(text, "{value}").expect("a text grows"),
        // Lists of numbers come in JSON.
        Cell::Text(value) if column.type_name == "_int8" => {
            write!(text, "{{{}}}", value.trim_matches(['[', ']'])).expect("a text grows");
        }
        Cell::Text(value) => {
            for one in storable(value).chars() {
                match one {
                    '\\' => text.push_str("\\\\"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    other => text.push(other),
                }
            }
        }
        Cell::Bytes(bytes) => {
            text.push_str(if column.type_name == "bytea" { "\\\\x" } else { "" });
            for byte in bytes {
                write!(text, "{byte:02x}").expect("a text grows");
            }
        }
    }
}

/// The days of events, without absurd ones.
fn believable_days(rows: &MovedRows) -> BTreeSet<Timestamp> {
    let day = |row| {
        let time_ms = rows.integer(row, "key_time")?;
        let early_ms = rows.integer(row, "received_at")?.saturating_sub(time_ms);
        let is_believed = (-BELIEVED_AFTER_MS..=BELIEVED_BEFORE_MS).contains(&early_ms);
        is_believed.then(|| Timestamp::from_stored_ms(time_ms).floor_to(DAY_MS))
    };
    (0..rows.rows.len()).filter_map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &Cell, type_name: &str) -> String {
        let column = Column { name: "any".to_owned(), type_name: type_name.to_owned() };
        let mut text = String::new();
        write_cell(&mut text, cell, &column);
        text
    }

    fn events(times: &[(i64, i64)]) -> MovedRows {
        let row =
            |(time, received): &(i64, i64)| vec![Cell::Integer(*time), Cell::Integer(*received)];
        MovedRows {
            table: "events",
            columns: ["key_time", "received_at"].map(str::to_owned).to_vec(),
            rows: times.iter().map(row).collect(),
        }
    }

    #[test]
    fn values_are_written_so_that_a_copy_reads_them_back() {
        assert_eq!(written(&Cell::Empty, "text"), r"\N");
        assert_eq!(written(&Cell::Integer(i64::MIN), "int8"), "-9223372036854775808");
        let text = Cell::Text("a\tb\\N\r\nc\0".to_owned());
        assert_eq!(written(&text, "text"), "a\\tb\\\\N\\r\\nc\u{fffd}");
        assert_eq!(written(&Cell::Text("[1,-2]".to_owned()), "_int8"), "{1,-2}");
        assert_eq!(written(&Cell::Text("[]".to_owned()), "_int8"), "{}");
        let bytes = Cell::Bytes(vec![0, 171, 255]);
        assert_eq!(written(&bytes, "bytea"), r"\\x00abff");
        assert_eq!(written(&bytes, "uuid"), "00abff");
    }

    #[test]
    fn days_are_made_for_times_that_can_be_believed() {
        let received = 1_000 * DAY_MS;
        let times = [
            (received - 5, received),
            (received - 31 * DAY_MS, received),
            (received - 31 * DAY_MS - 1, received),
            (received + DAY_MS, received),
            (received + DAY_MS + 1, received),
            (i64::MIN, received),
            (i64::MAX, received),
        ];
        let days: Vec<i64> =
            believable_days(&events(&times)).iter().map(|day| day.as_ms() / DAY_MS).collect();
        assert_eq!(days, [969, 999, 1_001]);
    }

    #[test]
    fn a_column_that_only_one_side_has_is_not_lost_silently() {
        let columns = |names: &[&str]| -> Vec<Column> {
            let column =
                |name: &&str| Column { name: (*name).to_owned(), type_name: "int8".to_owned() };
            names.iter().map(column).collect()
        };
        let rows = events(&[]);
        let places =
            sources(&rows, &columns(&["received_at", "shard", "key_time", "filling_slot"]));
        let expected = [Source::Cell(1), Source::Shard, Source::Cell(0), Source::Nowhere];
        assert_eq!(places.expect("all are known"), expected);
        assert!(sources(&rows, &columns(&["key_time"])).is_err());
        assert!(sources(&rows, &columns(&["key_time", "received_at", "new"])).is_err());
    }
}
