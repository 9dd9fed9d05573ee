//! A database in memory: what both stores do in their transactions, by the same decisions of core. Each
//! method is one transaction, done at once or not at all.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::event::recognise::{Recognised, beside_dead, recognise};
use scoreline_core::feed::{self, Change, Commit, CommitNo, Heard, Position};
use scoreline_core::fold::{
    AnalyticsRewrite, Changes, FiguresFrom, Plan, PlayerRow, PlayerRows, Projection, Rewrite, State,
};
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::rank::{Entry, PlayerEntry, Update};
use scoreline_core::reconcile::Step as Reconciling;
use scoreline_core::store::{
    Adopted, Applied, Award, Batch, Close, Forwarded, KeptOfPlayer, Result, ScanPosition,
    StoreError, StoredEvent, adopting, by_player, check_in_force,
};
use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::ClockNote;
use scoreline_core::tournament::life::{Seen, Step, Transition};
use scoreline_core::tournament::{NewTournament, Prize, Ranking, Tournament};
use scoreline_core::void::Voids;

use crate::sabotage::Sabotage;

/// An event that is kept.
pub struct Kept {
    pub event: Event,
    pub applied_at: Timestamp,
}

/// All that is kept.
#[derive(Default)]
pub struct Database {
    definition: Option<Arc<Definition>>,
    plan: Option<Arc<Plan>>,
    version: i64,
    last_stamp: Option<Timestamp>,
    last_receipt: Option<Timestamp>,
    projections: Vec<Projection>,
    pub tournaments: Vec<Tournament>,
    pub events: BTreeMap<EventKey, Kept>,
    pub dead: BTreeMap<EventKey, Event>,
    pub state: State,
    /// By how much versions of entries are ahead of their attempts, where they are.
    taken_back: BTreeMap<(BoardKey, PlayerId), i64>,
    pub prizes: BTreeMap<(Arc<str>, PlayerId), Prize>,
    pub clock_note: Option<ClockNote>,
    feed: Vec<Commit>,
    sabotage: Option<Sabotage>,
}

impl Database {
    /// An empty one, of which this is done wrongly.
    pub fn new(sabotage: Option<Sabotage>) -> Self {
        Self { sabotage, ..Self::default() }
    }

    /// The text of the definition in force.
    pub fn definition(&self) -> Option<String> {
        self.definition.as_ref().map(|definition| definition.source.to_string())
    }

    /// The version of the present plan.
    pub fn plan_version(&self) -> i64 {
        self.version
    }

    /// The present plan.
    pub fn plan(&mut self, definition: &Arc<Definition>) -> Result<Arc<Plan>> {
        check_in_force(self.definition().as_deref(), definition)?;
        if let Some(plan) = self.plan.as_ref().filter(|plan| plan.version == self.version) {
            return Ok(Arc::clone(plan));
        }
        let (projections, tournaments) = (self.projections.clone(), self.tournaments.clone());
        let plan = Plan::new(self.version, Arc::clone(definition), projections, tournaments);
        Ok(Arc::clone(self.plan.insert(Arc::new(plan))))
    }

    /// Puts a definition in force.
    pub fn adopt(&mut self, definition: &Arc<Definition>) -> Result<Adopted> {
        let is_new = self.definition().as_deref() != Some(&*definition.source);
        let applied = self.events.len() as u64;
        if let Some(steps) = adopting(definition, &self.projections, &[], applied, is_new) {
            self.definition = Some(Arc::clone(definition));
            for step in steps {
                self.carry_out(step);
            }
            self.outdate(None);
        }
        let plan = self.plan(definition)?;
        Ok(Adopted { incomplete: plan.incomplete(), plan })
    }

    /// # Panics
    ///
    /// If it is another step than making a projection: a run has one definition.
    fn carry_out(&mut self, step: Reconciling) -> (ProjectionNo, Slot) {
        let Reconciling::Create { wanted, complete, pending: false } = step else {
            unreachable!("the definition of a run never changes")
        };
        let no = i64::try_from(self.projections.len()).expect("a few") + 1;
        self.projections.push(wanted.made(ProjectionNo(no), Slot(no), complete));
        (ProjectionNo(no), Slot(no))
    }

    fn outdate(&mut self, tournament: Option<&Arc<str>>) {
        self.version += 1;
        self.tell(feed::outdated(self.version, tournament));
    }

    fn tell(&mut self, changes: Vec<Change>) -> Option<Commit> {
        if changes.is_empty() {
            return None;
        }
        let no = self.feed.len() as u64;
        let is_left_out = self.sabotage == Some(Sabotage::TellsTooLittle) && no % 7 == 6;
        let commit = Commit { no: CommitNo(no), changes: changes.into() };
        let told = if is_left_out { Commit { changes: Arc::new([]), ..commit } } else { commit };
        self.feed.push(told.clone());
        Some(told)
    }

    /// Where the feed is.
    pub fn position(&self) -> Position {
        Position(self.feed.len().to_string().into())
    }

    /// What was told after a position.
    pub fn heard_after(&self, position: &Position) -> Heard {
        let commits = self.feed[place(position)..].to_vec();
        Heard::Commits { commits, position: self.position() }
    }

    /// Whether something was told after a position.
    pub fn has_news(&self, position: &Position) -> bool {
        place(position) < self.feed.len()
    }

    /// Creates a tournament.
    pub fn create_tournament(&mut self, new: &NewTournament) -> bool {
        if self.tournaments.iter().any(|one| one.id == new.id) {
            return false;
        }
        let (projection, slot) = self.carry_out(new.first_step(self.last_receipt));
        self.tournaments.push(Tournament {
            id: Arc::clone(&new.id),
            series: new.series.clone(),
            name: new.name.clone(),
            board: Arc::clone(&new.board),
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            prizes: new.prizes.clone(),
            projection,
            slot,
            cancelled_at: None,
            sealed_at: None,
            closed_at: None,
            participants: None,
        });
        self.outdate(Some(&new.id));
        true
    }

    fn tournament(&mut self, id: &str) -> Result<&mut Tournament> {
        let found = self.tournaments.iter_mut().find(|one| *one.id == *id);
        found.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
    }

    fn last_stamp(&self) -> Timestamp {
        self.last_stamp.unwrap_or(Timestamp::EPOCH)
    }

    /// Seals a tournament.
    pub fn seal(&mut self, id: &Arc<str>, now: Timestamp) -> Result<()> {
        let seen = Seen { last_receipt: self.last_receipt, last_applied: self.last_stamp() };
        let tournament = self.tournament(id)?;
        let Step::Do(at) = tournament.transition(Transition::Seal, now, seen)? else {
            return Ok(());
        };
        tournament.sealed_at = Some(at);
        self.last_stamp = self.last_stamp.max(Some(at));
        self.outdate(Some(id));
        Ok(())
    }

    /// Closes a sealed tournament with its prizes.
    pub fn close(&mut self, id: &Arc<str>, now: Timestamp) -> Result<Award> {
        let slot = self.tournament(id)?.slot;
        let ranked = self.ranked(BoardKey { slot, period: Timestamp::EPOCH });
        let entries = ranked.len() as u64;
        let best = ranked.into_iter().map(|one| (one.player, one.entry.standing)).collect();
        let ranking = Ranking::of(best, entries, Vec::new());
        let last_stamp = self.last_stamp();
        let tournament = self.tournament(id)?;
        let due = match tournament.closing(&ranking, (0, 0), now, last_stamp)? {
            Close::Done(award) => return Ok(award),
            Close::Award(due) => due,
        };
        tournament.closed_at = Some(due.closed_at);
        tournament.participants = Some(entries);
        let prizes = due.prizes.len() as u64;
        for prize in due.prizes {
            self.prizes.entry((Arc::clone(id), prize.player.clone())).or_insert(prize);
        }
        self.last_stamp = self.last_stamp.max(Some(due.closed_at));
        self.outdate(Some(id));
        Ok(Award { prizes, participants: entries })
    }

    /// The entries of a board, best first.
    pub fn ranked(&self, board: BoardKey) -> Vec<PlayerEntry> {
        let mut entries = self.entries_of(board);
        entries.sort_by(|a, b| {
            a.entry.standing.compare(&b.entry.standing).then(a.player.cmp(&b.player))
        });
        entries
    }

    /// The entries of a board, by player.
    pub fn entries_of(&self, board: BoardKey) -> Vec<PlayerEntry> {
        let from = (board, PlayerId::from_stored(""));
        let of_board = self.state.boards.range(from..).take_while(|((of, _), _)| *of == board);
        let entry = |((_, player), _): (&(BoardKey, PlayerId), _)| PlayerEntry {
            player: player.clone(),
            entry: self.entry(board, player).expect("it is there"),
        };
        of_board.map(entry).filter(|one| !one.entry.is_empty()).collect()
    }

    /// A player's entry on a board.
    pub fn entry(&self, board: BoardKey, player: &PlayerId) -> Option<Entry> {
        let held = self.state.boards.get(&(board, player.clone()))?;
        let taken_back = self.taken_back.get(&(board, player.clone())).copied().unwrap_or(0);
        Some(PlayerRow { held: *held, taken_back }.entry())
    }

    /// Applies a batch.
    pub fn apply(&mut self, plan: &Plan, batch: &Batch, now: Timestamp) -> Result<Applied> {
        plan.check_present(self.version)?;
        let applied_at = self.last_stamp().max(now);
        let mut applied = Applied::default();
        let (mut new, mut earlier): (Vec<Event>, Vec<Event>) = Default::default();
        for (place, event) in batch.events.iter().enumerate() {
            let dead = self.dead.get(&event.key()).and_then(|dead| beside_dead(event, dead).1);
            let event = dead.unwrap_or_else(|| event.clone());
            match self.store(&event, applied_at) {
                Recognised::New => new.push(event),
                Recognised::Duplicate if self.sabotage == Some(Sabotage::CountsRepetitions) => {
                    new.push(event);
                }
                Recognised::Duplicate => applied.duplicates += 1,
                Recognised::Earlier => {
                    applied.duplicates += 1;
                    earlier.push(event);
                }
                Recognised::Conflicting => applied.conflicting.push(place),
            }
        }
        let new: Vec<&Event> = new.iter().collect();
        let changes = plan.fold_new(&new, &HashMap::new(), applied_at)?;
        self.state.absorb(&changes)?;
        applied.applied = new.len();
        for (event, reason) in &batch.dead {
            if self.events.contains_key(&event.key()) {
                earlier.push(event.clone());
                continue;
            }
            let dead = self.dead.entry(event.key()).or_insert_with(|| event.clone());
            if event.received_at < dead.received_at {
                *dead = event.clone();
            }
            applied.dead.push((event.key(), reason.clone()));
        }
        self.last_stamp = Some(applied_at);
        let receipts = new.iter().map(|event| event.received_at);
        self.last_receipt = receipts.chain(self.last_receipt).max();
        let mut touched = self.touched(&changes);
        for (player, copies) in by_player(&earlier) {
            touched.extend(self.bring_forward(plan, player, &copies)?);
        }
        applied.told = self.tell(feed::entries(touched));
        Ok(applied)
    }

    fn store(&mut self, event: &Event, applied_at: Timestamp) -> Recognised {
        let key = event.key();
        let kept = self.events.get(&key).map(|kept| &kept.event);
        let recognised = recognise(event, kept.map(Into::into));
        if recognised == Recognised::New {
            self.events.insert(key.clone(), Kept { event: event.clone(), applied_at });
        }
        if recognised != Recognised::Conflicting {
            self.dead.remove(&key);
        }
        recognised
    }

    /// Lets events of a player count as of the receipts of these copies.
    fn bring_forward(
        &mut self,
        plan: &Plan,
        player: &PlayerId,
        copies: &[&Event],
    ) -> Result<Vec<Update>> {
        let kept = KeptOfPlayer {
            rows: self.rows_of(player),
            stored: self.events_of(player),
            passed: Vec::new(),
            figures_from: FiguresFrom { fine: Timestamp::MIN, coarse: Timestamp::MIN },
        };
        let Some(forward) = plan.bring_forward(copies, kept)? else { return Ok(Vec::new()) };
        for Forwarded { after, .. } in &forward.moved {
            self.events.get_mut(&after.event.key()).expect("it is kept").event =
                after.event.clone();
        }
        let updates = forward.rewrite.updates(player);
        self.rewrite(player, forward.rewrite)?;
        Ok(updates)
    }

    /// Puts a player's state in place of what is there.
    fn rewrite(&mut self, player: &PlayerId, rewrite: Rewrite) -> Result<()> {
        let Rewrite { boards, statistics, analytics, figures } = rewrite;
        for (board, row) in boards {
            self.state.boards.insert((board, player.clone()), row.held);
            self.taken_back.insert((board, player.clone()), row.taken_back);
        }
        if let Some(statistics) = statistics {
            self.state.statistics.retain(|(of, _), _| of != player);
            let amounts =
                statistics.totals().map(|(slot, amount)| ((player.clone(), slot), amount));
            self.state.statistics.extend(amounts);
        }
        for AnalyticsRewrite { slot, parts, counts } in analytics {
            for (part, bytes) in parts {
                let key = (slot, player.clone(), part);
                match bytes {
                    Some(bytes) => drop(self.state.parts.insert(key, bytes)),
                    None => drop(self.state.parts.remove(&key)),
                }
            }
            for (key, more) in counts {
                *self.state.counters.entry((slot, key)).or_default() += more;
            }
        }
        self.state.counters.retain(|_, count| *count != 0);
        Ok(self.state.absorb(&Changes { figures, ..Changes::default() })?)
    }

    fn events_of(&self, player: &PlayerId) -> Vec<StoredEvent> {
        let of_player = self.events.values().filter(|kept| kept.event.player == *player);
        let stored = |kept: &Kept| StoredEvent {
            event: kept.event.clone(),
            applied_at: kept.applied_at,
            position: ScanPosition::from_bytes(&[]),
            voids: Voids::default(),
        };
        of_player.map(stored).collect()
    }

    fn rows_of(&self, player: &PlayerId) -> PlayerRows {
        let mut rows = PlayerRows::default();
        for (key, held) in self.state.boards.iter().filter(|(key, _)| key.1 == *player) {
            let taken_back = self.taken_back.get(key).copied().unwrap_or(0);
            rows.boards.insert(key.0, PlayerRow { held: *held, taken_back });
        }
        for ((_, slot), amount) in self.state.statistics.iter().filter(|(key, _)| key.0 == *player)
        {
            rows.statistics.set(*slot, Some(*amount));
        }
        let parts = self.state.parts.iter().filter(|((_, of, _), _)| of == player);
        rows.parts.extend(parts.map(|((slot, _, part), bytes)| ((*slot, *part), bytes.clone())));
        rows
    }

    fn touched(&self, changes: &Changes) -> Vec<Update> {
        let update = |(board, player): (BoardKey, &PlayerId)| Update {
            board,
            player: player.clone(),
            entry: self.entry(board, player).expect("it was written just now"),
        };
        changes.boards.iter().map(|(board, player, _)| update((*board, player))).collect()
    }
}

fn place(position: &Position) -> usize {
    position.0.parse().expect("a position is a number")
}
