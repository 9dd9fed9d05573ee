//! Keeps quarantine and the dead within their bounds: in bytes as events come in, in days by a job.
//!
//! How much there is, is measured now and then, because that reads every entry; in between, what this node
//! adds is counted. So beside other nodes there may be a little more for a while, never without end.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::event::Rejected;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{DEAD_OF_PLAYER_ALARMING_MAX, SET_ASIDE_ENTRY_BYTES};
use scoreline_core::store::{
    Applied, Batch, LetGo, Measured, Result, SetAside, SetAsideFigures, SetAsideMax, SetAsideUse,
    Size, Store,
};
use scoreline_core::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Looks after what is set aside.
pub struct SetAsideKeeper {
    store: Arc<dyn Store>,
    known: Mutex<SetAsideFigures>,
    /// How many events of each player died since the dead were measured.
    died: Mutex<HashMap<PlayerId, u64>>,
    /// One at a time makes room.
    making_room: tokio::sync::Mutex<()>,
}

impl SetAsideKeeper {
    /// Keeps what `store` sets aside below `max`.
    pub fn new(store: Arc<dyn Store>, max: SetAsideMax) -> Arc<Self> {
        let known = SetAsideFigures { max, ..SetAsideFigures::default() };
        Arc::new(Self {
            store,
            known: Mutex::new(known),
            died: Mutex::default(),
            making_room: tokio::sync::Mutex::default(),
        })
    }

    /// What is set aside, as far as this node knows.
    pub(crate) fn figures(&self) -> SetAsideFigures {
        *self.known.lock()
    }

    /// Counts what a batch has set aside, and makes room if that was too much. Whoever sends more waits
    /// for it.
    pub(crate) async fn after(&self, batch: &Batch, applied: &Applied) {
        self.count_players(applied);
        let added = [
            (SetAside::Quarantine, quarantined(batch, applied)),
            (SetAside::Dead, dead(batch, applied)),
        ];
        for (place, bytes) in added.into_iter().filter(|(_, bytes)| *bytes > 0) {
            let is_too_much = {
                let mut known = self.known.lock();
                let max = known.max.bytes;
                let size = &mut of(&mut known, place).size;
                size.bytes += bytes;
                size.bytes > max
            };
            if is_too_much && let Err(error) = self.make_room(place).await {
                // The job tries again, and shows that it fails.
                tracing::debug!(store.error = %error, "no room was made where events are set aside");
            }
        }
    }

    /// Counts the players whose events died, each only so far.
    fn count_players(&self, applied: &Applied) {
        if applied.dead.is_empty() {
            return;
        }
        let mut died = self.died.lock();
        let mut alarming = 0;
        for (key, _) in &applied.dead {
            let times = died.entry(key.player.clone()).or_default();
            alarming += u64::from(*times < DEAD_OF_PLAYER_ALARMING_MAX.unsigned_abs());
            *times += 1;
        }
        self.known.lock().dead.alarming += alarming;
    }

    /// Measures what is set aside, and lets go of what is too much.
    pub(crate) async fn keep_bounds(&self) -> Result<()> {
        for place in SetAside::ALL {
            self.make_room(place).await?;
        }
        Ok(())
    }

    /// Lets go of what is older than it may be at `now`.
    pub(crate) async fn remove_old(&self, now: Timestamp) -> Result<()> {
        let days = self.figures().max.days;
        let before = Some(now.plus_ms(-i64::from(days) * DAY_MS));
        for place in SetAside::ALL {
            let gone = self.let_go_of_all(place, &LetGo { before, ..LetGo::default() }).await?;
            self.note(place, gone.events, "they are too old");
        }
        Ok(())
    }

    /// Removes everything that fits, in short steps.
    pub(crate) async fn let_go_of_all(&self, place: SetAside, which: &LetGo) -> Result<Size> {
        let mut all = Size::default();
        loop {
            let gone = self.store.let_go(place, which.clone()).await?;
            if gone.events == 0 {
                return Ok(all);
            }
            all.events += gone.events;
            all.bytes += gone.bytes;
        }
    }

    async fn make_room(&self, place: SetAside) -> Result<()> {
        let _alone = self.making_room.lock().await;
        let max = self.figures().max;
        let mut gone = 0;
        loop {
            let measured = self.store.measure_set_aside(place).await?;
            self.learn(place, &measured);
            let Some(excess) = max.excess(&measured) else { break };
            let (mut left, before) = (excess.bytes.unwrap_or(0), gone);
            // As long as the same kind is the greatest, nothing needs to be measured again.
            while left > 0 {
                let step = LetGo { bytes: Some(left), ..excess.clone() };
                let went = self.store.let_go(place, step).await?;
                gone += went.events;
                left = if went.events == 0 { 0 } else { left.saturating_sub(went.bytes) };
            }
            if gone == before {
                break;
            }
        }
        self.note(place, gone, "there are too many");
        Ok(())
    }

    fn learn(&self, place: SetAside, measured: &Measured) {
        if place == SetAside::Dead {
            self.died.lock().clear();
        }
        let mut known = self.known.lock();
        let known = of(&mut known, place);
        known.size = measured.size;
        known.alarming = measured.alarming;
    }

    fn note(&self, place: SetAside, gone: u64, reason: &'static str) {
        if gone == 0 {
            return;
        }
        of(&mut self.known.lock(), place).let_go += gone;
        tracing::warn!(
            set_aside.place = place.as_str(),
            set_aside.removed = gone,
            set_aside.reason = reason,
            "the oldest events that were set aside are removed for good"
        );
    }
}

fn of(known: &mut SetAsideFigures, place: SetAside) -> &mut SetAsideUse {
    match place {
        SetAside::Quarantine => &mut known.quarantine,
        SetAside::Dead => &mut known.dead,
    }
}

/// Bytes that came into quarantine, or a little more: some of it may have been there.
fn quarantined(batch: &Batch, applied: &Applied) -> u64 {
    if applied.quarantined == 0 {
        return 0;
    }
    let rejected: u64 = batch.rejected.iter().map(Rejected::kept_bytes).sum();
    let conflicting = applied.conflicting.iter().filter_map(|place| batch.events.get(*place));
    let conflicting: usize =
        conflicting.map(|event| event.payload.len() + SET_ASIDE_ENTRY_BYTES).sum();
    rejected + conflicting as u64
}

/// Bytes that came among the dead, or a little more.
fn dead(batch: &Batch, applied: &Applied) -> u64 {
    if applied.dead.is_empty() {
        return 0;
    }
    let died = applied.died.iter().filter_map(|place| batch.events.get(*place));
    let died = died.chain(batch.dead.iter().map(|(event, _)| event));
    died.map(|event| event.dead_bytes("")).sum()
}
