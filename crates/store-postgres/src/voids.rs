//! Events that do not count, and a player's state without them.

use std::sync::Arc;

use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{FiguresFrom, Plan, PlayerRows, PlayerStatistics, Turned};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{Counts, EventFilter, Result, StoreError, StoredEvent};
use scoreline_core::void::{Voided, Voiding};

use crate::pool::Database;
use crate::session::{Session, sql};
use crate::state;
use crate::value::values;
use crate::{audit, changes, events, rows, tombstones, voided};

/// How often an act is tried again after PostgreSQL took its transaction back in favour of another.
const RACES_LOST_MAX: u32 = 5;

/// Makes events not count, or count again.
pub(crate) async fn void(
    database: &Database,
    plan: &Arc<Plan>,
    player: &PlayerId,
    voiding: &Voiding,
    act: &Act,
) -> Result<Voided> {
    let mut races_lost = 0;
    loop {
        match attempt(database, plan, player, voiding, act).await {
            Err(StoreError::LostRace(_)) if races_lost < RACES_LOST_MAX => races_lost += 1,
            outcome => return outcome,
        }
    }
}

async fn attempt(
    database: &Database,
    plan: &Arc<Plan>,
    player: &PlayerId,
    voiding: &Voiding,
    act: &Act,
) -> Result<Voided> {
    let tx = state::begin(database).await?;
    plan.check_present(tx.begun.plan_version)?;
    tombstones::refuse_erased(&tx, player).await?;
    // First, so that acts come one after another, and none has the time of the one before.
    tx.execute(sql!("state/note_act"), values![]).await?;
    let last_stamp = state::read(&tx).await?.last_stamp;
    // Locked before the events are read: whoever applies one of this player's either has done so, and it
    // is read, or comes after this.
    let rows = rows_of(&tx, plan, player).await?;
    let mut stored = events_of(&tx, player).await?;
    let of = values![player.as_str()];
    let marked = tx.list(sql!("void/marked"), of, rows::read).await?;
    let events = stored.iter().map(|one| &one.event);
    let changing = voiding.changing(events, marked, act.clone(), last_stamp);
    let (at, outcome) = (changing.at, changing.outcome);
    if changing.ids.is_empty() {
        return Ok(outcome);
    }
    tx.count(Counts::default(), at).await?;
    let turned = Turned { ids: changing.ids.iter().copied().collect(), void: voiding.void };
    let sql = if voiding.void { sql!("void/begin") } else { sql!("void/end") };
    tx.execute(sql, values![player.as_str(), changing.ids, at.as_ms()]).await?;
    voided::attach(&tx, &mut stored).await?;
    let (fine, coarse) = tx.only(sql!("verify/figures_from"), values![], rows::read).await?;
    let from = FiguresFrom { fine, coarse };
    let passed = tx.list(sql!("projection/fills"), values![], rows::read).await?;
    let rewrite = plan.refold_stored(&rows, &stored, passed, turned, from)?;
    tx.carry_out(rewrite.orders(player)).await?;
    changes::rewrite(&tx, player, &rewrite, tx.shard).await?;
    tx.tell(feed::entries(rewrite.updates(player)));
    audit::note(&tx, &changing.audited).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// All stored events of a player.
pub(crate) async fn events_of(tx: &Session, player: &PlayerId) -> Result<Vec<StoredEvent>> {
    let filter = EventFilter::of_player(player);
    let mut all: Vec<StoredEvent> = Vec::new();
    loop {
        let after = all.last().map(|last| last.position.clone());
        let more = events::scan(tx, &filter, after.as_ref(), SCAN_EVENTS).await?;
        all.extend(more.rows);
        if !more.is_cut {
            return Ok(all);
        }
    }
}

/// Reads a player's rows and locks them.
pub(crate) async fn rows_of(tx: &Session, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let slots = plan.refolded_slots();
    let boards =
        tx.list(sql!("board/of_player"), values![slots, player.as_str()], rows::read).await?;
    let of: Vec<&str> = vec![player.as_str()];
    let statistics: Option<(usize, PlayerStatistics)> =
        tx.first(sql!("statistic/lock"), values![of], rows::placed).await?;
    let of = values![plan.refolded_parts(), player.as_str()];
    let parts = tx.list(sql!("analytics/of_player"), of, rows::read).await?;
    let statistics = statistics.map(|known| known.1).unwrap_or_default();
    Ok(PlayerRows::of(plan, boards, statistics, parts))
}
