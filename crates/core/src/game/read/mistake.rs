//! What is wrong with a definition file, and how it is told.

use std::fmt;

/// One mistake in a definition file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The line it stands in, from 1.
    pub line: usize,
    /// What it concerns, such as `leaderboards.global.score`; empty where it is the file as a whole
    /// or a place that is not TOML.
    pub path: String,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// What to write instead, where that can be told.
    pub suggestion: Option<String>,
}

impl std::error::Error for Mistake {}

/// `line 12: leaderboards.global.score: game_ended has no field "scor" (did you mean "score"?)`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " ({suggestion})"),
            None => Ok(()),
        }
    }
}
