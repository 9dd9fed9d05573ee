//! Which definition a server or a tool goes on with: data belongs to its game.
//!
//! A store keeps the definition in force. A server started without a file goes on with it. A file
//! of another game is refused unless `replace_game` says that it is meant: otherwise other boards
//! would be shown, tournaments of another game would start, and history be removed by other rules.

use std::sync::Arc;

use serde::Deserialize;

use super::{Definition, Mistake};
use crate::error::ErrorKind;

/// The definition to go on with.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// The one that was given.
    Given(Arc<Definition>),
    /// The one that the store keeps.
    Stored(Arc<Definition>),
    /// The compiled-in sample: nothing was given, and the store is empty.
    Sample(Arc<Definition>),
}

impl Chosen {
    /// The definition itself.
    pub fn definition(&self) -> &Arc<Definition> {
        match self {
            Self::Given(definition) | Self::Stored(definition) | Self::Sample(definition) => {
                definition
            }
        }
    }

    /// Where it came from, in words.
    pub fn origin(&self) -> &'static str {
        match self {
            Self::Given(_) => "the definition file",
            Self::Stored(_) => "the database",
            Self::Sample(_) => "the compiled-in sample",
        }
    }
}

/// Why no definition was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// The store holds the data of another game.
    #[error(
        "the data is that of the game {stored:?}, but the definition is that of {given:?}; name the \
         data or the definition that belongs to it, or replace the game on purpose with \
         --replace-game (\"replace_game\": true)"
    )]
    OtherGame {
        /// The game of the store.
        stored: String,
        /// The game of the definition that was given.
        given: String,
    },
    /// Nothing was given, and this program cannot read what the store keeps.
    #[error(
        "the game definition in the database is not valid for this version ({mistake}); start with \
         a corrected file (SCORELINE_GAME)"
    )]
    Stored {
        /// The first mistake in it.
        mistake: Box<Mistake>,
    },
}

impl ChoiceError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::OtherGame { .. } => ErrorKind::Conflict,
            Self::Stored { .. } => ErrorKind::Invalid,
        }
    }
}

/// Chooses between the text that the store keeps and the definition that was given, if any. With
/// `replace_game`, one of another game is taken, too.
pub fn choose(
    stored: Option<&str>,
    given: Option<Arc<Definition>>,
    replace_game: bool,
) -> Result<Chosen, ChoiceError> {
    match (stored, given) {
        (None, None) => Ok(Chosen::Sample(Arc::new(Definition::sample()))),
        (None, Some(given)) => Ok(Chosen::Given(given)),
        (Some(stored), None) => match Definition::parse(stored) {
            Ok(definition) => Ok(Chosen::Stored(Arc::new(definition))),
            Err(mut mistakes) => {
                Err(ChoiceError::Stored { mistake: Box::new(mistakes.swap_remove(0)) })
            }
        },
        (Some(stored), Some(given)) => match game_name(stored) {
            Some(name) if name != given.game.name && !replace_game => {
                let given = given.game.name.clone();
                Err(ChoiceError::OtherGame { stored: name, given })
            }
            _ => Ok(Chosen::Given(given)),
        },
    }
}

/// The name of the game, even of a definition that this version finds mistakes in.
fn game_name(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct File {
        game: Game,
    }
    #[derive(Deserialize)]
    struct Game {
        name: String,
    }
    toml::from_str::<File>(text).ok().map(|file| file.game.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn game(name: &str) -> String {
        let text = crate::game::SAMPLE;
        let own = format!("name = {:?}", Definition::sample().game.name);
        assert!(text.contains(&own), "the sample has a name");
        text.replacen(&own, &format!("name = {name:?}"), 1)
    }

    fn given(text: &str) -> Arc<Definition> {
        Arc::new(Definition::parse(text).expect("no mistakes"))
    }

    #[test]
    fn an_empty_store_takes_what_is_given_or_the_sample() {
        assert!(matches!(choose(None, None, false), Ok(Chosen::Sample(_))));
        let dune = choose(None, Some(given(&game("Dune"))), false).expect("chosen");
        assert_eq!(
            (dune.definition().game.name.as_str(), dune.origin()),
            ("Dune", "the definition file")
        );
    }

    #[test]
    fn a_forgotten_file_does_not_replace_the_game() {
        let chosen = choose(Some(&game("Dune")), None, false).expect("chosen");
        assert!(matches!(chosen, Chosen::Stored(_)));
        assert_eq!(chosen.definition().game.name, "Dune");
        let on_purpose = choose(Some(&game("Dune")), None, true).expect("chosen");
        assert_eq!(on_purpose.definition().game.name, "Dune", "nothing was given to replace it");
    }

    #[test]
    fn another_game_is_refused_unless_it_is_meant() {
        let (dune, other) = (game("Dune"), Some(given(&game("Arrakis"))));
        let refused = choose(Some(&dune), other.clone(), false).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        let words = refused.to_string();
        assert!(words.contains("\"Dune\"") && words.contains("\"Arrakis\""), "{words}");
        assert!(words.contains("--replace-game"), "{words}");
        let meant = choose(Some(&dune), other, true).expect("chosen");
        assert_eq!(meant.definition().game.name, "Arrakis");
        let changed = format!("{dune}\n[events.more]\n");
        assert!(matches!(choose(Some(&dune), Some(given(&changed)), false), Ok(Chosen::Given(_))));
    }

    #[test]
    fn a_stored_definition_that_this_version_refuses_still_names_its_game() {
        let old = game("Dune").replacen("operator = \"best\"", "operator = \"bset\"", 1);
        let words = choose(Some(&old), None, false).expect_err("unreadable").to_string();
        assert!(words.contains("line ") && words.contains("SCORELINE_GAME"), "{words}");
        assert!(choose(Some(&old), Some(given(&game("Arrakis"))), false).is_err());
        assert!(choose(Some(&old), Some(given(&game("Dune"))), false).is_ok());
    }
}
