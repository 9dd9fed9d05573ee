//! Moving: everything in an embedded data directory goes to PostgreSQL, in one transaction.
//!
//! A thread reads the file while the rows before go into the database. The secrets of the data
//! directory move too, so that the admin token and the tokens of players stay valid.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scoreline_core::store::{MOVED_TABLES, MovedRows, Progress, StoreError};
use scoreline_store_postgres::PostgresStore;
use scoreline_store_sqlite::Snapshot;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::error::ServerError;
use crate::profile::{failed, settings};
use crate::secrets;

/// Portions that were read and are not written yet.
const PORTIONS_AHEAD: usize = 2;

/// How many rows of each table were moved.
pub type MovedCounts = Vec<(&'static str, u64)>;

/// Moves everything at `from`, a data directory or a database file, to the PostgreSQL of the
/// settings. All of it, or nothing.
pub async fn take_over(
    config: &Config,
    from: &Path,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
) -> Result<MovedCounts, ServerError> {
    let Some(postgres) = config.profile.postgres() else {
        return Err(ServerError::Nowhere { from: from.to_path_buf() });
    };
    let (folder, file) = places(from);
    let reading = |reason| ServerError::Store { database: file.display().to_string(), reason };
    if !file.exists() {
        return Err(reading(StoreError::Unusable("there is no database here".to_owned())));
    }
    // No server may take events meanwhile that would stay behind. A copy of a database that lies
    // somewhere else has no server.
    let _held = match &folder {
        Some(folder) => Some(DataDir::hold(folder)?),
        None => None,
    };
    let writing = |reason| failed(config, reason);
    let store = PostgresStore::open(&settings(config, postgres)).await.map_err(writing)?;
    let target = store.take_over().await.map_err(writing)?;

    let (sender, mut portions) = mpsc::channel(PORTIONS_AHEAD);
    let path = file.clone();
    let reader = tokio::task::spawn_blocking(move || read(&path, &sender));
    let mut counts: MovedCounts = MOVED_TABLES.iter().map(|table| (*table, 0)).collect();
    let (mut done, mut total) = (0, 0);
    while let Some(portion) = portions.recv().await {
        match portion {
            Portion::Total(rows) => total = rows,
            Portion::Rows(rows) => {
                target.take(&rows).await.map_err(writing)?;
                let moved = rows.rows.len() as u64;
                done += moved;
                let of_table = counts.iter_mut().find(|(table, _)| *table == rows.table);
                of_table.expect("one of these tables").1 += moved;
            }
        }
        progress(Progress { done, total, finished: false });
    }
    let read = reader.await.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))));
    read.map_err(reading)?;
    for (name, secret) in folder.iter().flat_map(|folder| secrets::stored(folder)) {
        target.take_secret(name, &secret).await.map_err(writing)?;
    }
    target.finish().await.map_err(writing)?;
    progress(Progress { done, total, finished: true });
    Ok(counts)
}

/// The data directory, if it is one, and the file of its database.
fn places(from: &Path) -> (Option<PathBuf>, PathBuf) {
    if from.is_dir() {
        return (Some(from.to_path_buf()), DataDir::database(from));
    }
    let folder = from.parent().filter(|folder| DataDir::database(folder) == from);
    // An empty path is the folder that this process is in.
    let folder = folder.map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
    (folder.map(Path::to_path_buf), from.to_path_buf())
}

/// What the reading thread tells.
enum Portion {
    /// How many rows there are.
    Total(u64),
    /// Some of them.
    Rows(MovedRows),
}

fn read(path: &Path, sender: &mpsc::Sender<Portion>) -> Result<(), StoreError> {
    let send = |portion| {
        let stopped = |_| StoreError::BrokenOff;
        sender.blocking_send(portion).map_err(stopped)
    };
    let snapshot = Snapshot::open(path)?;
    send(Portion::Total(snapshot.rows()?))?;
    snapshot.read(|rows| send(Portion::Rows(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_file_in_a_data_directory_stands_for_the_directory() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().to_path_buf();
        let file = data.join("scoreline.db");
        assert_eq!(places(&data), (Some(data.clone()), file.clone()));
        assert_eq!(places(&file), (Some(data.clone()), file));
        let copy = data.join("backup.db");
        assert_eq!(places(&copy), (None, copy.clone()));
        let here = Path::new("scoreline.db");
        assert_eq!(places(here), (Some(PathBuf::from(".")), here.to_path_buf()));
    }
}
