//! Everything that is kept of a player as one JSON document, written piece by piece.
//!
//! Each piece is a page of one store, read when the client has taken the one before: what it costs in memory
//! does not grow with the player. The pages are no single view of the data; who wants one bans the player
//! first, or asks again.

use std::sync::Arc;

use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use scoreline_core::analytics;
use scoreline_core::audit::{AuditFilter, AuditNo};
use scoreline_core::ban::Ban;
use scoreline_core::fold::{ANALYTICS, Meaning, Plan, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::{OPERATOR_PAGE_MAX, SCAN_EVENTS};
use scoreline_core::operations::Operations;
use scoreline_core::rank::Entry;
use scoreline_core::store::{
    DeadFilter, DeadNo, EventFilter, QuarantineFilter, QuarantineNo, Result, ScanPosition, Store,
    StoredEvent,
};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Prize;
use serde_json::{Map, Value, json};

/// Exports players.
pub struct PlayerExports {
    store: Arc<dyn Store>,
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
}

/// Which piece comes next, and where it begins.
enum Piece {
    /// All but the lists that may be long.
    Head,
    Events(Option<ScanPosition>),
    Rejected {
        given_up: bool,
        after: Option<QuarantineNo>,
    },
    Dead {
        given_up: bool,
        after: Option<DeadNo>,
    },
    Acts(Option<AuditNo>),
}

/// A document under way.
struct Writing {
    exports: Arc<PlayerExports>,
    player: PlayerId,
    /// Whether the list that is being written has a row already.
    has_rows: bool,
}

impl PlayerExports {
    /// Exports out of a store what the operations know by name.
    pub(crate) fn new(
        store: &Arc<dyn Store>,
        operations: &Arc<dyn Operations>,
        clock: &Arc<dyn Clock>,
    ) -> Arc<Self> {
        let (store, operations) = (Arc::clone(store), Arc::clone(operations));
        Arc::new(Self { store, operations, clock: Arc::clone(clock) })
    }

    /// The document, piece by piece. It ends with an error where a piece cannot be read, and is cut off then.
    pub fn document(
        self: Arc<Self>,
        player: PlayerId,
    ) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        let writing = Writing { exports: self, player, has_rows: false };
        stream::try_unfold((writing, Some(Piece::Head)), async |(mut writing, piece)| {
            let Some(piece) = piece else { return Ok(None) };
            let (text, next) = writing.write(piece).await?;
            Ok(Some((Bytes::from(text), (writing, next))))
        })
    }
}

impl Writing {
    async fn write(&mut self, piece: Piece) -> Result<(String, Option<Piece>)> {
        let mut text = String::new();
        let next = match piece {
            Piece::Head => {
                text = self.head().await?;
                self.begin("events", &mut text);
                Some(Piece::Events(None))
            }
            Piece::Events(after) => self.events(after, &mut text).await?,
            Piece::Rejected { given_up, after } => {
                self.rejected(given_up, after, &mut text).await?
            }
            Piece::Dead { given_up, after } => self.dead(given_up, after, &mut text).await?,
            Piece::Acts(after) => self.acts(after, &mut text).await?,
        };
        Ok((text, next))
    }

    /// The document up to its long lists, without the end.
    async fn head(&self) -> Result<String> {
        let store = &self.exports.store;
        let plan = self.exports.operations.plan();
        let player = || self.player.clone();
        let profile = store.profile(player()).await?;
        let binding = store.binding(player()).await?;
        let ban = store.ban_of(player()).await?;
        let (nickname, amounts) =
            profile.map(|one| (one.nickname, one.statistics)).unwrap_or_default();
        let slots = plan.projections.iter().filter(|one| one.board().is_some());
        let slots = slots.map(|projection| projection.slot).collect();
        let entries = store.entries_of(player(), slots).await?;
        let boards: Vec<Value> =
            entries.iter().filter_map(|(board, entry)| place(&plan, *board, entry)).collect();
        let prizes = store.prize_history(player(), usize::MAX, true).await?;
        let prizes: Vec<Value> = prizes.iter().map(won).collect();
        let document = json!({
            "user_id": self.player.as_str(),
            "exported_at": self.exports.clock.now(),
            "profile": {
                "nickname": nickname,
                "device_bound": binding.hash.is_some(),
                "sessions_revoked": binding.revocations,
                "ban": Ban::shown(ban.as_ref()),
            },
            "statistics": statistics(&plan, &amounts),
            "analytics": self.analytics(&plan).await?,
            "boards": boards,
            "prizes": prizes,
        });
        let mut text = document.to_string();
        text.pop();
        Ok(text)
    }

    /// What analytics keep of the player; null while nothing does.
    async fn analytics(&self, plan: &Plan) -> Result<Option<Value>> {
        let Some(projection) = plan.shown(ProjectionKind::Analytics, ANALYTICS) else {
            return Ok(None);
        };
        let Meaning::Analytics(meaning) = &projection.meaning else { return Ok(None) };
        let store = &self.exports.store;
        let parts = store.analytics_of(self.player.clone(), projection.slot).await?;
        Ok(Some(analytics::shown(&parts, meaning)?))
    }

    async fn events(
        &mut self,
        after: Option<ScanPosition>,
        text: &mut String,
    ) -> Result<Option<Piece>> {
        let filter = EventFilter { player: Some(self.player.clone()), ..EventFilter::default() };
        let stored = self.exports.store.scan(filter, after, SCAN_EVENTS).await?;
        for one in &stored {
            self.row(&event(one), text);
        }
        if let Some(last) = stored.last() {
            return Ok(Some(Piece::Events(Some(last.position.clone()))));
        }
        text.push(']');
        self.begin("rejected", text);
        Ok(Some(Piece::Rejected { given_up: false, after: None }))
    }

    async fn rejected(
        &mut self,
        given_up: bool,
        after: Option<QuarantineNo>,
        text: &mut String,
    ) -> Result<Option<Piece>> {
        let player = Some(self.player.clone());
        let filter =
            QuarantineFilter { player, discarded: given_up, ..QuarantineFilter::default() };
        let page = self.exports.store.quarantine(filter, after, OPERATOR_PAGE_MAX).await?;
        for entry in page.rows {
            let rejected = entry.rejected;
            let row = json!({
                "received_at": rejected.received_at, "code": rejected.code.as_str(),
                "message": rejected.message, "times_seen": entry.times_seen, "event": rejected.raw,
            });
            self.row(&row.to_string(), text);
        }
        if page.next.is_some() {
            return Ok(Some(Piece::Rejected { given_up, after: page.next }));
        }
        if !given_up {
            return Ok(Some(Piece::Rejected { given_up: true, after: None }));
        }
        text.push(']');
        self.begin("dead", text);
        Ok(Some(Piece::Dead { given_up: false, after: None }))
    }

    async fn dead(
        &mut self,
        given_up: bool,
        after: Option<DeadNo>,
        text: &mut String,
    ) -> Result<Option<Piece>> {
        let event = EventFilter { player: Some(self.player.clone()), ..EventFilter::default() };
        let filter = DeadFilter { event, discarded: given_up, ..DeadFilter::default() };
        let page = self.exports.store.dead(filter, after, OPERATOR_PAGE_MAX).await?;
        for dead in page.rows {
            let (event, received_at) = (dead.event.as_sent(), dead.event.received_at);
            let row = format!(r#"{{"received_at":"{received_at}","event":{event}}}"#);
            self.row(&row, text);
        }
        if page.next.is_some() {
            return Ok(Some(Piece::Dead { given_up, after: page.next }));
        }
        if !given_up {
            return Ok(Some(Piece::Dead { given_up: true, after: None }));
        }
        text.push(']');
        self.begin("acts", text);
        Ok(Some(Piece::Acts(None)))
    }

    /// What operators did to the player, without who they are and what they thought.
    async fn acts(&mut self, before: Option<AuditNo>, text: &mut String) -> Result<Option<Piece>> {
        let target = Some(self.player.to_string());
        let filter = AuditFilter { target, ..AuditFilter::default() };
        let page = self.exports.store.audit(filter, before, OPERATOR_PAGE_MAX).await?;
        for entry in page.rows {
            let side = |text: Option<String>| {
                text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
            };
            let (before, after) = (side(entry.audited.before), side(entry.audited.after));
            let act = entry.audited.act;
            let row = json!({ "at": act.at, "act": act.what, "before": before, "after": after });
            self.row(&row.to_string(), text);
        }
        if page.next.is_some() {
            return Ok(Some(Piece::Acts(page.next)));
        }
        text.push_str("]}\n");
        Ok(None)
    }

    /// Begins a list.
    fn begin(&mut self, name: &str, text: &mut String) {
        self.has_rows = false;
        text.push_str(",\"");
        text.push_str(name);
        text.push_str("\":[");
    }

    /// Adds a row to the list.
    fn row(&mut self, row: &str, text: &mut String) {
        text.push_str(if self.has_rows { ",\n" } else { "\n" });
        text.push_str(row);
        self.has_rows = true;
    }
}

/// The statistics that a player has, by name.
fn statistics(plan: &Plan, amounts: &[(Slot, i64)]) -> Map<String, Value> {
    let of_kind = plan.projections.iter().filter(|one| one.kind == ProjectionKind::Statistic);
    let named = of_kind.filter_map(|projection| {
        let (_, amount) = amounts.iter().find(|(slot, _)| *slot == projection.slot)?;
        Some((projection.name.to_string(), Value::from(*amount)))
    });
    named.collect()
}

/// A prize.
fn won(prize: &Prize) -> Value {
    let won = prize.won.as_ref();
    json!({
        "prize_id": prize.id, "tournament_id": won.map(|won| &won.tournament_id),
        "rank": won.map(|won| won.rank), "coins": prize.coins, "gems": prize.gems,
        "awarded_at": prize.awarded_at, "claimed_at": prize.claimed_at,
        "revoked_at": prize.revoked_at,
    })
}

/// An entry on a board.
fn place(plan: &Plan, board: BoardKey, entry: &Entry) -> Option<Value> {
    let projection = plan.projections.iter().find(|one| one.slot == board.slot)?;
    let order = projection.board()?.order;
    let period = Some(board.period).filter(|period| *period > Timestamp::EPOCH);
    Some(json!({
        "kind": projection.kind.as_str(), "name": projection.name, "period_start": period,
        "score": order.score(entry.standing.points), "reached_at": entry.standing.reached_at,
        "attempts": entry.attempts, "last_at": entry.last_at,
    }))
}

/// An event, as the device would send it, with what became of it.
fn event(stored: &StoredEvent) -> String {
    let StoredEvent { event, applied_at, voids, .. } = stored;
    let (received_at, voided, sent) = (event.received_at, voids.are_in_force(), event.as_sent());
    format!(
        r#"{{"received_at":"{received_at}","processed_at":"{applied_at}","voided":{voided},"event":{sent}}}"#
    )
}
