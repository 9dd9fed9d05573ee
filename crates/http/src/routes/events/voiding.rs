//! Events that are not to count, and those that count again: what both requests and answers are.

use std::sync::Arc;

use axum::Json;
use scoreline_core::operations::{Operations, VoidOrder};
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::boards::Boards;
use crate::gate::Operator;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{Note, Time, UserId};

/// Which events, by what they are. What is absent excludes nothing.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VoidFilter)]
pub(super) struct Filter {
    /// Of this player only.
    user_id: Option<UserId>,
    /// Of this type only.
    event_type: Option<String>,
    /// Not before this time, by the event's own.
    from: Option<Time>,
    /// Before this time, by the event's own.
    until: Option<Time>,
}

/// Which events, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VoidRequest, example = json!({
    "filter": { "user_id": "device-1", "event_type": "game_ended" }, "note": "a changed app",
}))]
pub(super) struct Wanted {
    /// Those with these ids. Beside them, only the `user_id` of the filter is looked at: with it they need
    /// not have arrived, without it all stored events are looked through.
    event_ids: Option<Vec<Uuid>>,
    #[serde(default)]
    filter: Filter,
    /// Why.
    note: Note,
    /// Only tells what would change.
    #[serde(default)]
    dry_run: bool,
}

impl Fields for Wanted {}

/// What became of the events.
#[derive(Serialize, ToSchema)]
#[schema(as = VoidAnswer)]
pub(super) struct Answer {
    success: bool,
    /// How many events are meant.
    matched: u64,
    /// For how many it changed whether they count, or would change.
    changed: u64,
}

/// What it takes to carry it out.
pub(super) struct Hands<'h> {
    pub operator: &'h Operator,
    pub operations: &'h Arc<dyn Operations>,
    pub boards: &'h Boards,
    pub clock: &'h Arc<dyn Clock>,
}

/// Makes events not count, or count again.
pub(super) async fn carry_out(
    hands: Hands<'_>,
    wanted: Wanted,
    void: bool,
) -> Result<Json<Answer>, Problem> {
    let Wanted { event_ids, filter, note, dry_run } = wanted;
    let order = VoidOrder {
        player: filter.user_id.map(|user| user.0),
        ids: event_ids,
        event_type: filter.event_type,
        from: filter.from.map(|time| time.0),
        until: filter.until.map(|time| time.0),
        void,
        dry_run,
    };
    if (&order.player, &order.ids, &order.event_type) == (&None, &None, &None) {
        return Err(Problem::field("filter", "must name a player or a type, or event_ids events"));
    }
    let target = order.player.as_ref().map_or_else(String::new, ToString::to_string);
    let act = hands.operator.act(&target, Some(note.0), hands.clock.now());
    let done = hands.operations.void(order, act).await?;
    hands.boards.show_at_once().await;
    Ok(Json(Answer { success: true, matched: done.matched, changed: done.changed }))
}
