//! Mistakes in what leaderboards and statistics measure.

use super::{mistakes, one, with};

#[test]
fn a_measure_needs_a_field_that_can_be_counted() {
    one(
        "score = \"score\"",
        "score = \"mode\"",
        "line 20: leaderboards.global.score: must be an integer or number field, but mode is a \
         string",
    );
    one(
        "score = \"score\"",
        "score = \"country\"",
        "line 20: leaderboards.global.score: must be an integer or number field, but country is a \
         string",
    );
    one(
        "score = \"score\"",
        "score = \"seconds\"",
        "line 20: leaderboards.global.score: seconds may have a fraction, and fractions do not add \
         up exactly in any order (add scale = 100 to count in hundredths)",
    );
    one(
        "score = \"score\"",
        "score = \"score\"\nscale = 10",
        "line 21: leaderboards.global.scale: score is an integer, which is counted as it is \
         (leave scale out)",
    );
    one(
        "score = \"score\"",
        "score = \"seconds\"\nscale = 0",
        "line 21: leaderboards.global.scale: must be a whole number from 1 to 1000000, but is 0",
    );
    one(
        "operator = \"count\"",
        "operator = \"count\"\nfield = \"score\"",
        "line 36: statistics.played.field: the operator \"count\" looks at no field (leave this \
         out, or write operator = \"sum\")",
    );
    one(
        "operator = \"count\"",
        "operator = \"latest\"\nfield = \"score\"",
        "line 35: statistics.played.operator: \"latest\" is no operator: write \"count\", \"sum\" \
         or \"best\"",
    );
    one(
        "beside = { points = \"score\" }",
        "beside = { points = \"seconds\" }",
        "line 21: leaderboards.global.beside.points: must be an integer field, but seconds is a \
         number",
    );
    one(
        "beside = { points = \"score\" }",
        "beside = { a = \"score\", b = \"score\", c = \"score\", d = \"score\", e = \"score\" }",
        "line 21: leaderboards.global.beside: there must be at most 4 sums, but are 5",
    );
}

#[test]
fn a_filter_must_be_able_to_match() {
    let line = "where = { mode = \"endless\" }";
    let cases = [
        (
            "{ mode = \"endles\" }",
            ".mode: mode is never \"endles\": it is \"endless\" or \"story\" (did you mean \
             \"endless\"?)",
        ),
        ("{ score = 1001 }", ".score: no event may have it: it must be at most 1000, but is 1001"),
        ("{ score = \"10\" }", ".score: must be a whole number, but is the text \"10\""),
        (
            "{ score = { at_least = 1001 } }",
            ".score: score is never in this range by its own min and max",
        ),
        (
            "{ score = { at_least = 2, at_most = 1 } }",
            ".score: no number is both that great and that small",
        ),
        ("{ score = {} }", ".score: must name at_least, at_most or both"),
        (
            "{ seconds = 3 }",
            ".seconds: seconds is a number, which is seldom exactly a certain one (write \
             { at_least = 1, at_most = 2 })",
        ),
        (
            "{ mode = { at_least = 1 } }",
            ".mode: at_least and at_most fit numbers only, but mode is a string",
        ),
        ("{ tags = \"x\" }", ".tags: tags is an array, which cannot be compared"),
        (
            "{ platform = \"web\" }",
            ".platform: platform is never \"web\": it is \"android\" or \"ios\"",
        ),
        ("{ mode = [] }", ".mode: must have 1 to 1000 values"),
        ("{ level = 1 }", ".level: game_ended has no field \"level\""),
        (
            "\"mode = endless\"",
            ": must be a table such as { game_mode = \"endless\" }, but is the text \"mode = endless\"",
        ),
    ];
    for (filter, expected) in cases {
        let expected = format!("line 18: leaderboards.global.where{expected}");
        one(line, &format!("where = {filter}"), &expected);
    }
    for filter in
        ["{ score = { at_least = 1000 } }", "{ mode = [\"story\"], win = true, country = \"DE\" }"]
    {
        assert_eq!(mistakes(&with(line, &format!("where = {filter}"))), [""; 0], "{filter}");
    }
}
