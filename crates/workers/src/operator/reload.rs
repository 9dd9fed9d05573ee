//! Reads the game definition again and puts it in force, for whoever asks: the route, SIGHUP and the
//! command line come through here.
//!
//! What follows from another definition (tournaments to be created, boards to be loaded) is the
//! work of the background jobs, which are woken.

use scoreline_core::operations::{OperationError, Reloaded};
use scoreline_core::reload::Change;
use scoreline_core::tournament::unforeseen;

use super::Operator;
use crate::preview::{chosen_definition, preview_definition};

impl Operator {
    pub(super) async fn read_definition_again(
        &self,
        replace_game: bool,
    ) -> Result<Reloaded, OperationError> {
        let (store, file) = (&*self.engine.store, self.definition_file.as_deref());
        let definition = chosen_definition(store, file, replace_game).await?;
        let plans = &self.engine.plans;
        let changed = plans.current().definition.source != definition.source;
        let now = self.engine.clock.now();
        let adopted = plans.adopt(definition, now).await?;
        self.engine.wake_jobs();
        let unforeseen = unforeseen(&adopted.plan, now);
        if !unforeseen.is_empty() {
            tracing::warn!(
                tournament.ids = ?unforeseen,
                "these tournaments were created ahead and are no longer in the definition; cancel \
                 them if they shall not run"
            );
        }
        Ok(Reloaded { changed, incomplete: adopted.incomplete })
    }

    pub(super) async fn preview(&self) -> Result<Vec<Change>, OperationError> {
        let plan = self.engine.plans.follow().await?;
        let (store, file) = (&*self.engine.store, self.definition_file.as_deref());
        preview_definition(store, &plan, file, self.engine.clock.now()).await
    }
}

/// Every reload shows in the log with its outcome, whoever asked for it.
pub(super) fn log(reloaded: &Result<Reloaded, OperationError>) {
    match reloaded {
        Ok(Reloaded { changed, incomplete }) => tracing::info!(
            definition.changed = changed,
            definition.incomplete = incomplete.len(),
            "the game definition was read again"
        ),
        Err(OperationError::Definition(mistakes)) => {
            for mistake in mistakes {
                tracing::error!(definition.mistake = %mistake, "mistake in the game definition");
            }
            tracing::error!(
                definition.mistakes = mistakes.len(),
                "the game definition has mistakes; the one in force stays"
            );
        }
        Err(error) => {
            tracing::error!(definition.error = %error, "the game definition was not read again");
        }
    }
}
