//! Events that do not count, and a player's state without them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRow, PlayerRows, PlayerStatistics, Rewrite};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::store::values::limit;
use scoreline_core::store::{Counts, EventFilter, Result, ScanPosition, StoreError, StoredEvent};
use scoreline_core::void::{Voided, Voiding};
use serde_json::json;
use uuid::Uuid;

use crate::pool::Database;
use crate::session::{Session, sql};
use crate::state;
use crate::value::{bind, values};
use crate::{audit, events, rows, voided};

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
    // First, so that acts come one after another, and none has the time of the one before.
    tx.execute(sql!("state/note_act"), values![]).await?;
    let last_stamp = state::read(&tx).await?.last_stamp;
    // Locked before the events are read: whoever applies one of this player's either has done so, and it
    // is read, or comes after this.
    let rows = rows_of(&tx, plan, player).await?;
    let mut stored = events_of(&tx, player).await?;
    let of = values![player.as_str()];
    let marked: Vec<Uuid> = tx.list(sql!("void/marked"), of, rows::read).await?;
    let marked: BTreeSet<Uuid> = marked.into_iter().collect();
    let changing = voiding.changing(stored.iter().map(|one| &one.event), &marked);
    let outcome = Voided { matched: changing.matched, changed: changing.ids.len() as u64 };
    if voiding.dry_run || changing.ids.is_empty() {
        return Ok(outcome);
    }
    // Later than any other act: spans of time do not touch.
    let at = act.at.max(last_stamp.plus_ms(1));
    tx.count(Counts::default(), at).await?;
    let sql = if voiding.void { sql!("void/begin") } else { sql!("void/end") };
    tx.execute(sql, values![player.as_str(), changing.ids, at.as_ms()]).await?;
    voided::attach(&tx, &mut stored).await?;
    let rewrite = plan.refold_stored(&rows, &stored, &passed(&tx, plan).await?)?;
    write(&tx, player, &rewrite).await?;
    tx.tell(feed::entries(rewrite.updates(player)));
    let is = json!({ "voided": voiding.void, "events": outcome.changed });
    let audited = act.clone().changed(Some(&json!({ "voided": !voiding.void })), Some(&is));
    audit::note(&tx, &audited).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// All stored events of a player.
pub(crate) async fn events_of(tx: &Session, player: &PlayerId) -> Result<Vec<StoredEvent>> {
    let filter = EventFilter { player: Some(player.clone()), ..EventFilter::default() };
    events::scan(tx, &filter, None, usize::MAX).await
}

/// Reads a player's rows and locks them.
async fn rows_of(tx: &Session, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let slots: Vec<i64> = plan.refolded_slots().into_iter().map(|slot| slot.0).collect();
    let boards: Vec<(BoardKey, PlayerRow)> =
        tx.list(sql!("board/of_player"), values![slots, player.as_str()], rows::read).await?;
    let of: Vec<&str> = vec![player.as_str()];
    let statistics: Option<(usize, PlayerStatistics)> =
        tx.first(sql!("statistic/lock"), values![of], rows::placed).await?;
    Ok(PlayerRows::of(plan, boards, statistics.map(|known| known.1).unwrap_or_default()))
}

/// How far the scans have come that fill projections.
async fn passed(tx: &Session, plan: &Plan) -> Result<BTreeMap<Slot, ScanPosition>> {
    let mut passed = BTreeMap::new();
    for projection in &plan.projections {
        let Some(filling) = projection.filling else { continue };
        let of = values![projection.no.0];
        let position: Option<ScanPosition> =
            tx.only(sql!("projection/passed"), of, rows::read).await?;
        passed.extend(position.map(|position| (filling.slot, position)));
    }
    Ok(passed)
}

async fn write(tx: &Session, player: &PlayerId, rewrite: &Rewrite) -> Result<()> {
    for (board, row) in &rewrite.boards {
        let put = bind(row.put(*board, player));
        tx.execute(sql!("board/put"), &put.all()).await?;
    }
    let Some(statistics) = &rewrite.statistics else { return Ok(()) };
    if statistics.is_empty() {
        return tx.execute(sql!("statistic/remove"), values![player.as_str()]).await.map(drop);
    }
    let (slots, amounts): (Vec<i64>, Vec<i64>) =
        statistics.iter().map(|(slot, amount)| (slot.0, amount)).unzip();
    let (players, first, last) = (vec![player.as_str()], vec![1_i64], vec![limit(slots.len())]);
    let values = values![players, first, last, slots, amounts];
    tx.execute(sql!("statistic/replace"), values).await.map(drop)
}
