//! Moving a player to another id: two are one, in all that is kept and in all that comes.

use std::collections::BTreeMap;
use std::sync::Arc;

use scoreline_core::audit::AuditFilter;
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erasure, ErasureStep};
use scoreline_core::event::RejectCode;
use scoreline_core::event::recognise::{Recognised, recognise};
use scoreline_core::feed::{Change, Heard};
use scoreline_core::fold::{ANALYTICS, FIGURES, ProjectionKind};
use scoreline_core::id::PlayerId;
use scoreline_core::joining::{Joined, JoinedCounts, Joining, MoveRefused};
use scoreline_core::naming::NewName;
use scoreline_core::session::Unbinding;
use scoreline_core::store::{Batch, DeadFilter, EventFilter, QuarantineFilter, Result, StoreError};
use scoreline_core::time::Clock;
use scoreline_core::tournament::{Claim, HandPrize};
use scoreline_core::void::{Meant, Voiding, Voids};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::voiding::ALL;
use super::world::World;
use crate::game::{self, DAY_MS, assorted, at, event, played, player};

impl World<'_> {
    pub(crate) async fn try_to_move(&self, from: &str, to: &str, dry_run: bool) -> Result<Joined> {
        let id = Uuid::from_u128(u128::from(self.clock.now().as_ms().unsigned_abs()));
        let joining = Joining { player: player(from), to: player(to), id, dry_run };
        let act = act("movePlayer", from, self.clock.now().ms_since(at(0)));
        self.store.move_player(self.plan().await, joining, act).await
    }

    /// Moves a player, and knows the events as the other's from then on.
    pub(super) async fn move_to(&mut self, from: &str, to: &str) -> JoinedCounts {
        self.clock.advance(1);
        let joined = self.try_to_move(from, to, false).await.expect("moves");
        assert!(joined.changed);
        self.learn_move(&player(from), joined.to).await;
        joined.counts
    }

    /// Knows the events of a player as those of the other, who they have become.
    pub(crate) async fn learn_move(&mut self, from: &PlayerId, to: PlayerId) {
        for end in self.moved.values_mut().filter(|end| *end == from) {
            *end = to.clone();
        }
        self.moved.insert(from.clone(), to.clone());
        let plan = self.plan().await;
        let of_moved: Vec<_> =
            self.known.keys().filter(|key| key.player == *from).cloned().collect();
        for key in of_moved {
            let (mut event, applied_at) = self.known.remove(&key).expect("a known event");
            let voids = self.voids.remove(&key);
            event.player = to.clone();
            if let Some((known, applied_at)) = self.known.get_mut(&event.key()) {
                if recognise(&event, Some((&*known).into())) == Recognised::Earlier
                    && plan.may_receive(known, *applied_at, event.received_at)
                {
                    *known = known.as_of(&event);
                }
                self.left += 1;
                assert!(!self.removed.contains(&key), "nobody knows of what is gone");
                continue;
            }
            if self.removed.remove(&key) {
                self.removed.insert(event.key());
                self.voids.extend(voids.map(|voids| (event.key(), voids)));
            }
            self.known.insert(event.key(), (event, applied_at));
        }
        self.learn_voids().await;
    }

    async fn points(&self, board: &str, id: &str) -> Option<i64> {
        let ranking = self.ranking(self.board(board).await).await;
        ranking.into_iter().find(|row| row.0 == id).map(|row| row.1)
    }

    pub(super) async fn erase_all(&self, id: &str) {
        let erasure = self.ask_to_erase(id, Uuid::from_u128(7_000)).await;
        while self.erase_step(&erasure, 3).await != ErasureStep::Done {}
    }
}

pub async fn two_players_are_one_from_then_on(database: &dyn Database) {
    let mut world = World::new(database).await;
    let old = [played("ann", 1, 10, 90), played("ann", 2, DAY_MS, 50)];
    world.apply(&old).await;
    world.apply(&[played("bob", 3, 20, 60), played("cy", 4, 30, 70)]).await;
    world.store.set_nickname(player("ann"), "Ann".into(), at(0)).await.expect("sets");
    let counts = world.move_to("ann", "bob").await;
    assert_eq!(counts, JoinedCounts { events: 2, ..JoinedCounts::default() });
    world.check().await;
    let expected = [("bob", 90), ("cy", 70)].map(|(id, points)| (id.to_owned(), points));
    assert_eq!(world.ranking(world.board("best").await).await, expected);
    assert_eq!(world.points("total", "bob").await, Some(200));
    assert_eq!(world.store.profile(player("ann")).await.expect("answers"), None);
    let profile = world.store.profile(player("bob")).await.expect("answers").expect("a profile");
    assert_eq!(profile.nickname.as_deref(), Some("Ann"));
    assert_eq!(world.store.moved_to(player("ann")).await.expect("answers"), Some(player("bob")));

    // What was sent under the former id comes again, late, or for the first time.
    let again = world.apply(&old).await;
    assert_eq!((again.applied, again.duplicates), (0, 2));
    world.apply(&[played("ann", 5, 40, 95), played("bob", 5, 40, 95)]).await;
    assert_eq!(world.points("best", "bob").await, Some(95));
    assert_eq!(world.points("games", "bob").await, Some(4));
    world.check().await;

    // The other keeps a name of their own, and the same again changes nothing.
    world.store.set_nickname(player("cy"), "Cy".into(), at(0)).await.expect("sets");
    world.move_to("cy", "bob").await;
    let profile = world.store.profile(player("bob")).await.expect("answers").expect("a profile");
    assert_eq!(profile.nickname.as_deref(), Some("Ann"));
    let before = world.store.position().await.expect("answers");
    let again = world.try_to_move("cy", "bob", false).await.expect("answers");
    assert_eq!((again.changed, again.to), (false, player("bob")));
    let heard = world.store.changes_after(&before).await.expect("answers");
    assert!(matches!(heard, Heard::Commits { commits, .. } if commits.is_empty()));
    world.check().await;
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers").rows;
    assert_eq!(log.len(), 2, "what changed nothing is not in the log");
    let after = log[0].audited.after.as_deref().expect("is told");
    assert!(after.contains(r#""user_id":"bob""#), "{after}");
}

pub async fn the_same_event_of_both_is_one_and_another_of_the_same_id_is_set_aside(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let other = |id| event(id, 3, 30, "ended", r#"{"mode":"endless","score":7}"#);
    world.apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50), other("ann")]).await;
    world.apply(&[played("bob", 2, 20, 50), played("bob", 3, 30, 80)]).await;
    let counts = world.move_to("ann", "bob").await;
    let expected = JoinedCounts { events: 1, repeated: 1, conflicting: 1, ..counts };
    assert_eq!(counts, expected);
    world.check().await;
    assert_eq!(world.points("total", "bob").await, Some(220));
    let kept = world.store.quarantine(QuarantineFilter::default(), None, 9).await.expect("answers");
    let kept = &kept.rows[0].rejected;
    assert_eq!((kept.code, &kept.player), (RejectCode::ConflictingId, &Some(player("bob"))));
    // Sent once more under the former id, it is the same entry.
    let again = world.apply(&[other("ann")]).await;
    assert_eq!((again.conflicting, again.quarantined), (vec![0], 0));
    world.check().await;
}

pub async fn what_was_voided_of_either_does_not_count_and_is_taken_back_together(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50)]).await;
    world.apply(&[played("bob", 2, 20, 50), played("bob", 3, 30, 80)]).await;
    world.decide("ann", Meant::Ids([1, 2, 9].map(Uuid::from_u128).into()), true).await;
    world.decide("bob", Meant::Ids(vec![Uuid::from_u128(8)]), true).await;
    world.move_to("ann", "bob").await;
    world.check().await;
    assert_eq!(world.points("total", "bob").await, Some(80), "the second one of both is voided");
    // Voided before they came, each under either id.
    world.apply(&[played("ann", 8, 40, 99), played("bob", 9, 50, 98)]).await;
    world.learn_voids().await;
    assert_eq!(world.points("best", "bob").await, Some(80));
    world.check().await;
    world.decide("bob", ALL, false).await;
    assert_eq!(world.points("total", "bob").await, Some(90 + 50 + 80 + 99 + 98));
    world.check().await;
}

pub async fn a_chain_leads_to_its_end_and_what_cannot_be_meant_is_refused(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    world.move_to("ann", "bob").await;
    world.move_to("bob", "cy").await;
    world.check().await;
    world
        .apply(&[played("ann", 1, 10, 90), played("ann", 3, 30, 10), played("bob", 4, 40, 5)])
        .await;
    assert_eq!(world.points("total", "cy").await, Some(155));
    // To one who was moved is to whoever they became.
    world.apply(&[played("dan", 5, 50, 100)]).await;
    assert_eq!(world.try_to_move("dan", "ann", true).await.expect("looks").to, player("cy"));
    world.move_to("dan", "bob").await;
    assert_eq!(world.points("best", "cy").await, Some(100));
    world.check().await;
    let again = world.try_to_move("ann", "bob", false).await.expect("answers");
    assert_eq!((again.changed, again.to), (false, player("cy")));
    let refused = async |world: &World<'_>, from, to| match world.try_to_move(from, to, false).await
    {
        Err(StoreError::MoveRefused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&world, "cy", "cy").await, MoveRefused::Itself);
    assert_eq!(refused(&world, "cy", "ann").await, MoveRefused::Circle(player("cy")));
    assert_eq!(refused(&world, "ann", "eve").await, MoveRefused::Elsewhere(player("cy")));
    world.erase_all("gone").await;
    assert_eq!(refused(&world, "gone", "cy").await, MoveRefused::PlayerErased);
    assert_eq!(refused(&world, "cy", "gone").await, MoveRefused::TargetErased);
    world.check().await;
}

pub async fn the_former_id_is_nobody_any_more(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    world.store.bind_secret(player("ann"), "hash".into(), at(0)).await.expect("binds");
    world.store.bind_secret(player("bob"), "own".into(), at(0)).await.expect("binds");
    let ban = Ban { shadow: true, until: Some(at(99 * DAY_MS)) };
    world.store.ban(player("ann"), Some(ban), act("banPlayer", "ann", 4)).await.expect("bans");
    let before = world.store.position().await.expect("answers");
    world.move_to("ann", "bob").await;
    let binding = world.store.binding(player("ann")).await.expect("answers");
    assert_eq!((binding.hash, binding.revocations), (None, 1), "its sessions end");
    let binding = world.store.binding(player("bob")).await.expect("answers");
    assert_eq!((binding.hash.as_deref(), binding.revocations), (Some("own"), 0));
    assert_eq!(world.store.ban_of(player("ann")).await.expect("answers"), None);
    assert_eq!(world.store.ban_of(player("bob")).await.expect("answers"), Some(ban));
    let heard = world.store.changes_after(&before).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("the feed reaches back") };
    let told: Vec<Change> = commits.iter().flat_map(|commit| commit.changes.to_vec()).collect();
    let has = |is_it: &dyn Fn(&Change) -> bool| told.iter().any(is_it);
    assert!(has(&|one| matches!(one, Change::Sessions(of) if of.player == player("ann"))));
    assert!(has(
        &|one| matches!(one, Change::Ban(of) if of.player == player("ann") && of.ban.is_none())
    ));
    assert!(has(
        &|one| matches!(one, Change::Ban(of) if of.player == player("bob") && of.ban == Some(ban))
    ));
    assert!(has(
        &|one| matches!(one, Change::Entry(of) if of.player == player("ann") && of.entry.is_empty())
    ));

    let (plan, name) = (world.plan().await, NewName::of("Ann".to_owned(), false));
    let voiding = Voiding { meant: ALL, void: true, dry_run: false };
    let prize = HandPrize::new(None, player("ann"), [1, 0], "why").expect("a prize");
    let erasure = Erasure { job: Uuid::nil(), player: player("ann") };
    let store = &world.store;
    let refused = [
        store.name(player("ann"), name.clone(), at(0)).await.err(),
        store.rename(player("ann"), name, act("renamePlayer", "ann", 6)).await.err(),
        store.bind_secret(player("ann"), "hash".into(), at(0)).await.err(),
        store.ban(player("ann"), None, act("unbanPlayer", "ann", 6)).await.err(),
        store.void(plan, player("ann"), voiding, act("voidEvents", "ann", 6)).await.err(),
        store.award_prize(prize, act("awardPrize", "ann", 6)).await.err(),
        store.request_erasure(erasure, "key".into(), act("erasePlayer", "it", 6)).await.err(),
    ];
    for refused in refused {
        assert!(matches!(refused, Some(StoreError::Moved)), "{refused:?}");
    }
    let unbound =
        store.unbind(player("ann"), Unbinding::Secret, act("unbindPlayer", "ann", 6)).await;
    assert!(!unbound.expect("answers"), "there is nothing to unbind");
    world.check().await;
}

pub async fn the_dead_and_the_quarantine_follow(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("bob", 1, 10, 90), played("ann", 4, 10, 7)]).await;
    let why = || "for a test".to_owned();
    let dead = |id: &str, n: u128, score| (played(id, n, 20, score), why());
    let batch = Batch {
        dead: vec![
            dead("ann", 1, 90_000),
            dead("ann", 2, 5),
            dead("ann", 3, 6),
            dead("bob", 3, 6),
            dead("bob", 4, 8),
        ],
        rejected: vec![game::rejected(Some("ann"), 5, 1, RejectCode::OutOfRange)],
        ..Batch::default()
    };
    world.store.apply(world.plan().await, batch, world.clock.advance(9)).await.expect("applies");
    let counts = world.move_to("ann", "bob").await;
    let expected = JoinedCounts {
        repeated: 1,
        conflicting: 2,
        dead: 1,
        rejected: 1,
        ..JoinedCounts::default()
    };
    assert_eq!(counts, expected);
    world.left += 1;
    world.known.retain(|key, _| key.id != Uuid::from_u128(4));
    world.check().await;
    let waiting = world.store.dead(DeadFilter::default(), None, 9).await.expect("answers").rows;
    let mut ids: Vec<_> = waiting.iter().map(|one| one.event.id.as_u128()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [2, 3, 4]);
    assert!(waiting.iter().all(|one| one.event.player == player("bob")));
    let filter = QuarantineFilter { player: Some(player("bob")), ..QuarantineFilter::default() };
    assert_eq!(world.store.count_quarantined(filter).await.expect("answers"), 3);
    // The dead are redriven, and die anew, as the other's.
    let again = world.apply(&[played("ann", 2, 20, 5)]).await;
    assert_eq!(again.applied, 1);
    let batch = Batch { dead: vec![dead("ann", 7, 5)], ..Batch::default() };
    let died = world.store.apply(world.plan().await, batch, world.clock.advance(9)).await;
    assert_eq!(died.expect("applies").dead[0].0.player, player("bob"));
    world.check().await;
}

pub async fn what_retention_has_merged_is_joined_and_what_comes_later_is_merged(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let games = |id: &str, first: u128| -> Vec<_> {
        (first..first + 4).zip(0..).map(|(n, day)| played(id, n, day * DAY_MS, 10 + day)).collect()
    };
    world.apply(&games("ann", 10)).await;
    world.apply(&games("bob", 20)).await;
    world.apply(&games("cy", 30)).await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(10);
    world.remove_before(before).await;
    assert_eq!(world.removed.len(), 12);
    world.apply(&[played("ann", 40, 20 * DAY_MS, 60), played("bob", 41, 21 * DAY_MS, 5)]).await;
    world.move_to("ann", "bob").await;
    world.check().await;
    assert_eq!(world.points("games", "bob").await, Some(10));
    for (kind, name) in [
        (ProjectionKind::Board, "total"),
        (ProjectionKind::Statistic, "record"),
        (ProjectionKind::Analytics, ANALYTICS),
        (ProjectionKind::Figures, FIGURES),
    ] {
        world.fill(world.projection(kind, name).await.no, 2).await;
        world.check().await;
    }
    let before = at(40 * DAY_MS);
    world.clock.advance(60 * DAY_MS);
    world.remove_before(before).await;
    assert_eq!(world.removed.len(), 14);
    world.check().await;
    world.move_to("bob", "cy").await;
    world.check().await;
    assert_eq!(world.points("games", "cy").await, Some(14));
    assert!(world.scan(&EventFilter::default(), 9).await.is_empty());
}

pub async fn a_retired_board_that_comes_back_knows_one_player(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(10);
    world.remove_before(before).await;
    world.adopt(game::without_boards(game::definition(), &["total"])).await;
    world.move_to("ann", "bob").await;
    world.adopt(game::definition()).await;
    let back = world.projection(ProjectionKind::Board, "total").await;
    world.fill(back.no, 9).await;
    assert_eq!(world.ranking(world.board("total").await).await, [("bob".to_owned(), 140)]);
    world.check().await;
}

pub async fn what_is_not_paid_follows_and_what_is_paid_stays(database: &dyn Database) {
    let mut world = World::new(database).await;
    for name in ["paid", "open"] {
        world.create(name, "total", 0, 1_000).await;
    }
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    world.apply(&[played("cy", 3, 30, 70), played("dan", 4, 40, 10)]).await;
    world.seal("paid").await;
    world.close("paid").await;
    world.clock.advance(10);
    let paid = world.prizes("paid").await;
    let id_of = |id: &str| paid.iter().find(|one| one.player == player(id)).expect("a prize").id;
    let now = world.clock.now();
    world.store.claim_prize(id_of("cy"), player("cy"), now).await.expect("claims");

    // The other had no place: place and prize are theirs.
    world.move_to("ann", "eve").await;
    world.check().await;
    let winners = world.prizes("paid").await;
    assert_eq!((&winners[0].player, winners[0].id), (&player("eve"), id_of("ann")));
    let board = world.tournament_board("paid").await;
    assert_eq!(world.ranking(board).await[0], ("eve".to_owned(), 90));

    // Both had one: each stays, and what was won is given by hand, claimed or not.
    let counts = world.move_to("cy", "eve").await;
    assert_eq!((counts.prizes, counts.places_apart), (1, 1));
    world.move_to("bob", "eve").await;
    world.check().await;
    let standings = world.ranking(board).await;
    assert_eq!(standings.iter().map(|row| row.1).collect::<Vec<_>>(), [90, 70, 50, 10]);
    assert!(standings[1].0.starts_with("moved-") && standings[2].0.starts_with("moved-"));
    let all = world.store.prize_history(player("eve"), 9, true).await.expect("answers");
    assert_eq!(all.len(), 3);
    let kept = |id| all.iter().find(|one| one.id == id).expect("is kept");
    assert!(kept(id_of("cy")).claimed_at.is_some() && kept(id_of("cy")).won.is_none());
    assert!(kept(id_of("bob")).claimed_at.is_none() && kept(id_of("ann")).won.is_some());
    let claimed = world.store.claim_prize(id_of("bob"), player("eve"), now).await;
    assert!(matches!(claimed.expect("answers"), Claim::Claimed(_)));
    let placed = world.prizes("paid").await;
    assert!(placed[1..].iter().all(|one| one.revoked_at.is_some()), "nobody can claim those");

    // What runs follows the fold.
    let open = world.tournament_board("open").await;
    let expected = [("eve", 210), ("dan", 10)].map(|(id, points)| (id.to_owned(), points));
    assert_eq!(world.ranking(open).await, expected);
    world.fill(world.projection(ProjectionKind::Tournament, "paid").await.no, 2).await;
    world.check().await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(10);
    world.remove_before(before).await;
    world.check().await;
    world.seal("open").await;
    world.close("open").await;
    world.check().await;
    world.move_to("dan", "bob").await;
    world.check().await;
}

pub async fn who_is_erased_is_erased_with_all_former_ids(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    world.apply(&[played("cy", 3, 30, 70), played("dan", 4, 40, 10)]).await;
    world.store.bind_secret(player("ann"), "hash".into(), at(0)).await.expect("binds");
    world.seal("cup").await;
    world.close("cup").await;
    world.clock.advance(10);
    world.move_to("ann", "bob").await;
    world.move_to("bob", "cy").await;
    world.check().await;
    world.erase_all("cy").await;
    world.verifies().await;
    let late = Batch {
        events: vec![played("ann", 1, 10, 90), played("bob", 8, 20, 5), played("dan", 9, 50, 11)],
        ..Batch::default()
    };
    let applied = world.store.apply(world.plan().await, late, world.clock.advance(9)).await;
    assert_eq!(applied.expect("applies").applied, 1, "that of somebody else");
    for id in ["ann", "bob", "cy"] {
        assert!(!world.is_on_a_board(id).await);
        assert_eq!(world.store.moved_to(player(id)).await.expect("answers"), None);
        let bound = world.store.bind_secret(player(id), "hash".into(), at(0)).await;
        assert!(matches!(bound, Err(StoreError::Erased)), "{id}: {bound:?}");
        let binding = world.store.binding(player(id)).await.expect("answers");
        assert_eq!((binding.hash, binding.revocations), (None, 0), "{id}");
    }
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers").rows;
    let named = log.iter().filter(|one| {
        let told = format!("{:?}", one.audited);
        ["\"ann\"", "\"bob\"", "\"cy\""].iter().any(|id| told.contains(id))
    });
    assert_eq!(named.count(), 0, "{log:?}");
    world.verifies().await;
}

pub async fn only_looking_moves_nobody_and_a_fill_is_waited_for(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 1, 10, 90)]).await;
    let before = world.store.position().await.expect("answers");
    let looked = world.try_to_move("ann", "bob", true).await.expect("looks");
    assert_eq!((looked.changed, looked.counts.repeated), (true, 1));
    assert_eq!(world.store.moved_to(player("ann")).await.expect("answers"), None);
    let heard = world.store.changes_after(&before).await.expect("answers");
    assert!(matches!(heard, Heard::Commits { commits, .. } if commits.is_empty()));
    world.check().await;
    let outdated = world.plan().await;
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.store.start_fill(best.no).await.expect("starts");
    let refused = world.try_to_move("ann", "bob", false).await;
    assert!(matches!(refused, Err(StoreError::Filling)), "{refused:?}");
    let joining =
        Joining { player: player("ann"), to: player("bob"), id: Uuid::nil(), dry_run: false };
    let stale = world.store.move_player(outdated, joining, act("movePlayer", "ann", 1)).await;
    assert!(matches!(stale, Err(StoreError::StalePlan)), "{stale:?}");
    world.fill(best.no, 1).await;
    world.move_to("ann", "bob").await;
    world.check().await;
}

pub async fn events_that_arrive_while_their_player_is_moved_count_once(database: &dyn Database) {
    let world = World::new(database).await;
    let (plan, other) = (world.plan().await, database.open().await);
    let mut sent: BTreeMap<Uuid, _> = BTreeMap::new();
    for round in 0..6_u128 {
        let (from, to) = (format!("p{round}"), format!("p{}", round + 1));
        let batch: Vec<_> = (0..5).map(|n| played(&from, 100 + round * 5 + n, 40, 7)).collect();
        let first = Batch { events: batch[..3].to_vec(), ..Batch::default() };
        let now = world.clock.advance(5);
        world.store.apply(Arc::clone(&plan), first, now).await.expect("applies");
        sent.extend(batch.iter().map(|one| (one.id, one.clone())));
        let batch = Batch { events: batch, ..Batch::default() };
        let applied = other.apply(Arc::clone(&plan), batch, world.clock.advance(5));
        let (applied, moved) = tokio::join!(applied, world.try_to_move(&from, &to, false));
        assert_eq!(applied.expect("applies").applied, 2);
        moved.expect("moves");
    }
    assert_eq!(world.points("games", "p6").await, Some(30));
    let stored = world.scan(&EventFilter::default(), 9).await;
    assert_eq!(stored.len(), sent.len());
    assert!(stored.iter().all(|(one, _)| one.player == player("p6") && sent.contains_key(&one.id)));
    world.verifies().await;
}

/// Events and resends under every id, acts that are taken back, moves, closings, rebuilds, retention: after each,
/// the state is the fold of what counts, and whoever is one is one.
pub async fn any_mixture_with_moves_ends_in_the_fold_of_what_counts(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", -DAY_MS, 7 * DAY_MS).await;
    world.create("sums", "total", -DAY_MS, 7 * DAY_MS).await;
    let names = ["ann", "bob", "çelik", "\u{1f680}"];
    for round in 0..22_u64 {
        match round {
            5 => world.close_now("cup").await,
            9 | 15 => {
                let from = names[usize::from(round == 15)];
                world.move_to(from, names[2]).await;
            }
            12 => world.close_now("sums").await,
            18 => drop(world.move_to(names[2], names[3]).await),
            7 | 10 | 16 => {
                let id = names[usize::try_from(round).expect("small") % 4];
                let id = world.moved.get(&player(id)).cloned().unwrap_or_else(|| player(id));
                let from = i64::try_from(round).expect("small") * 50;
                let meant = Meant::Fitting {
                    event_type: None,
                    from: Some(at(-from)),
                    until: Some(at(from * 900)),
                };
                world.decide(id.as_str(), meant, round != 16).await;
            }
            13 | 19 => {
                for (kind, name) in
                    [(ProjectionKind::Board, "weekly"), (ProjectionKind::Analytics, ANALYTICS)]
                {
                    world.fill(world.projection(kind, name).await.no, 17).await;
                }
            }
            _ => drop(world.apply(&assorted(20, round / 2)).await),
        }
        world.learn_voids().await;
        world.check().await;
    }
    assert!(world.left > 0 && world.voids.values().any(Voids::are_in_force));
    let before = world.clock.now().plus_ms(1);
    world.remove_before(before).await;
    world.check().await;
    world.move_to("new", "newer").await;
    world.erase_all(names[3]).await;
    world.verifies().await;
}

impl World<'_> {
    async fn close_now(&self, name: &str) {
        self.seal(name).await;
        self.close(name).await;
        self.clock.advance(10);
    }
}
