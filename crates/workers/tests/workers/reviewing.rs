//! Deciding about events in review: what nobody has decided in time, and many at once.

use scoreline_core::audit::{Act, Actor};
use scoreline_core::operations::ReviewOrder;
use scoreline_core::review::{ReviewFilter, Standing};
use scoreline_core::store::ReviewStore as _;
use scoreline_core::time::Clock as _;

use crate::support::{DAY_MS, GAME, World};

/// The small game, in which more than a point a meter is suspicious.
async fn watched() -> World {
    let rule = "[[plausibility]]\nevent = \"run\"\nfield = \"score\"\nat_most = 1\ntimes = \"meters\"\n\
                then = \"review\"\n";
    World::with_game(&format!("{GAME}\n{rule}")).await
}

impl World {
    /// Of whom something stands so, each with the note.
    async fn reviewed(&self, standing: Standing) -> Vec<(String, Option<String>)> {
        let filter = ReviewFilter { standing, ..ReviewFilter::default() };
        let rows = self.store.reviews(filter, None, 10).await.expect("answers").rows;
        let told = rows.into_iter().map(|one| {
            (one.event.player.to_string(), one.decided.and_then(|decided| decided.note))
        });
        told.collect()
    }

    async fn decide(&self, fitting: ReviewFilter, accept: bool) -> u64 {
        let act = Act {
            by: Actor { name: "ops".to_owned(), key: None, address: None },
            what: "decideReviews".to_owned(),
            target: String::new(),
            note: Some("seen".to_owned()),
            at: self.clock.now(),
        };
        let order = ReviewOrder { fitting, accept, ..ReviewOrder::default() };
        self.operations().decide_reviews(order, act).await.expect("decides")
    }
}

#[tokio::test]
async fn what_nobody_has_decided_in_time_is_refused() {
    let world = watched().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    world.clock.advance(89 * DAY_MS);
    world.send(&[world.run("cy", 30)]).await.expect("accepted");
    world.keep_house().await;
    let waiting = world.reviewed(Standing::Waiting).await;
    assert_eq!(waiting, [("bob".to_owned(), None), ("cy".to_owned(), None)]);
    world.clock.advance(2 * DAY_MS);
    world.keep_house().await;
    assert_eq!(world.reviewed(Standing::Waiting).await, [("cy".to_owned(), None)]);
    let why = Some("nobody has decided in time".to_owned());
    assert_eq!(world.reviewed(Standing::Refused).await, [("bob".to_owned(), why)]);
    world.clock.advance(DAY_MS);
    world.keep_house().await;
    assert_eq!(world.reviewed(Standing::Refused).await, [], "it goes with its event");
    assert_eq!(world.ranking(world.board("best")).await, [("ada".to_owned(), 10)]);
    world.verify().await;
}

#[tokio::test]
async fn what_is_held_for_its_beginning_counts_once_that_comes() {
    let rule = "[events.begun]\n[[suspicion]]\nevent = \"run\"\nrule = \"predecessor\"\nbefore = \"begun\"\n\
                same = \"session_id\"\n";
    let world = World::with_game(&format!("{GAME}\n{rule}")).await;
    let of_session = |mut event: serde_json::Value, session: &str| {
        event["session_id"] = session.into();
        event
    };
    let begun = serde_json::json!({
        "event_type": "begun", "user_id": "ada", "timestamp": world.clock.now().to_string(),
        "app_version": "1.0", "platform": "ios",
    });
    world.clock.advance(1_000);
    let runs = [of_session(world.run("ada", 10), "one"), of_session(world.run("bob", 20), "one")];
    world.send(&runs).await.expect("accepted");
    let waiting = [("ada".to_owned(), None), ("bob".to_owned(), None)];
    assert_eq!(world.reviewed(Standing::Waiting).await, waiting);
    world.send(&[of_session(begun, "one")]).await.expect("accepted");
    assert_eq!(world.reviewed(Standing::Waiting).await, [("bob".to_owned(), None)]);
    let why = Some("what it follows came later".to_owned());
    assert_eq!(world.reviewed(Standing::Accepted).await, [("ada".to_owned(), why)]);
    world.tick().await;
    world.ranks().catch_up().await.expect("hears");
    assert_eq!(world.ranking(world.board("best")).await, [("ada".to_owned(), 10)]);
    world.verify().await;
}

#[tokio::test]
async fn an_operator_decides_about_many_at_once_by_rule_or_age() {
    let world = watched().await;
    world.send(&[world.run("ada", 20), world.run("bob", 30)]).await.expect("accepted");
    world.clock.advance(DAY_MS);
    world.send(&[world.run("cy", 40)]).await.expect("accepted");
    let before = Some(world.clock.now().plus_ms(-1));
    let older = ReviewFilter { held_before: before, ..ReviewFilter::default() };
    assert_eq!(world.decide(older.clone(), false).await, 2);
    assert_eq!(world.decide(older, false).await, 0);
    let of_rule =
        |rule: &str| ReviewFilter { rule: Some(rule.to_owned()), ..ReviewFilter::default() };
    assert_eq!(world.decide(of_rule("clock"), true).await, 0);
    assert_eq!(world.decide(ReviewFilter::default(), true).await, 0, "that names none");
    assert_eq!(world.decide(of_rule("plausibility"), true).await, 1);
    world.ranks().catch_up().await.expect("hears");
    assert_eq!(world.ranking(world.board("best")).await, [("cy".to_owned(), 40)]);
}
