//! Which game definition is in force, and whether it is that of the file that is set.

use std::path::Path;

use scoreline_core::game::{Definition, SAMPLE};
use scoreline_core::plural::counted;

use super::Finding::{self, Fine, Warning, Wrong};

/// Judges the file that is set, if one is, beside the definition that the database keeps, if it has one.
pub fn judge(file: Option<&Path>, in_force: Option<&Definition>) -> Finding {
    let Some(path) = file else { return without_file(in_force) };
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Wrong(format!("{shown} cannot be read: {error}")),
    };
    match Definition::parse(&text) {
        Err(mistakes) => Wrong(format!(
            "{shown} has {}; 'scoreline check {shown}' explains every one",
            counted(mistakes.len(), "mistake")
        )),
        Ok(given) => beside(&shown.to_string(), &given, in_force),
    }
}

fn without_file(in_force: Option<&Definition>) -> Finding {
    match in_force {
        None => Fine("the compiled-in sample will be in force from the first start".to_owned()),
        Some(definition) if *definition.source == *SAMPLE => {
            Fine(format!("{} is in force, the compiled-in sample", named(definition)))
        }
        Some(definition) => Fine(format!(
            "{} is in force, as the database keeps it; no file is set",
            named(definition)
        )),
    }
}

/// A file without mistakes beside what is in force.
fn beside(shown: &str, given: &Definition, in_force: Option<&Definition>) -> Finding {
    match in_force {
        None => Fine(format!("{} of {shown} will be in force from the first start", named(given))),
        Some(in_force) if in_force.source == given.source => {
            Fine(format!("{} of {shown} is in force", named(given)))
        }
        Some(in_force) if in_force.game.name != given.game.name => Wrong(format!(
            "{} is in force, and {shown} is of another game, {}: name the data or the file that belongs \
             to it, or replace the game on purpose with --replace-game",
            named(in_force),
            named(given)
        )),
        Some(in_force) => Warning(format!(
            "{} is in force, and {shown} says something else; 'scoreline reload --plan' lists what it would \
             change, 'scoreline reload' or a start puts it in force",
            named(in_force)
        )),
    }
}

fn named(definition: &Definition) -> String {
    format!("{:?}", definition.game.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(finding: Finding) -> (char, String) {
        match finding {
            Fine(text) => ('f', text),
            Warning(text) => ('w', text),
            Wrong(text) => ('x', text),
        }
    }

    #[test]
    fn the_definition_in_force_is_named_beside_the_file() {
        let sample = Definition::sample();
        let changed = Definition::parse(&format!("{SAMPLE}\n# changed\n")).expect("a comment");
        let other = SAMPLE.replacen(&sample.game.name, "Another Game", 1);
        let other = Definition::parse(&other).expect("another name");
        let own = named(&sample);
        for (given, in_force, kind, words) in [
            (None, None, 'f', "the compiled-in sample will be in force"),
            (None, Some(&sample), 'f', "is in force, the compiled-in sample"),
            (None, Some(&changed), 'f', "as the database keeps it"),
            (Some(&sample), None, 'f', "will be in force from the first start"),
            (Some(&sample), Some(&sample), 'f', "of game.toml is in force"),
            (Some(&changed), Some(&sample), 'w', "'scoreline reload' or a start"),
            (Some(&other), Some(&sample), 'x', "is of another game, \"Another Game\""),
        ] {
            let finding = match given {
                None => without_file(in_force),
                Some(given) => beside("game.toml", given, in_force),
            };
            let (found, text) = told(finding);
            assert!(found == kind && text.contains(words), "{text}");
            assert!(in_force.is_none() || text.contains(&own), "{text}");
        }
    }
}
