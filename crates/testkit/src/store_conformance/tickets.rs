//! Tickets for runs, which come back once.

use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::game::Definition;
use scoreline_core::review::Standing;
use scoreline_core::store::Batch;
use scoreline_core::ticket::Ticket;
use uuid::Uuid;

use super::Database;
use super::world::World;
use crate::game::{at, event, player};

/// A game whose runs have tickets.
const TICKETED: &str = r#"
[game]
name = "Ticketed"
[events.begun]
[events.ended.fields]
score = { type = "integer" }
ticket = { type = "string" }
[leaderboards.best]
event = "ended"
operator = "best"
score = "score"
[tickets]
begins = "begun"
ends = "ended"
field = "ticket"
least_seconds = 10
good_seconds = 3600
then = "refuse"
"#;

/// An event that ends a run at `second` and brings this.
fn brings(id: &str, no: u128, second: i64, ticket: &str) -> Event {
    event(id, no, second * 1_000, "ended", &format!(r#"{{"score":7,"ticket":"{ticket}"}}"#))
}

pub async fn a_ticket_comes_back_once_in_time_and_from_its_player(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.adopt(Definition::parse(TICKETED).expect("no mistakes")).await;
    let plan = world.plan().await;
    let give = |id: &str, run: u128, second: i64| {
        let ticket = Ticket { run: Uuid::from_u128(run), given_at: at(second * 1_000) };
        plan.ticket_for(&player(id), "begun", ticket).expect("a ticket")
    };
    assert_eq!(
        plan.ticket_for(&player("ann"), "ended", Ticket { run: Uuid::nil(), given_at: at(0) }),
        None
    );
    let (first, second) = (give("ann", 900, 100), give("ann", 901, 200));
    let games = [
        brings("ann", 1, 110, &first),
        brings("ann", 2, 120, &first),
        brings("bob", 3, 130, &second),
        brings("ann", 4, 209, &second),
        brings("ann", 5, 210, &second),
        brings("ann", 6, 4_000, &give("ann", 902, 400)),
        brings("ann", 7, 500, "t1.nonsense"),
        event("ann", 8, 600_000, "ended", r#"{"score":9}"#),
    ];
    world.judge(&games[..1]).await;
    world.judge(&games).await;
    world.judge(&games[1..]).await;
    let refused = world.listed(Standing::Refused).await;
    let mut told: Vec<_> = refused
        .iter()
        .map(|one| (one.event.id.as_u128(), one.reason.split(';').next().unwrap_or_default()))
        .collect();
    told.sort_unstable();
    let expected = [
        (2, "brings a ticket that came back before"),
        (3, "brings a ticket that was not given to this player"),
        (4, "brings its ticket back after 9 s"),
        (5, "brings a ticket that came back before"),
        (6, "brings its ticket back after 3600 s"),
        (7, "brings a ticket that was not given to this player"),
        (8, "brings no ticket in ticket"),
    ];
    assert_eq!(told, expected);
    world.check().await;
    // Of two that come at once, on two nodes, one brings it first.
    let other = database.open().await;
    let plan = world.plan().await;
    let ticket = give("cy", 903, 700);
    let pair = [brings("cy", 20, 720, &ticket), brings("cy", 21, 720, &ticket)];
    let batch = |event: &Event| Batch { events: vec![event.clone()], ..Batch::default() };
    let now = world.clock.advance(10);
    let (one, two) = tokio::join!(
        world.store.apply(Arc::clone(&plan), batch(&pair[0]), now),
        other.apply(plan, batch(&pair[1]), now),
    );
    assert_eq!(one.expect("applies").applied + two.expect("applies").applied, 2);
    world.learn(&pair).await;
    world.learn_voids().await;
    let refused = world.listed(Standing::Refused).await;
    assert_eq!(refused.iter().filter(|one| one.event.player == player("cy")).count(), 1);
    world.check().await;
}

pub async fn a_ticket_of_a_former_id_is_as_good_as_one_of_its_own(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.adopt(Definition::parse(TICKETED).expect("no mistakes")).await;
    let plan = world.plan().await;
    let give = |id: &str, run: u128| {
        let ticket = Ticket { run: Uuid::from_u128(run), given_at: at(100_000) };
        plan.ticket_for(&player(id), "begun", ticket).expect("a ticket")
    };
    let tickets = [900, 901, 902].map(|run| give("ann", run));
    world.judge(&[brings("ann", 1, 120, &tickets[0])]).await;
    world.move_to("ann", "bob").await;
    world.judge(&[brings("ann", 2, 130, &tickets[1])]).await;
    world
        .judge(&[brings("bob", 3, 140, &tickets[2]), brings("bob", 4, 150, &give("bob", 903))])
        .await;
    let refused = async |world: &World<'_>| {
        let refused = world.listed(Standing::Refused).await;
        refused.into_iter().map(|one| (one.event.id.as_u128(), one.reason)).collect::<Vec<_>>()
    };
    assert_eq!(refused(&world).await, [], "they were given to the same person");
    world.check().await;
    let again = [
        brings("bob", 5, 160, &tickets[0]),
        brings("ann", 6, 170, &tickets[1]),
        brings("bob", 7, 180, &give("cy", 904)),
    ];
    world.judge(&again).await;
    let mut told = refused(&world).await;
    told.sort_unstable();
    let used = "brings a ticket that came back before".to_owned();
    let forged = "brings a ticket that was not given to this player".to_owned();
    assert_eq!(told, [(5, used.clone()), (6, used), (7, forged)]);
    world.check().await;
}
