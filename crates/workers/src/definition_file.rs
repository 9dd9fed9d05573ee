//! Reads the game definition that the server was started with.

use std::path::Path;
use std::sync::Arc;

use scoreline_core::game::{Definition, Mistake};
use scoreline_core::limits::DEFINITION_BYTES_MAX;
use scoreline_core::operations::OperationError;
use tokio::io::AsyncReadExt;

/// Why the definition could not be read. Each caller turns this into an error of its own.
#[derive(Debug)]
pub(crate) enum DefinitionFileError {
    /// It was read, and has mistakes.
    Mistakes(Vec<Mistake>),
    /// It could not be read: why.
    Unreadable(String),
}

impl From<DefinitionFileError> for OperationError {
    fn from(error: DefinitionFileError) -> Self {
        match error {
            DefinitionFileError::Mistakes(mistakes) => Self::Definition(mistakes),
            DefinitionFileError::Unreadable(reason) => Self::DefinitionFile(reason),
        }
    }
}

/// Reads the definition in `file`, if one is named.
pub(crate) async fn read(
    file: Option<&Path>,
) -> Result<Option<Arc<Definition>>, DefinitionFileError> {
    let Some(file) = file else { return Ok(None) };
    let unreadable = |error: std::io::Error| {
        DefinitionFileError::Unreadable(format!("{}: {error}", file.display()))
    };
    let mut text = String::new();
    let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
    // One byte more than allowed, to tell a file of the greatest size from a larger one.
    let mut limited = opened.take(DEFINITION_BYTES_MAX as u64 + 1);
    limited.read_to_string(&mut text).await.map_err(unreadable)?;
    if text.len() > DEFINITION_BYTES_MAX {
        return Err(DefinitionFileError::Unreadable(format!(
            "{} has more than {DEFINITION_BYTES_MAX} bytes",
            file.display()
        )));
    }
    let definition = Definition::parse(&text).map_err(DefinitionFileError::Mistakes)?;
    Ok(Some(Arc::new(definition)))
}
