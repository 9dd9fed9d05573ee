//! The time of a simulation: virtual, turned on by whoever simulates, or real.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use scoreline_core::time::Timestamp;
use scoreline_server::virtual_clock_text;

use crate::error::{Error, Result};

/// The file in which a server reads its time.
pub struct ClockFile {
    path: PathBuf,
    file: File,
    first: Timestamp,
}

impl ClockFile {
    /// Makes the file, with the time at which a server is to start.
    pub fn create(path: &Path, time: Timestamp) -> Result<Self> {
        let refused = || Error::system(path.display().to_string());
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
        let mut clock = Self { path: path.to_owned(), file: file.map_err(refused())?, first: time };
        clock.set(time)?;
        Ok(clock)
    }

    /// Turns the clock, as if the machine had run all the while.
    pub fn set(&mut self, time: Timestamp) -> Result<()> {
        let ms = time.ms_since(self.first).max(0);
        self.jump(time, Duration::from_millis(ms.unsigned_abs()))
    }

    /// Sets the clock to a time when the machine has run for so long.
    pub fn jump(&mut self, time: Timestamp, uptime: Duration) -> Result<()> {
        // In place and in one piece: a reader finds a time whenever it looks.
        let text = virtual_clock_text(time, uptime);
        let written =
            self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(text.as_bytes()));
        written.map_err(Error::system(self.path.display().to_string()))
    }
}
