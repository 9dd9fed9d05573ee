//! Whatever a file holds, the answer is a definition or a list of mistakes within it.

use proptest::prelude::*;
use scoreline_core::game::{Definition, SAMPLE};

/// Parses and checks what holds for every text.
fn parse(text: &str) -> bool {
    match Definition::parse(text) {
        Ok(definition) => {
            assert!(definition.boards.contains_key(&definition.game.main_board));
            assert_eq!(&*definition.source, text);
            true
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            assert!(mistakes.is_sorted_by_key(|mistake| mistake.line));
            let lines = text.lines().count().max(1);
            for mistake in mistakes {
                assert!((1..=lines).contains(&mistake.line), "{mistake} of {lines} lines");
                let told = mistake.to_string();
                assert!(!told.chars().any(char::is_control), "{told:?}");
                assert!(told.len() < 4_000, "{told}");
            }
            false
        }
    }
}

#[derive(Debug, Clone)]
enum Edit {
    /// Bytes are replaced by others.
    Replace { at: usize, remove: usize, insert: String },
    /// A line goes to another place.
    Move { from: usize, to: usize },
    /// The rest is cut off.
    Truncate { at: usize },
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let snippets = prop::sample::select(
        &[
            "",
            "\0",
            "\"",
            "'",
            "\"\"\"",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            ".",
            ",",
            "\n",
            "#",
            "\\u0000",
            "\u{202e}",
            "é",
            "1e999",
            "-1",
            "nan",
            "inf",
            "0x",
            "true",
            "1979-05-27",
            "99999999999999999999",
            "[[a]]",
            "[a.b]",
            "a = 1",
            "a.b.c = 1",
            "= {}",
            "\"\" = 1",
            "{week}",
            "{",
            "* * * * *",
            "0 0 31 2 *",
            "Europe/Berlin",
            "number",
            "any",
            "array",
            "game_ended",
            "score",
            "[events]",
            "[game]",
            "[[leaderboards]]",
            "events = 1",
            "[events.game_ended]",
        ][..],
    );
    let insert = prop_oneof![
        4 => snippets.prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{0,8}",
    ];
    prop_oneof![
        6 => (any::<usize>(), 0..12_usize, insert)
            .prop_map(|(at, remove, insert)| Edit::Replace { at, remove, insert }),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Edit::Move { from, to }),
        1 => any::<usize>().prop_map(|at| Edit::Truncate { at }),
    ]
}

/// The last place that is not after `at` and not within a character.
fn boundary_until(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn apply(text: &mut String, edit: &Edit) {
    let boundary = |text: &str, at: usize| boundary_until(text, at % (text.len() + 1));
    match edit {
        Edit::Replace { at, remove, insert } => {
            let start = boundary(text, *at);
            let end = boundary_until(text, start + remove);
            text.replace_range(start..end, insert);
        }
        Edit::Move { from, to } => {
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                let line = lines.remove(from % lines.len());
                lines.insert(to % (lines.len() + 1), line);
            }
            *text = lines.join("\n");
        }
        Edit::Truncate { at } => text.truncate(boundary(text, *at)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_sample_with_random_edits_is_answered(edits in prop::collection::vec(any_edit(), 1..12)) {
        let mut text = SAMPLE.to_owned();
        for edit in &edits {
            apply(&mut text, edit);
        }
        parse(&text);
    }

    /// Short texts meet the edges of the grammar more often than long ones.
    #[test]
    fn a_text_of_snippets_is_answered(edits in prop::collection::vec(any_edit(), 1..60)) {
        let mut text = String::new();
        for edit in &edits {
            apply(&mut text, edit);
        }
        parse(&text);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        parse(&text);
    }
}

#[test]
fn a_sample_cut_off_anywhere_is_answered() {
    let cuts = (0..SAMPLE.len()).step_by(97).filter(|cut| SAMPLE.is_char_boundary(*cut));
    let complete = cuts.filter(|cut| parse(&SAMPLE[..*cut])).count();
    // The sample's last sections may be missing, its boards may not.
    assert!(complete > 0);
}

#[test]
fn deep_nesting_is_answered() {
    for deep in ["[", "{a=", "[{a="] {
        let nested = format!("x = {}", deep.repeat(50_000));
        assert!(!parse(&nested));
    }
    let dotted = "a.".repeat(100_000) + "a = 1";
    assert!(!parse(&dotted));
    assert!(!parse(&format!("[{}a]", "a.".repeat(100_000))));
    let field =
        format!("d = {{ type = \"any\", default = {}1{} }}", "[".repeat(60), "]".repeat(60));
    let text = format!("{SAMPLE}\n[events.deep.fields]\n{field}");
    let mistakes = Definition::parse(&text).expect_err("too deep for an event");
    assert!(mistakes[0].reason.contains("nest"), "{}", mistakes[0]);
}

#[test]
fn long_lines_and_many_keys_are_answered() {
    assert!(!parse(&format!("{} = 1", "k".repeat(1_000_000))));
    assert!(!parse(&format!("name = \"{}\"", "v".repeat(1_000_000))));
    let keys: Vec<String> = (0..60_000).map(|n| format!("k{n} = {n}")).collect();
    assert!(!parse(&keys.join("\n")));
    assert!(!parse(&"\0".repeat(1_000_000)));
    assert!(!parse(&"[a]\n".repeat(200_000)));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn a_definition_with_a_thousand_tournaments_is_read_in_time() {
    let series = (0..900).map(|n| {
        format!(
            "[tournaments.t{n}]\n\
             leaderboard = \"global\"\n\
             schedule = {{ cron = \"30 */6 * * *\", zone = \"America/New_York\" }}\n\
             id = \"t{n}_{{year}}{{month}}{{day}}{{hour}}\"\n\
             name = \"T\"\n\
             prizes = []\n"
        )
    });
    let text = format!("{SAMPLE}\n{}", series.collect::<Vec<_>>().join("\n"));
    let started = std::time::Instant::now();
    assert!(parse(&text));
    let taken = started.elapsed();
    assert!(taken.as_secs() < 60, "{taken:?}");
}
