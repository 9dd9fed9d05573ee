//! PostgreSQL's errors in the store's words. Their kind alone decides who tries again.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use scoreline_core::store::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// What a PostgreSQL error means to the rest of Scoreline.
pub(crate) fn translate(error: Error) -> StoreError {
    if let Some(found) = error.as_db_error() {
        return translate_answer(found).unwrap_or_else(|| StoreError::Failed(Box::new(error)));
    }
    let is_io = |source: &(dyn std::error::Error + 'static)| source.is::<std::io::Error>();
    if error.is_closed() || error.source().is_some_and(is_io) {
        return StoreError::Unreachable(with_source(&error));
    }
    StoreError::Failed(Box::new(error))
}

/// The error of a caller who got no connection.
pub(crate) fn no_connection(error: PoolError) -> StoreError {
    match error {
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
            StoreError::Busy("all connections were at work for too long".to_owned())
        }
        PoolError::Timeout(_) => {
            StoreError::Unreachable("it did not answer in time to a new connection".to_owned())
        }
        PoolError::Backend(error) => match translate(error) {
            StoreError::Failed(error) => StoreError::Unreachable(error.to_string()),
            other => other,
        },
        other => StoreError::Failed(Box::new(other)),
    }
}

/// What an answer of the server means; nothing in particular if this is `None`.
fn translate_answer(found: &DbError) -> Option<StoreError> {
    let code = found.code();
    let text = || {
        let detail = found.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{}{detail}", found.message())
    };
    let class = code.code().get(..2).unwrap_or_default();
    Some(match class {
        _ if *code == SqlState::DISK_FULL => StoreError::DiskFull,
        _ if *code == SqlState::IN_FAILED_SQL_TRANSACTION => StoreError::Consequence,
        _ if is_pooled(found) => StoreError::Unusable(format!(
            "{}; a pooler hands out its connections: set SCORELINE_DATABASE_POOLER=transaction",
            text()
        )),
        _ if *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            StoreError::LostRace(text())
        }
        _ if *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::LockTaken(text()),
        _ if gives_no_connection(found) => StoreError::Busy(text()),
        _ if is_away(code) => StoreError::Unreachable(text()),
        _ if is_busy(code) => StoreError::Busy(text()),
        _ if *code == SqlState::PROGRAM_LIMIT_EXCEEDED => StoreError::Refused(text()),
        // Data exceptions and integrity constraints: the data is at fault.
        "22" | "23" => StoreError::Refused(text()),
        // The role, its password, or the database's name.
        "28" | "3D" => StoreError::Unusable(format!("{}; check DATABASE_URL", text())),
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => StoreError::Unusable(format!(
            "{}; the role needs CREATE on the database once, and owns the schema then",
            text()
        )),
        _ if *code == SqlState::UNDEFINED_TABLE
            || *code == SqlState::UNDEFINED_COLUMN
            || *code == SqlState::INVALID_SCHEMA_NAME =>
        {
            StoreError::Unusable(format!("{}; its schema was changed or removed", text()))
        }
        _ if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => {
            StoreError::Unusable(format!("{}: it is damaged; restore a backup", text()))
        }
        _ => return None,
    })
}

/// Whether a pooler that the settings do not mention stands in between: it refuses what new
/// connections are given, or hands out one that another has prepared statements on.
fn is_pooled(found: &DbError) -> bool {
    let code = found.code();
    // PgBouncer has one code for everything.
    (*code == SqlState::PROTOCOL_VIOLATION && found.message().contains("startup parameter"))
        || *code == SqlState::INVALID_SQL_STATEMENT_NAME
        || *code == SqlState::DUPLICATE_PSTATEMENT
}

/// Whether there is no room for one more connection, of which there may be enough already.
pub(crate) fn is_crowded(error: &Error) -> bool {
    error.as_db_error().is_some_and(gives_no_connection)
}

/// Whether the server, or the pooler before it, says that it has as many connections as it takes.
fn gives_no_connection(found: &DbError) -> bool {
    // Poolers have other codes for it: PgBouncer one for everything, Supavisor that of a fault.
    const OF_POOLERS: [&str; 2] = ["no more connections allowed", "max clients reached"];
    *found.code() == SqlState::TOO_MANY_CONNECTIONS
        || OF_POOLERS.iter().any(|words| found.message().contains(words))
}

/// Whether the server is going away, coming up, or a standby that cannot be written to: another
/// connection may find one that can.
fn is_away(code: &SqlState) -> bool {
    code.code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code)
}

/// Whether the same may succeed at once or a little later.
fn is_busy(code: &SqlState) -> bool {
    [SqlState::QUERY_CANCELED, SqlState::OUT_OF_MEMORY, SqlState::CONFIGURATION_LIMIT_EXCEEDED]
        .contains(code)
}

fn with_source(error: &Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
