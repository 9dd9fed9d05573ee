//! Mistakes in rules over several events.

use scoreline_core::game::{Class, Definition};

use super::{SMALL, mistakes};

fn with_rule(rule: &str) -> Vec<String> {
    let own = "[events.game_started]\n[events.game_started.fields]\nmode = { type = \"string\" }\n";
    let text = format!("{SMALL}[[suspicion]]\nevent = \"game_ended\"\n{rule}\n{own}");
    let lead = |one: String| one.split_once(": ").map_or(one.clone(), |(_, rest)| rest.to_owned());
    mistakes(&text).into_iter().map(lead).collect()
}

#[test]
fn every_rule_is_read_with_what_it_needs() {
    for rule in [
        "rule = \"improvement\"\nboard = \"global\"\nfactor = 5\namount = 100\nafter = 3",
        "rule = \"interval\"\nleast_seconds = 5\nthen = \"refuse\"",
        "rule = \"predecessor\"\nbefore = \"game_started\"\nsame = \"session_id\"",
        "rule = \"clock\"\nplayed = \"seconds\"\ntolerance_seconds = 600\nthen = \"review\"",
    ] {
        assert_eq!(with_rule(rule), [""; 0], "{rule}");
    }
}

#[test]
fn what_others_must_follow_travels_as_urgently_as_they_do() {
    let predecessor = |event: &str, before: &str| {
        format!(
            "[[suspicion]]\nevent = \"{event}\"\nrule = \"predecessor\"\nbefore = \"{before}\"\n\
             same = \"run\"\n"
        )
    };
    let event = |name: &str, class: &str| {
        format!(
            "[events.{name}]\nclass = \"{class}\"\n[events.{name}.fields]\n\
             run = {{ type = \"string\" }}\n"
        )
    };
    let text = [
        SMALL.to_owned(),
        event("chosen", "bulk"),
        event("begun", "bulk"),
        event("ended", "critical"),
        event("other", "bulk"),
        predecessor("begun", "chosen"),
        predecessor("ended", "begun"),
    ];
    let definition = Definition::parse(&text.concat()).expect("no mistakes");
    let class = |name: &str| definition.events[name].class;
    assert_eq!(["chosen", "begun", "ended"].map(class), [Class::Critical; 3]);
    assert_eq!(class("other"), Class::Bulk);
    let decides = |name: &str| definition.events[name].field("run").expect("a field").decides;
    assert_eq!(["chosen", "begun", "ended"].map(decides), [true; 3]);
    assert!(!decides("other"));
}

#[test]
fn the_field_of_the_ticket_decides() {
    let own = "[events.game_started]\n[events.boss]\n[events.boss.fields]\n\
               ticket = { type = \"string\" }\nnote = { type = \"string\" }\n";
    let tickets = "[tickets]\nbegins = \"game_started\"\nends = \"boss\"\nfield = \"ticket\"\n";
    let definition = Definition::parse(&format!("{SMALL}{own}{tickets}")).expect("no mistakes");
    let decides = |name: &str| definition.events["boss"].field(name).expect("a field").decides;
    assert!(decides("ticket") && !decides("note"));
}

#[test]
fn what_is_wrong_with_a_rule_is_told() {
    let cases = [
        (
            "rule = \"speed\"",
            "suspicion[0].rule: \"speed\" is no rule: write \"improvement\", \"interval\", \
             \"predecessor\" or \"clock\"",
        ),
        (
            "rule = \"improvement\"\nboard = \"global\"",
            "suspicion[0]: says neither a factor nor an amount (write factor = 5, amount = 1000, or both)",
        ),
        (
            "rule = \"improvement\"\nboard = \"global\"\nfactor = 0.5",
            "suspicion[0].factor: must be at least 1, but is 0.5",
        ),
        (
            "rule = \"interval\"\nleast_seconds = 5\nthen = \"quarantine\"",
            "suspicion[0].then: \"quarantine\" is no consequence: write \"review\" or \"refuse\"",
        ),
        (
            "rule = \"predecessor\"\nbefore = \"game_ended\"\nsame = \"mode\"",
            "suspicion[0].before: must be another type than the one that the rule is for",
        ),
        (
            "rule = \"predecessor\"\nbefore = \"game_started\"\nsame = \"win\"",
            "suspicion[0].same: game_started has no field \"win\"",
        ),
        (
            "rule = \"clock\"\nplayed = \"mode\"\ntolerance_seconds = 600",
            "suspicion[0].played: must be an integer or number field, but mode is a string",
        ),
        (
            "rule = \"clock\"\nplayed = \"seconds\"\ntolerance_seconds = 600\nleast_seconds = 1",
            "suspicion[0].least_seconds: ",
        ),
    ];
    for (rule, expected) in cases {
        let found = with_rule(rule);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{rule}: {found:?}");
    }
}
