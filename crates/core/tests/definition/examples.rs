//! The examples of docs/game-definition.md and of README.md.

use scoreline_core::game::{Definition, SAMPLE};

const PAGE: &str = include_str!("../../../../docs/game-definition.md");

const README: &str = include_str!("../../../../README.md");

fn examples(page: &'static str) -> Vec<&'static str> {
    let blocks = page.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().expect("a block")).collect()
}

#[test]
fn every_example_can_be_added_to_the_sample() {
    let examples = examples(PAGE);
    assert!(examples.len() >= 6, "{} examples", examples.len());
    let text = format!("{SAMPLE}\n{}", examples.join("\n"));
    if let Err(mistakes) = Definition::parse(&text) {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"));
    }
}

#[test]
fn the_example_of_the_readme_is_a_whole_game() {
    let [game] = examples(README)[..] else { panic!("one example") };
    assert_eq!(Definition::parse(game).map(|game| game.tournaments.len()), Ok(1));
}

#[test]
fn every_key_is_explained() {
    let sections = ["game", "events", "leaderboards", "tournaments", "statistics", "plausibility"];
    let keys = [
        "name",
        "default_nickname",
        "platforms",
        "main_leaderboard",
        "class",
        "unknown_fields",
        "fields",
        "type",
        "required",
        "nullable",
        "min",
        "max",
        "length",
        "min_length",
        "max_length",
        "one_of",
        "default",
        "items",
        "title",
        "event",
        "where",
        "operator",
        "score",
        "field",
        "scale",
        "order",
        "reset",
        "beside",
        "leaderboard",
        "schedule",
        "id",
        "prizes",
        "ranks",
        "coins",
        "gems",
        "at_most",
        "at_least",
        "times",
    ];
    for section in sections {
        assert!(PAGE.contains(&format!("[{section}")), "{section}");
    }
    for key in keys {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}
