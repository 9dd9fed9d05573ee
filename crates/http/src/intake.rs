//! Events on their way in: a body is checked against the game definition, its players' limits are
//! counted, and it is made durable before anybody is told that it was accepted.

use std::sync::Arc;

use scoreline_core::event::body::{Body, BodyError};
use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode, Rejected, Told};
use scoreline_core::intake::{Arrival, Intake, Submission};
use scoreline_core::operations::Operations;
use scoreline_core::ticket::Ticket;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::Ranks;
use uuid::Uuid;

use crate::auth::Caller;
use crate::limits::RateLimits;
use crate::metrics::Metrics;
use crate::problem::{Problem, Slug};
use crate::times::Times;

/// Takes events in.
pub(crate) struct EventIntake {
    /// Makes them durable.
    pub intake: Arc<dyn Intake>,
    /// Knows the definition in force.
    pub operations: Arc<dyn Operations>,
    /// Counts requests against the limits of their players.
    pub limits: Arc<RateLimits>,
    /// Knows who was erased.
    pub ranks: Arc<Ranks>,
    /// Where accepted and rejected events are counted.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Events of one body.
    pub batch_events_max: usize,
    /// Days that events are kept.
    pub retention_days: u32,
}

/// A body whose events were checked. Nothing of it is stored yet.
pub(crate) struct Checked {
    arrival: Box<dyn Arrival>,
    submission: Submission,
    /// The valid events as their sender would be told of them.
    valid: Vec<Conflict>,
    /// Events in the body.
    pub count: usize,
    /// What is wrong with them.
    pub told: Told,
    /// Their places in the body, of those whose players were erased.
    pub erased: Vec<usize>,
    /// Tickets for the runs that events begin, each with the place of its event in the body.
    pub tickets: Vec<(usize, Uuid, String)>,
}

/// What became of a body.
pub(crate) struct Taken {
    /// How many events are accepted.
    pub accepted: usize,
    /// The events that conflict with others of their players, as far as that is known by now.
    pub conflicting: Vec<Conflict>,
}

/// An event whose id belongs to another event of its player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Its place in the body.
    pub index: usize,
    /// Its type.
    pub event_type: Arc<str>,
    /// The id.
    pub id: Uuid,
}

impl Checked {
    /// The events that are not valid, and why.
    pub fn rejected(&self) -> &[Rejected] {
        &self.submission.rejected
    }
}

impl EventIntake {
    /// Checks the events of a body for whoever sent it.
    pub fn check(&self, caller: &Caller, body: &[u8]) -> Result<Checked, Problem> {
        let arrival = self.intake.arrive();
        let (mut submission, told, mut valid) =
            self.validate(body, arrival.received_at(), caller)?;
        if caller.key.is_none() {
            self.count_for_players(caller, &submission)?;
        }
        let count = submission.events.len() + submission.rejected.len();
        let erased = self.take_erased(&mut submission, &mut valid);
        let tickets = self.tickets(&submission, &valid);
        Ok(Checked { arrival, submission, valid, count, told, erased, tickets })
    }

    /// The tickets for the runs that events begin.
    fn tickets(&self, submission: &Submission, valid: &[Conflict]) -> Vec<(usize, Uuid, String)> {
        let plan = self.operations.plan();
        if plan.definition.tickets.is_none() {
            return Vec::new();
        }
        let ticket = |(event, told): (&Event, &Conflict)| {
            let ticket = Ticket { run: event.id, given_at: event.received_at };
            let text = plan.ticket_for(&event.player, &event.event_type, ticket)?;
            Some((told.index, event.id, text))
        };
        submission.events.iter().zip(valid).filter_map(ticket).collect()
    }

    /// Takes out what is of players who were erased, so that it is neither stored nor queued. Answers its
    /// places. `valid` are the events of the submission as their sender would be told of them.
    fn take_erased(&self, submission: &mut Submission, valid: &mut Vec<Conflict>) -> Vec<usize> {
        let mut erased = Vec::new();
        if !self.ranks.knows_erased() {
            return erased;
        }
        let told = std::mem::take(valid);
        for (event, told) in std::mem::take(&mut submission.events).into_iter().zip(told) {
            if self.ranks.is_erased(&event.player) {
                erased.push(told.index);
            } else {
                submission.events.push(event);
                valid.push(told);
            }
        }
        submission.rejected.retain(|one| {
            let is_erased = one.player.as_ref().is_some_and(|player| self.ranks.is_erased(player));
            erased.extend(is_erased.then_some(one.index));
            !is_erased
        });
        erased
    }

    /// Makes what was checked durable: the valid events in the store or in the queue, the others in
    /// quarantine. If it fails, nothing of the body was taken.
    pub async fn submit(&self, checked: Checked) -> Result<Taken, Problem> {
        let Checked { arrival, submission, valid, told, erased, .. } = checked;
        let received_at = arrival.received_at();
        let mut codes: Vec<RejectCode> = submission.rejected.iter().map(|one| one.code).collect();
        let times = Times::of(&submission.events);
        let receipt = self.intake.submit(arrival, submission).await?;
        self.metrics.timed(times);
        codes.extend(erased.iter().map(|_| RejectCode::PlayerErased));
        codes.extend(receipt.conflicting.iter().map(|_| RejectCode::ConflictingId));
        // Counted only now: a request that is refused comes again.
        for code in codes {
            self.metrics.rejected(code);
        }
        for flaw in &told.flaws {
            self.metrics.flawed(flaw);
        }
        let seconds = self.clock.now().ms_since(received_at) as f64 / 1_000.0;
        self.metrics.acknowledged(receipt.accepted, seconds);
        let conflicting =
            receipt.conflicting.iter().filter_map(|place| valid.get(*place).cloned()).collect();
        Ok(Taken { accepted: receipt.accepted, conflicting })
    }

    /// Checks each event by itself.
    fn validate(
        &self,
        body: &[u8],
        received_at: Timestamp,
        caller: &Caller,
    ) -> Result<(Submission, Told, Vec<Conflict>), Problem> {
        let body = Body::parse(body, self.batch_events_max).map_err(|error| match error {
            BodyError::NotJson { .. } => Problem::invalid_json(error.to_string()),
            BodyError::TooManyEvents { .. } => Problem::new(Slug::TooLarge, error.to_string()),
        })?;
        let definition = self.operations.definition();
        let only = caller.speaker.only().cloned();
        let validator = Validator::new(&definition, received_at, body.sent_at, only);
        let mut validator =
            validator.with_retention(self.retention_days).with_key(caller.key.as_deref());
        let mut submission = Submission::default();
        let mut valid = Vec::with_capacity(body.events.len());
        for (index, item) in body.events.iter().enumerate() {
            match validator.check_item(index, item) {
                Ok(event) => {
                    let event_type = Arc::clone(&event.event_type);
                    valid.push(Conflict { index, event_type, id: event.id });
                    submission.events.push(event);
                }
                Err(rejected) => submission.rejected.push(*rejected),
            }
        }
        Ok((submission, validator.into_told(), valid))
    }

    /// Counts the request once for each player that it speaks for, whether its events are valid or
    /// not. The request of a token counts for the token's player only, whomever its events name: nobody
    /// can use up the limit of somebody else.
    fn count_for_players(&self, caller: &Caller, submission: &Submission) -> Result<(), Problem> {
        if let Some(player) = caller.speaker.only() {
            return self.limits.players(std::iter::once(player));
        }
        let accepted = submission.events.iter().map(|event| &event.player);
        let rejected = submission.rejected.iter().filter_map(|rejected| rejected.player.as_ref());
        self.limits.players(accepted.chain(rejected))
    }
}
