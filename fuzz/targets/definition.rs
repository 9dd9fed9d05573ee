//! Any text is a definition or a list of mistakes, each of which stands in one of its lines.
//!
//! `fuzz/run definition`

#![no_main]

use libfuzzer_sys::fuzz_target;
use scoreline_core::game::Definition;

fuzz_target!(|text: &str| {
    match Definition::parse(text) {
        Ok(definition) => assert!(!definition.game.name.is_empty()),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = text.lines().count().max(1);
            assert!(mistakes.iter().all(|mistake| (1..=lines).contains(&mistake.line)));
        }
    }
});
