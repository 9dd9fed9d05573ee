//! SQLite's errors in the store's words.

use rusqlite::{Error, ErrorCode, ffi};
use scoreline_core::store::StoreError;

/// What to do about a damaged file.
const DAMAGED: &str =
    "the file is damaged; restore a backup, or move the file away to start afresh";

/// What an SQLite error means to the rest of Scoreline.
pub(crate) fn translate(error: Error) -> StoreError {
    let (failure, message) = match &error {
        Error::SqliteFailure(failure, message) => (failure, message),
        // A row that holds what no version of Scoreline writes.
        Error::FromSqlConversionFailure(..)
        | Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..) => {
            return StoreError::Unusable(format!("{error}: {DAMAGED}"));
        }
        _ => return StoreError::Failed(Box::new(error)),
    };
    let text = message.clone().unwrap_or_else(|| failure.to_string());
    match (failure.code, failure.extended_code) {
        // On a full disk, growing the index of the log fails with an error of its own.
        (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => StoreError::DiskFull,
        (ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig, _) => {
            StoreError::Refused(text)
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreError::Busy(text),
        (ErrorCode::DatabaseCorrupt, _) => StoreError::Unusable(format!("{text}: {DAMAGED}")),
        (ErrorCode::NotADatabase, _) => StoreError::Unusable(
            "the file is no SQLite database, or its first page is damaged; \
             choose another data directory, or restore a backup"
                .to_owned(),
        ),
        (ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly, _) => {
            StoreError::Unusable(format!(
                "{text}; the folder must exist, and it and the files in it must be writable"
            ))
        }
        _ => StoreError::Failed(Box::new(error)),
    }
}
