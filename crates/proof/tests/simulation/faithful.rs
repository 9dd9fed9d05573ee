//! A server that does what it must.

use scoreline_core::game::Definition;
use scoreline_proof::Report;
use scoreline_server::Substitutes;

use crate::site::{Site, options};

fn is_right(report: &Report) {
    assert!(report.is_clean(), "{}", report.to_text());
    assert!(report.is_exact);
    let sent = &report.sent;
    for (what, count) in [
        ("repeated", sent.repeated),
        ("late", sent.late),
        ("rejected", sent.rejected),
        ("names", sent.names),
        ("tournaments", sent.tournaments),
        ("claims", sent.claims),
    ] {
        assert!(count > 0, "none is {what}: {sent:?}");
    }
    // Every kind of figure was compared.
    assert_eq!(report.findings.kinds.len(), 12, "{:?}", report.findings.kinds.keys());
    assert!(report.findings.kinds.values().all(|kind| kind.compared > 0 && kind.unsure == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_some_days_of_the_sample_game_is_as_reckoned() {
    let definition = Definition::sample();
    // The week ends with the last of them.
    let site = Site::start(&definition, "2026-11-21T00:00:00Z", Substitutes::default()).await;
    is_right(&site.play(definition, options(150, 2)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_a_day_of_another_game_is_as_reckoned() {
    let text = include_str!("../../../../examples/word-duel.toml");
    let definition = Definition::parse(text).expect("valid");
    let site = Site::start(&definition, "2026-11-22T00:00:00Z", Substitutes::default()).await;
    is_right(&site.play(definition, options(150, 1)).await);
}
