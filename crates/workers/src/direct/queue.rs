//! What waits for the next commit: submissions in the order they came, within limits.
//!
//! Pure bookkeeping behind the intake's lock. A submission is never split, because it is answered
//! as one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use scoreline_core::game::{Class, Definition};
use scoreline_core::intake::{Arrival, IntakeError, Receipt, Submission};
use scoreline_core::limits::{
    APPLY_EVENTS_MAX, DIRECT_WAIT_MAX_MS, DIRECT_WAITING_BYTES_MAX, DIRECT_WAITING_EVENTS_MAX,
};
use scoreline_core::queue::ByClass;
use scoreline_core::time::Timestamp;
use tokio::sync::oneshot;

use super::watermark::Receipts;

/// The longest that a client is told to stay away.
const RETRY_AFTER_MAX_S: f64 = 30.0;

/// A submission, and the sender who waits for its answer.
pub(super) struct Waiting {
    pub submission: Submission,
    pub size: Size,
    /// When it came into the line.
    pub since: Instant,
    /// Held until the answer is given, so that no tournament closes over it.
    pub arrival: Box<dyn Arrival>,
    pub answer: oneshot::Sender<Result<Receipt, IntakeError>>,
}

/// How much a submission asks of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    /// Events to apply and events to quarantine.
    pub rows: usize,
    /// Bytes of their payloads.
    pub bytes: usize,
    /// Events to apply, by class.
    pub by_class: ByClass<u64>,
}

impl Size {
    /// Measures a submission.
    pub fn of(submission: &Submission, definition: &Definition) -> Self {
        let mut size =
            Self { rows: submission.events.len() + submission.rejected.len(), ..Self::default() };
        for event in &submission.events {
            size.bytes += event.payload.len();
            // An event whose type has just left the definition counts as the least urgent.
            let class =
                definition.events.get(&event.event_type).map_or(Class::Bulk, |kind| kind.class);
            size.by_class[class] += 1;
        }
        size.bytes += submission.rejected.iter().map(|rejected| rejected.raw.len()).sum::<usize>();
        size
    }

    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.by_class = ByClass::from_fn(|class| self.by_class[class] + other.by_class[class]);
    }

    fn subtract(&mut self, other: &Self) {
        self.rows -= other.rows;
        self.bytes -= other.bytes;
        self.by_class = ByClass::from_fn(|class| self.by_class[class] - other.by_class[class]);
    }
}

/// Submissions that wait.
#[derive(Default)]
pub(super) struct WaitingLine {
    line: VecDeque<Waiting>,
    size: Size,
    /// The receipts of all submissions that are not answered, waiting or being committed.
    unanswered: Receipts,
}

impl WaitingLine {
    /// Whether a submission of this size may wait too: there is room, and the line moves. A line
    /// without anybody takes any size.
    pub fn has_room_for(&self, size: &Size, now: Instant) -> bool {
        let Some(first) = self.line.front() else { return true };
        now.saturating_duration_since(first.since) < Duration::from_millis(DIRECT_WAIT_MAX_MS)
            && self.size.rows + size.rows <= DIRECT_WAITING_EVENTS_MAX
            && self.size.bytes + size.bytes <= DIRECT_WAITING_BYTES_MAX
    }

    /// Lets a submission wait.
    pub fn push(&mut self, waiting: Waiting) {
        self.size.add(&waiting.size);
        self.unanswered.add(waiting.arrival.received_at());
        self.line.push_back(waiting);
    }

    /// Takes what fits into one transaction, the first ones first; a single submission always does.
    /// A submission whose sender has stopped waiting leaves the line: the sender was told to come
    /// again, or went away and sends it again.
    pub fn take_batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::new();
        let mut rows = 0;
        while let Some(next) = self.line.front() {
            if next.answer.is_closed() {
                self.leave();
                continue;
            }
            rows += next.size.rows;
            if rows > APPLY_EVENTS_MAX && !batch.is_empty() {
                break;
            }
            let Some(next) = self.line.pop_front() else { break };
            self.size.subtract(&next.size);
            batch.push(next);
        }
        batch
    }

    fn leave(&mut self) {
        let Some(left) = self.line.pop_front() else { return };
        self.size.subtract(&left.size);
        self.settle(left.arrival.received_at());
    }

    /// Takes all that waits.
    pub fn take_all(&mut self) -> Vec<Waiting> {
        self.size = Size::default();
        self.line.drain(..).collect()
    }

    /// Forgets the receipt of a submission that is about to be answered.
    pub fn settle(&mut self, received_at: Timestamp) {
        self.unanswered.remove(received_at);
    }

    /// How much waits.
    pub fn size(&self) -> &Size {
        &self.size
    }

    /// The receipt of the oldest submission that is not answered.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.unanswered.oldest()
    }
}

/// When a refused client may find room: after what waits now is done.
pub(crate) fn retry_after_s(waiting_rows: usize, capacity_per_second: Option<f64>) -> u32 {
    let seconds =
        capacity_per_second.map_or(1.0, |capacity| waiting_rows as f64 / capacity.max(1.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held between 1 and the maximum"
    )]
    let whole = seconds.ceil().clamp(1.0, RETRY_AFTER_MAX_S) as u32;
    whole
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
mod tests {
    use super::*;

    struct At(Timestamp);

    impl Arrival for At {
        fn received_at(&self) -> Timestamp {
            self.0
        }
    }

    type Answered = oneshot::Receiver<Result<Receipt, IntakeError>>;

    /// A submission, and who waits for its answer.
    fn waiting(rows: usize, received_ms: i64) -> (Waiting, Answered) {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            submission: Submission::default(),
            size: Size { rows, bytes: rows * 100, by_class: ByClass([0, 0, rows as u64]) },
            since: Instant::now(),
            arrival: Box::new(At(Timestamp::from_stored_ms(received_ms))),
            answer,
        };
        (waiting, answered)
    }

    /// A line of submissions, and those who wait for their answers.
    fn line_of(submissions: &[(usize, i64)]) -> (WaitingLine, Vec<Answered>) {
        let mut line = WaitingLine::default();
        let answered = submissions.iter().map(|(rows, received_ms)| {
            let (waiting, answered) = waiting(*rows, *received_ms);
            line.push(waiting);
            answered
        });
        let answered = answered.collect();
        (line, answered)
    }

    fn rows(batch: &[Waiting]) -> Vec<usize> {
        batch.iter().map(|waiting| waiting.size.rows).collect()
    }

    #[test]
    fn a_batch_takes_whole_submissions_up_to_the_limit() {
        let counts = [500, APPLY_EVENTS_MAX - 500, 1, APPLY_EVENTS_MAX + 7, 2];
        let (mut line, _answered) = line_of(&counts.map(|count| (count, 0)));
        assert_eq!(rows(&line.take_batch()), [500, APPLY_EVENTS_MAX - 500]);
        assert_eq!(rows(&line.take_batch()), [1]);
        assert_eq!(rows(&line.take_batch()), [APPLY_EVENTS_MAX + 7], "a larger one goes alone");
        assert_eq!(rows(&line.take_batch()), [2]);
        assert!(line.take_batch().is_empty());
        assert_eq!(*line.size(), Size::default());
    }

    #[test]
    fn the_line_is_full_by_events_or_by_bytes_but_takes_anything_when_nobody_waits() {
        let now = Instant::now();
        let huge = Size { rows: DIRECT_WAITING_EVENTS_MAX * 2, ..Size::default() };
        assert!(WaitingLine::default().has_room_for(&huge, now));
        let (line, _answered) = line_of(&[(DIRECT_WAITING_EVENTS_MAX - 1, 0)]);
        assert!(line.has_room_for(&Size { rows: 1, ..Size::default() }, now));
        assert!(!line.has_room_for(&Size { rows: 2, ..Size::default() }, now));
        let heavy = Size { rows: 1, bytes: DIRECT_WAITING_BYTES_MAX, ..Size::default() };
        assert!(!line.has_room_for(&heavy, now));
    }

    #[test]
    fn a_line_that_does_not_move_takes_nobody_until_it_does() {
        let (mut line, _answered) = line_of(&[(APPLY_EVENTS_MAX, 0)]);
        let one = Size { rows: 1, ..Size::default() };
        let later = Instant::now() + Duration::from_millis(DIRECT_WAIT_MAX_MS);
        assert!(line.has_room_for(&one, Instant::now()));
        assert!(!line.has_room_for(&one, later));
        line.take_batch();
        assert!(line.has_room_for(&one, later));
    }

    #[test]
    fn whoever_has_stopped_waiting_leaves_the_line() {
        let (mut line, mut answered) = line_of(&[(1, 10), (2, 20), (3, 30)]);
        drop(answered.remove(0));
        drop(answered.remove(1));
        let batch = line.take_batch();
        assert_eq!(rows(&batch), [2]);
        assert_eq!(*line.size(), Size::default());
        assert_eq!(line.oldest(), Some(Timestamp::from_stored_ms(20)));
        line.settle(Timestamp::from_stored_ms(20));
        assert_eq!(line.oldest(), None);
    }

    #[test]
    fn the_oldest_receipt_counts_until_it_is_settled_not_until_it_is_taken() {
        let (mut line, _answered) = line_of(&[(1, 20), (1, 10)]);
        let batch = line.take_batch();
        assert_eq!(line.oldest(), Some(Timestamp::from_stored_ms(10)));
        for waiting in batch {
            line.settle(waiting.arrival.received_at());
        }
        assert_eq!(line.oldest(), None);
    }

    #[test]
    fn a_refused_client_is_told_how_long_the_work_that_waits_will_take() {
        assert_eq!(retry_after_s(60_000, Some(20_000.0)), 3);
        assert_eq!(retry_after_s(60_000, Some(59_000.0)), 2);
        assert_eq!(retry_after_s(10, Some(20_000.0)), 1);
        assert_eq!(retry_after_s(60_000, Some(0.0)), 30);
        assert_eq!(retry_after_s(60_000, None), 1);
    }
}
