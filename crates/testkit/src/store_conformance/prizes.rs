//! Prizes by the hand of an operator.

use std::sync::Arc;

use scoreline_core::audit::{Act, AuditFilter};
use scoreline_core::feed::{Change, Heard};
use scoreline_core::tournament::{Claim, HandAward, HandPrize, Prize, PrizeStatistics, Revocation};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{at, played, player};

fn awarding(id: &str) -> Act {
    act("awardPrize", id, 5)
}

fn revoking() -> Act {
    act("revokePrize", "x", 6)
}

fn gift(id: &str, coins: i64) -> HandPrize {
    HandPrize::new(None, player(id), [coins, 2], "an outage").expect("a prize")
}

impl World<'_> {
    async fn award(&self, prize: HandPrize) -> HandAward {
        self.store.award_prize(prize, awarding("ann")).await.expect("answers")
    }

    async fn revoke(&self, id: Uuid) -> Revocation {
        self.store.revoke_prize(id, revoking()).await.expect("answers")
    }

    async fn claim(&self, id: Uuid, who: &str) -> Claim {
        self.store.claim_prize(id, player(who), at(60)).await.expect("answers")
    }

    async fn pending(&self, id: &str) -> Vec<Prize> {
        self.store.pending_prizes(player(id)).await.expect("answers")
    }

    async fn acts(&self) -> Vec<String> {
        let log = self.store.audit(AuditFilter::default(), None, 9).await.expect("answers");
        log.rows.into_iter().map(|entry| entry.audited.act.what).collect()
    }
}

/// A cup that ann won before bob, closed.
async fn cup(database: &dyn Database) -> (World<'_>, Vec<Prize>) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.apply(&[played("ann", 1, 10, 5), played("bob", 2, 20, 4)]).await;
    world.seal("cup").await;
    world.close("cup").await;
    let prizes = world.prizes("cup").await;
    (world, prizes)
}

pub async fn a_prize_that_is_awarded_by_hand_is_given_once(database: &dyn Database) {
    let world = World::new(database).await;
    let wanted = gift("ann", 5);
    let expected = wanted.prize(&awarding("ann"));
    let stores = [database.open().await, database.open().await];
    let awards = (0..8).map(|no| {
        let (store, prize) = (Arc::clone(&stores[no % 2]), wanted.clone());
        tokio::spawn(async move { store.award_prize(prize, awarding("ann")).await })
    });
    let mut given = 0;
    for award in awards.collect::<Vec<_>>() {
        match award.await.expect("does not panic").expect("answers") {
            HandAward::Given(prize) => given += i32::from(prize == expected),
            HandAward::GivenBefore(prize) => assert_eq!(prize, expected),
            HandAward::Taken => panic!("it is the same prize"),
        }
    }
    assert_eq!(given, 1);
    assert_eq!(world.pending("ann").await, std::slice::from_ref(&expected));
    assert_eq!(world.pending("bob").await, []);
    assert_eq!(world.acts().await, ["awardPrize"]);

    let claimed = Prize { claimed_at: Some(at(60)), ..expected };
    assert_eq!(world.claim(claimed.id, "bob").await, Claim::NotFound);
    assert_eq!(world.claim(claimed.id, "ann").await, Claim::Claimed(claimed.clone()));
    assert_eq!(world.award(wanted).await, HandAward::GivenBefore(claimed));
    let found = world.store.prize_statistics(player("ann")).await.expect("answers");
    let expected = PrizeStatistics {
        total_prizes: 1,
        claimed_prizes: 1,
        total_coins: 5,
        total_gems: 2,
        claimed_coins: 5,
        claimed_gems: 2,
        best_rank: None,
        tournaments_won: 0,
    };
    assert_eq!(found, expected);
    world.check().await;
}

pub async fn an_id_of_a_prize_is_not_given_to_another(database: &dyn Database) {
    let (world, won) = cup(database).await;
    let id = Some(won[0].id);
    let wanted = HandPrize::new(id, player("ann"), [won[0].coins, won[0].gems], "x");
    assert_eq!(world.award(wanted.expect("a prize")).await, HandAward::Taken, "it was won");
    let given = gift("ann", 5);
    world.award(given.clone()).await;
    for other in
        [HandPrize { coins: 6, ..given.clone() }, HandPrize { player: player("bob"), ..given }]
    {
        assert_eq!(world.award(other).await, HandAward::Taken);
    }
    assert_eq!(world.pending("ann").await.len(), 2);
    assert_eq!(world.acts().await, ["awardPrize"], "what changed nothing is not in the log");
    world.check().await;
}

pub async fn a_revoked_prize_is_gone_and_nobody_else_gets_it(database: &dyn Database) {
    let (world, won) = cup(database).await;
    world.claim(won[1].id, "bob").await;
    let gift = gift("ann", 5);
    world.award(gift.clone()).await;
    for (id, claimed_at) in [(won[0].id, None), (won[1].id, Some(at(60))), (gift.id, None)] {
        let Revocation::Revoked(revoked) = world.revoke(id).await else { panic!("it was there") };
        assert_eq!((revoked.claimed_at, revoked.revoked_at), (claimed_at, Some(at(6))));
        assert_eq!(world.revoke(id).await, Revocation::RevokedBefore(revoked.clone()));
        let owner = revoked.player.as_str();
        assert_eq!(world.claim(id, owner).await, Claim::NotFound, "whether or not it was claimed");
    }
    assert_eq!(world.revoke(Uuid::nil()).await, Revocation::NotFound);
    let expected = ["revokePrize", "revokePrize", "revokePrize", "awardPrize"];
    assert_eq!(world.acts().await, expected);
    for id in ["ann", "bob"] {
        assert_eq!(world.pending(id).await, []);
        let history = async |with| {
            world.store.prize_history(player(id), 9, with).await.expect("answers").len()
        };
        assert_eq!(history(false).await, 0);
        assert!(history(true).await > 0, "operators see it");
        let found = world.store.prize_statistics(player(id)).await.expect("answers");
        assert_eq!(found, PrizeStatistics::default());
    }
    let HandAward::GivenBefore(again) = world.award(gift).await else { panic!("it is the same") };
    assert!(again.revoked_at.is_some(), "a request that comes again restores nothing");
    world.close("cup").await;
    let after: Vec<_> = world.prizes("cup").await.into_iter().map(|one| one.revoked_at).collect();
    assert_eq!(after, [Some(at(6)); 2], "closing again awards nothing anew");
    world.check().await;
}

pub async fn whatever_operators_do_to_a_prize_is_told_once(database: &dyn Database) {
    let world = World::new(database).await;
    let position = world.store.position().await.expect("answers");
    let gift = gift("ann", 5);
    for _ in 0..2 {
        world.award(gift.clone()).await;
    }
    for _ in 0..2 {
        world.revoke(gift.id).await;
    }
    let heard = world.store.changes_after(&position).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("the thread is not lost") };
    let changes: Vec<&Change> = commits.iter().flat_map(|commit| &*commit.changes).collect();
    assert_eq!(changes, [&Change::Prize { prize: gift.id, player: player("ann") }; 2]);
}

pub async fn a_prize_is_either_claimed_or_revoked_before_it(database: &dyn Database) {
    let world = World::new(database).await;
    for round in 0..10 {
        let prize = gift("ann", 1 + round);
        world.award(prize.clone()).await;
        let (store, other) = (Arc::clone(&world.store), database.open().await);
        let claim = async { store.claim_prize(prize.id, player("ann"), at(60)).await };
        let revoke = async { other.revoke_prize(prize.id, revoking()).await };
        let (claim, revocation) = tokio::join!(claim, revoke);
        let Revocation::Revoked(revoked) = revocation.expect("answers") else {
            panic!("nobody else revokes it")
        };
        match claim.expect("answers") {
            Claim::Claimed(_) => assert_eq!(revoked.claimed_at, Some(at(60)), "and it is told so"),
            Claim::NotFound => assert_eq!(revoked.claimed_at, None),
            claim @ Claim::AlreadyClaimed(_) => panic!("{claim:?}"),
        }
    }
}
