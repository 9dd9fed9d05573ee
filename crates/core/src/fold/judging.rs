//! Judging new events by rules whose breach is no reason to turn them away: which of them are held.
//!
//! A store asks [`Plan::to_judge`] about which events it must ask, [`Plan::asked_before`] what it must read, and
//! [`Plan::judge`] what to write. All are asked in the transaction that stores the events, so that each event is judged once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::Plan;
use super::breaches::{ImprovementMax, Rule, Seen, Test};
use super::facts::{self, Fact};
use super::projection::{Projection, ProjectionKind};
use super::reading::Fields;
use crate::event::Event;
use crate::game::{Consequence, Definition, SuspicionTest, Tickets};
use crate::id::{BoardKey, EventKey, PlayerId};
use crate::review::{Held, shortened};
use crate::suspicion::{Memory, MemoryDamaged};
use crate::ticket::{Ticket, TicketFault, TicketKey, UsedTicket};
use crate::time::Timestamp;
use crate::void::Voids;

/// What a store must read before it can judge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whose events are judged one after another, in order. What is remembered of them is locked until the end,
    /// whether there is anything or not.
    pub remembered: Vec<PlayerId>,
    /// Which entries of boards are compared, in order.
    pub bests: Vec<(BoardKey, PlayerId)>,
    /// Which tickets come back, by the events that began their runs as they say, in order. Who was moved may bring
    /// tickets that were given to a former id.
    pub tickets: Vec<EventKey>,
}

impl Asked {
    /// Who brings tickets, in order.
    pub fn bearers(&self) -> Vec<PlayerId> {
        let mut bearers: Vec<_> = self.tickets.iter().map(|run| run.player.clone()).collect();
        bearers.dedup();
        bearers
    }
}

/// What a store has read.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What is remembered of players. Nothing of those who are not here.
    pub memories: HashMap<PlayerId, Memory>,
    /// Points and attempts of entries that there are.
    pub bests: HashMap<(BoardKey, PlayerId), (i64, i64)>,
    /// Those of the tickets that came back before.
    pub used: HashSet<EventKey>,
    /// The former ids of those who bring tickets and were moved.
    pub former: HashMap<PlayerId, Vec<PlayerId>>,
}

impl Known {
    /// Takes over what a store kept of a player. What cannot be read is forgotten: rules then know less, but no
    /// event waits for it.
    pub fn remember(&mut self, player: PlayerId, kept: &str) -> Result<(), MemoryDamaged> {
        self.memories.insert(player, Memory::from_text(kept)?);
        Ok(())
    }

    fn ids<'k>(&'k self, player: &'k PlayerId) -> impl Iterator<Item = &'k PlayerId> {
        std::iter::once(player).chain(self.former.get(player).into_iter().flatten())
    }
}

/// What is to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged<'e> {
    /// Events that do not count until an operator accepts them.
    pub held: Vec<Held<'e>>,
    /// What is remembered from now on, in the order of players.
    pub memories: Vec<(PlayerId, Memory)>,
    /// Tickets that came back, whatever becomes of the events that brought them.
    pub used: Vec<UsedTicket>,
    /// Events that were held before because nothing began them, and have begun by now.
    pub followed: Vec<EventKey>,
}

/// How events of all types are judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Judging {
    types: FxHashMap<Arc<str>, TypeJudging>,
    /// Tickets that events of one type must bring, with the place of the field, once the key is known.
    tickets: Option<(Tickets, usize, TicketKey)>,
}

/// How events of one type are judged.
#[derive(Debug, Clone, Default)]
struct TypeJudging {
    fields: Fields,
    /// In the order of the definition; the first that is broken holds the event. Those about beginnings come last:
    /// what breaks nothing else counts once it has begun.
    rules: Vec<Rule>,
    /// Whether the times of events of this type are remembered, and where it stands what was played.
    times: bool,
    played: Option<(usize, i64)>,
    /// Under which names beginnings are remembered, each with the place of the field.
    begins: Vec<(String, usize)>,
}

/// Under which name a beginning is remembered.
fn beginning(event: &str, same: &str) -> String {
    format!("{event}.{same}")
}

impl Judging {
    /// Asks for the tickets of a definition, which are signed with this key.
    pub fn ask_for_tickets(&mut self, tickets: &Tickets, key: TicketKey) {
        let of_type = self.types.entry(Arc::clone(&tickets.ends)).or_default();
        let place = of_type.fields.place(&tickets.field);
        self.tickets = Some((tickets.clone(), place, key));
    }

    fn tickets_of(&self, event: &Event) -> Option<&(Tickets, usize, TicketKey)> {
        self.tickets.as_ref().filter(|(tickets, ..)| tickets.ends == event.event_type)
    }

    /// The rules of a definition. One that compares with a board sleeps until the board has all of history.
    pub fn new(definition: &Definition, projections: &[Projection]) -> Self {
        let mut all = Self::default();
        for (name, event_type) in &definition.events {
            for rule in &event_type.plausibility {
                if rule.then == Consequence::Review {
                    let of_type = all.types.entry(Arc::clone(name)).or_default();
                    let field = of_type.fields.place(&rule.field);
                    let of = of_type.fields.place(&rule.of);
                    let test = Test::Plausible { rule: rule.clone(), field, of };
                    of_type.rules.push(Rule { name: "plausibility", test, is_refused: false });
                }
            }
            for rule in &event_type.suspicion {
                let is_refused = rule.then == Consequence::Refuse;
                if let SuspicionTest::Predecessor { event, same } = &rule.test {
                    let before = all.types.entry(Arc::clone(event)).or_default();
                    let place = before.fields.place(same);
                    let kind = beginning(event, same);
                    if !before.begins.iter().any(|(known, _)| *known == kind) {
                        before.begins.push((kind, place));
                    }
                }
                let of_type = all.types.entry(Arc::clone(name)).or_default();
                if let Some(test) = of_type.test(&rule.test, definition, projections) {
                    of_type.rules.push(Rule { name: rule.test.as_str(), test, is_refused });
                }
            }
        }
        all
    }
}

impl TypeJudging {
    fn test(
        &mut self,
        test: &SuspicionTest,
        definition: &Definition,
        projections: &[Projection],
    ) -> Option<Test> {
        Some(match test {
            SuspicionTest::Improvement { board, factor, amount, after } => {
                let board = definition.boards.get(board)?;
                let is_it = |one: &&Projection| {
                    one.kind == ProjectionKind::Board && one.name == board.name && one.complete
                };
                let meant = |one: &&Projection| one.board().is_some_and(|kept| **kept == *board);
                let projection = projections.iter().filter(is_it).find(meant)?;
                let period = Timestamp::EPOCH;
                Test::Improvement {
                    board: BoardKey { slot: projection.slot, period },
                    order: board.order,
                    measure: self.fields.reading(&board.measure),
                    by: ImprovementMax { factor: *factor, amount: *amount, after: *after },
                }
            }
            SuspicionTest::Interval { least_ms } => {
                self.times = true;
                Test::Interval { least_ms: *least_ms }
            }
            SuspicionTest::Predecessor { event, same } => Test::Predecessor {
                event: Arc::clone(event),
                name: Arc::clone(same),
                kind: beginning(event, same),
                same: self.fields.place(same),
            },
            SuspicionTest::Clock { played, unit_ms, tolerance_ms } => {
                let played = self.fields.place(played);
                (self.times, self.played) = (true, Some((played, *unit_ms)));
                Test::Clock { played, unit_ms: *unit_ms, tolerance_ms: *tolerance_ms }
            }
        })
    }

    fn remembers(&self) -> bool {
        self.times || !self.begins.is_empty() || self.asks_memory()
    }

    /// Whether what is judged of it depends on what else is applied of the player.
    fn needs_order(&self) -> bool {
        self.remembers() || self.boards().next().is_some()
    }

    fn asks_memory(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.test, Test::Predecessor { .. }))
    }

    /// Remembers an event. Answers those that were held because it had not come.
    fn remember(&self, seen: &Seen<'_, '_>, memory: &mut Memory) -> Vec<Uuid> {
        let mut followers = Vec::new();
        let at = seen.event.counted_at;
        if self.times {
            let played = self.played;
            let played = played.and_then(|(place, unit_ms)| seen.milliseconds(place, unit_ms));
            memory.note_time(&seen.event.event_type, at, played.unwrap_or(0));
        }
        for (kind, place) in &self.begins {
            if let Some(same) = seen.text(*place) {
                memory.note_beginning(kind, &same, at);
                followers.extend(memory.take_followers(kind, &same, at));
            }
        }
        followers
    }

    /// Remembers what an event has missed that is held for nothing else.
    fn remember_missed(&self, seen: &Seen<'_, '_>, memory: &mut Memory) {
        let at = seen.event.counted_at;
        for rule in &self.rules {
            if let Test::Predecessor { kind, same, .. } = &rule.test
                && let Some(same) = seen.text(*same)
                && !memory.has_begun(kind, &same, at)
            {
                memory.note_missed(kind, &same, at, seen.event.id);
            }
        }
    }

    /// The event counts: what later ones of the same transaction are compared with.
    fn count(&self, seen: &Seen<'_, '_>, known: &mut Known) {
        let mut counted = Vec::new();
        for rule in &self.rules {
            let Test::Improvement { board, order, measure, .. } = &rule.test else { continue };
            // Several rules may compare with one board.
            if counted.contains(board) {
                continue;
            }
            counted.push(*board);
            let Ok(Some(score)) = measure.value(seen.facts) else { continue };
            let points = order.points(score);
            let entry = (*board, seen.event.player.clone());
            let best = known.bests.entry(entry).or_insert((points, 0));
            *best = (best.0.max(points), best.1 + 1);
        }
    }

    fn boards(&self) -> impl Iterator<Item = BoardKey> {
        self.rules.iter().filter_map(|rule| match rule.test {
            Test::Improvement { board, .. } => Some(board),
            _ => None,
        })
    }
}

impl Plan {
    /// Those of some new events that are to be judged, all but the `voided` ones, which do not count anyway; `None`
    /// if no event of any type is judged.
    pub fn to_judge<'e>(
        &self,
        new: &[&'e Event],
        voided: &HashMap<EventKey, Voids>,
    ) -> Option<Vec<&'e Event>> {
        if self.judging.types.is_empty() {
            return None;
        }
        let counts = |event: &&Event| voided.is_empty() || !voided.contains_key(&event.key());
        Some(new.iter().copied().filter(counts).collect())
    }

    /// What must be read before these events can be judged.
    pub fn asked_before(&self, events: &[&Event]) -> Asked {
        let (mut remembered, mut bests) = (BTreeSet::new(), BTreeSet::new());
        let mut tickets = BTreeSet::new();
        for event in events {
            let Some(of_type) = self.judging.types.get(&event.event_type) else { continue };
            let asks_ticket = self.judging.tickets_of(event).is_some();
            if of_type.needs_order() || asks_ticket {
                remembered.insert(event.player.clone());
            }
            if asks_ticket {
                let facts = facts::read(&event.payload, of_type.fields.names());
                let run = self.judging.ticket_text(event, &facts).and_then(Ticket::claimed_run);
                tickets.extend(run.map(|id| EventKey { player: event.player.clone(), id }));
            }
            bests.extend(of_type.boards().map(|board| (board, event.player.clone())));
        }
        let (remembered, bests) = (Vec::from_iter(remembered), Vec::from_iter(bests));
        Asked { remembered, bests, tickets: Vec::from_iter(tickets) }
    }

    /// Judges events that are applied now. They are looked at in the order of their times, whatever the order in
    /// which they came within the transaction.
    pub fn judge<'e>(&self, events: &[&'e Event], mut known: Known) -> Judged<'e> {
        let mut judged: Vec<(&'e Event, &TypeJudging)> = events
            .iter()
            .filter_map(|event| Some((*event, self.judging.types.get(&event.event_type)?)))
            .collect();
        judged.sort_by_key(|(event, _)| (event.counted_at, event.id));
        let mut changed: BTreeMap<PlayerId, Memory> = BTreeMap::new();
        let mut before = |player: &PlayerId, known: &mut Known| {
            if !changed.contains_key(player) {
                let memory = known.memories.remove(player).unwrap_or_default();
                changed.insert(player.clone(), memory);
            }
        };
        for (event, of_type) in &judged {
            if of_type.remembers() {
                before(&event.player, &mut known);
            }
        }
        let mut out = Judged::default();
        for (event, of_type) in judged {
            let facts = facts::read(&event.payload, of_type.fields.names());
            let mut none = Memory::default();
            let memory = changed.get_mut(&event.player).unwrap_or(&mut none);
            let seen = Seen { event, facts: &facts };
            let broken = |about_beginnings: bool| {
                let mut rules = of_type.rules.iter();
                rules.find_map(|rule| {
                    let is_asked = rule.test.is_about_beginnings() == about_beginnings;
                    let reason = is_asked.then(|| seen.breaks(&rule.test, memory, &known.bests));
                    Some((rule.name, reason??, rule.is_refused))
                })
            };
            let (broken, missed) = (broken(false), broken(true));
            let followers = of_type.remember(&seen, memory);
            let key = |id| EventKey { player: event.player.clone(), id };
            out.followed.extend(followers.into_iter().map(key));
            // Whatever else is wrong, the ticket has come back.
            let ticket = self.judging.take_ticket(event, &facts, &mut known, &mut out.used);
            let broken = broken.or(ticket);
            if broken.is_none() && missed.as_ref().is_some_and(|(.., is_refused)| !is_refused) {
                of_type.remember_missed(&seen, memory);
            }
            match broken.or(missed) {
                Some((rule, reason, is_refused)) => {
                    out.held.push(Held { event, rule, reason: shortened(reason), is_refused });
                }
                None => of_type.count(&seen, &mut known),
            }
        }
        for memory in changed.values_mut() {
            self.judging.forget_unasked(memory);
        }
        out.memories = changed.into_iter().collect();
        out
    }
}

impl Judging {
    /// What an event brings as its ticket.
    fn ticket_text<'f>(&self, event: &Event, facts: &'f [Fact<'_>]) -> Option<&'f str> {
        let (_, place, _) = self.tickets_of(event)?;
        facts[*place].as_text().filter(|text| !text.is_empty())
    }

    /// Takes the ticket of an event. Answers how the event breaks the rule, if it does.
    fn take_ticket(
        &self,
        event: &Event,
        facts: &[Fact<'_>],
        known: &mut Known,
        used: &mut Vec<UsedTicket>,
    ) -> Option<(&'static str, String, bool)> {
        let (tickets, _, key) = self.tickets_of(event)?;
        let text = self.ticket_text(event, facts);
        let read = |text| key.read(known.ids(&event.player), &tickets.begins, text);
        let ticket = text.ok_or(TicketFault::Missing);
        let fault = match ticket.and_then(|text| read(text).ok_or(TicketFault::Forged)) {
            Err(fault) => Some(fault),
            Ok(ticket) => {
                let taken = tickets.used(&event.player, ticket);
                let is_new = known.used.insert(taken.run.clone());
                let fault = tickets.fault_of(ticket, event.received_at, !is_new);
                // One that is good no longer need not be kept.
                if is_new && !matches!(fault, Some(TicketFault::TooLate(_))) {
                    used.push(taken);
                }
                fault
            }
        };
        fault.map(|fault| ("ticket", tickets.told(fault), tickets.then == Consequence::Refuse))
    }

    fn forget_unasked(&self, memory: &mut Memory) {
        let times = |event_type: &str| self.types.get(event_type).is_some_and(|one| one.times);
        let begun = |kind: &str| {
            self.types.values().any(|one| one.begins.iter().any(|(known, _)| known == kind))
        };
        memory.keep(times, begun);
    }
}
