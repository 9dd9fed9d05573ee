//! Events that do not count, and a player's state without them.

use std::sync::Arc;

use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRows, PlayerStatistics, ReadRows, Rewrite};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::rank::Update;
use scoreline_core::store::{
    Begun, EventFilter, Foundation, Gathering, KeptOfPlayer, Marked, Prepared, Result, StoreError,
    StoredEvent,
};
use scoreline_core::turning::Turning;
use scoreline_core::void::Voided;
use uuid::Uuid;

use crate::pool::Database;
use crate::session::{Session, View, sql, together, together3};
use crate::state::{self, Writing};
use crate::value::values;
use crate::{audit, changes, moved, rows, scanning};

/// How often an act is tried again after PostgreSQL took its transaction back in favour of another.
pub(crate) const RACES_LOST_MAX: u32 = 5;

/// Carries out an act on events of a player.
pub(crate) async fn turn(
    database: &Database,
    plan: &Arc<Plan>,
    turning: &Turning,
    act: &Act,
) -> Result<Voided> {
    let mut prepared = prepare(database, plan, turning, act.clone()).await?;
    let (mut races_lost, mut alone) = (0, false);
    loop {
        match attempt(database, plan, turning, act.clone(), prepared.take(), alone).await {
            Err(StoreError::LostRace(_)) if races_lost < RACES_LOST_MAX => races_lost += 1,
            Ok(None) => alone = true,
            outcome => return outcome.map(Option::unwrap_or_default),
        }
    }
}

/// Works out an act on events of a player, whose rows are locked only at the end of it. `None` where they have changed
/// meanwhile.
async fn prepare(
    database: &Database,
    plan: &Arc<Plan>,
    turning: &Turning,
    act: Act,
) -> Result<Option<Prepared>> {
    let player = &turning.player;
    let tx = database.begin(View::Still).await?;
    let Begun { plan_version, last_stamp, .. } = state::read(&tx).await?;
    plan.check_present(plan_version)?;
    let stored = events_of(&tx, player).await?;
    let marked = Box::pin(marked(&tx, player)).await?;
    let from = match foundation(&tx, plan, player, 0).await {
        Err(StoreError::LostRace(_)) => return Ok(None),
        found => found?,
    };
    tx.take_back().await?;
    // Thousands of events take longer than others on this thread should wait.
    let (plan, turning) = (Arc::clone(plan), turning.clone());
    let prepared = tokio::task::spawn_blocking(move || {
        Prepared::of(&plan, &turning, from, stored, marked, last_stamp, act)
    });
    prepared.await.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error)))).map(Some)
}

async fn marked(tx: &Session, player: &PlayerId) -> Result<Marked> {
    let of = values![player.as_str()];
    let (spans, voided, listed) = together3(
        tx.list(sql!("void/of_player"), of, rows::read),
        tx.list(sql!("void/marked"), of, rows::read),
        tx.list(sql!("review/listed"), of, rows::read),
    )
    .await?;
    Ok(Marked { spans, voided, listed })
}

/// What an act on a player's events is worked out from, but for the events. The player's rows are locked. `acts` of
/// those that are counted are this transaction's own.
async fn foundation(tx: &Session, plan: &Plan, player: &PlayerId, acts: i64) -> Result<Foundation> {
    let of = values![player.as_str(), acts];
    // Asked together, as in `kept`.
    let ((rows, marks), (figures_from, passed)) = together(
        together(Box::pin(rows_of(tx, plan, player)), tx.only(sql!("state/marks"), of, rows::read)),
        together(
            tx.only(sql!("verify/figures_from"), values![], rows::read),
            tx.list(sql!("projection/fills"), values![], rows::read),
        ),
    )
    .await?;
    Ok(Foundation { marks, rows, passed, figures_from })
}

/// `None` if it must be done `alone`: an event that is meant and not stored may be on its way in a transaction that has
/// looked for voids before.
async fn attempt(
    database: &Database,
    plan: &Plan,
    turning: &Turning,
    act: Act,
    prepared: Option<Prepared>,
    alone: bool,
) -> Result<Option<Voided>> {
    let player = &turning.player;
    let tx =
        if alone { state::begin_alone(database).await? } else { state::begin(database).await? };
    plan.check_present(tx.begun.plan_version)?;
    moved::refuse_gone(&tx, player).await?;
    // First, so that acts come one after another, and none has the time of the one before.
    tx.execute(sql!("state/note_act"), values![]).await?;
    let last_stamp = state::read(&tx).await?.last_stamp;
    let now = foundation(&tx, plan, player, 1).await?;
    let prepared = if let Some(prepared) = prepared.filter(|one| one.stands_on(&now)) {
        prepared
    } else {
        let of = (Box::pin(events_of(&tx, player)), Box::pin(marked(&tx, player)));
        let (stored, marked) = together(of.0, of.1).await?;
        Prepared::of(plan, turning, now, stored, marked, last_stamp, act)?
    };
    if !alone && prepared.awaits() {
        return Ok(None);
    }
    let (settled, rewrite) = prepared.written_after(last_stamp);
    let outcome = settled.outcome;
    if settled.is_empty() {
        return Ok(Some(outcome));
    }
    tx.count(settled.counts(), settled.at).await?;
    if let Some(rewrite) = rewrite {
        let turned = &settled.turned;
        let sql = if turned.void { sql!("void/begin") } else { sql!("void/end") };
        let ids: Vec<Uuid> = turned.ids.iter().copied().collect();
        tx.execute(sql, values![player.as_str(), ids, settled.at.as_ms()]).await?;
        tx.tell(feed::entries(put(&tx, player, &rewrite).await?));
    }
    audit::conclude(&tx, settled.deed()).await?;
    tx.commit_act(database).await?;
    Ok(Some(outcome))
}

/// All that a player's state is folded anew from. Rows are locked before the events are read: whoever applies one of
/// this player's either has done so, and it is read, or comes after this.
pub(crate) async fn kept(tx: &Session, plan: &Plan, player: &PlayerId) -> Result<KeptOfPlayer> {
    // Asked together: others wait for these rows. The server reads the events after it has granted the locks.
    let all = together3(
        together(Box::pin(rows_of(tx, plan, player)), Box::pin(events_of(tx, player))),
        tx.only(sql!("verify/figures_from"), values![], rows::read),
        tx.list(sql!("projection/fills"), values![], rows::read),
    );
    let ((rows, stored), figures_from, passed) = Box::pin(all).await?;
    Ok(KeptOfPlayer { rows, stored, passed, figures_from })
}

/// Brings a player's rows to what was folded anew. Answers the entries since.
pub(crate) async fn put(tx: &Writing, player: &PlayerId, rewrite: &Rewrite) -> Result<Vec<Update>> {
    tx.carry_out(rewrite.orders(player)).await?;
    changes::rewrite(tx, player, rewrite, tx.shard).await?;
    Ok(rewrite.updates(player))
}

/// All stored events of a player.
pub(crate) async fn events_of(tx: &Session, player: &PlayerId) -> Result<Vec<StoredEvent>> {
    let (filter, mut found) = (EventFilter::of_player(player), Gathering::default());
    while let Some(after) = found.next() {
        let more = scanning::scan(tx, &filter, after, SCAN_EVENTS).await?;
        found.take(more);
    }
    Ok(found.all())
}

/// Reads a player's rows and locks them. Whoever applies an event of the player writes the row of statistics: so there
/// must be one, also where nothing counts so far.
pub(crate) async fn rows_of(tx: &Session, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let of = values![player.as_str()];
    let read = rows_in(tx, player, plan.refolded_slots(), plan.refolded_parts());
    let (_, read) = together(tx.execute(sql!("statistic/make"), of), read).await?;
    Ok(PlayerRows::of(plan, read))
}

/// Reads what lies of a player in some slots of boards and of analytics, with all statistics, and locks it.
async fn rows_in(
    tx: &Session,
    player: &PlayerId,
    boards: Vec<i64>,
    parts: Vec<i64>,
) -> Result<ReadRows> {
    let (id, of) = (player.as_str(), vec![player.as_str()]);
    let (boards, of, parts) = (values![boards, id], values![of], values![parts, id]);
    let (boards, statistics, parts) = together3(
        tx.list(sql!("board/of_player"), boards, rows::read),
        tx.first(sql!("statistic/lock"), of, rows::placed),
        tx.list(sql!("analytics/of_player"), parts, rows::read),
    )
    .await?;
    let statistics: Option<(usize, PlayerStatistics)> = statistics;
    let statistics = statistics.map(|(_, known)| known).unwrap_or_default();
    Ok(ReadRows { boards, statistics, parts })
}
