//! How much may wait in a queue.
//!
//! Work is never thrown away to make room. What does not fit is refused before it is accepted, the
//! least urgent class first: each class has a limit of its own, and as memory fills up, bulk is
//! refused at 80 % of the ceiling, normal at 90 %, critical at all of it. Pure.

use super::{ByClass, Memory, QueueError};
use crate::game::Class;
use crate::limits::{
    QUEUE_OPEN_BULK_EVENTS_MAX, QUEUE_OPEN_CRITICAL_EVENTS_MAX, QUEUE_OPEN_NORMAL_EVENTS_MAX,
};

/// The percentage of the memory ceiling from which on a class is refused.
const REFUSED_FROM_PERCENT: ByClass<u64> = ByClass([100, 90, 80]);

/// How much may be in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events of each class that may be unsettled. A class without any takes a parcel of any size.
    pub open_events_max: ByClass<u64>,
    /// The memory that the queue's server may use, in bytes. Without a value, the server's own
    /// limit is the ceiling, if it has one.
    pub memory_bytes_max: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        let open_events_max = ByClass([
            QUEUE_OPEN_CRITICAL_EVENTS_MAX,
            QUEUE_OPEN_NORMAL_EVENTS_MAX,
            QUEUE_OPEN_BULK_EVENTS_MAX,
        ]);
        Self { open_events_max, memory_bytes_max: None }
    }
}

impl Limits {
    /// Whether a class that has `open_events` unsettled may take `more`.
    pub fn admit_events(
        &self,
        class: Class,
        open_events: u64,
        more: u64,
    ) -> Result<(), QueueError> {
        let most = self.open_events_max[class];
        if open_events > 0 && open_events.saturating_add(more) > most {
            let reason = format!("{open_events} wait already, and {most} may");
            return Err(QueueError::Overloaded { class, reason });
        }
        Ok(())
    }

    /// Whether a class may take more while the server's memory is like this.
    pub fn admit_memory(&self, class: Class, memory: &Memory) -> Result<(), QueueError> {
        let Some(ceiling) = self.memory_ceiling(memory) else { return Ok(()) };
        let percent = REFUSED_FROM_PERCENT[class];
        if u128::from(memory.used_bytes) * 100 < u128::from(ceiling) * u128::from(percent) {
            return Ok(());
        }
        let used = memory.used_bytes;
        let reason = format!("its server uses {used} bytes of memory, of {ceiling} it may use");
        Err(QueueError::Overloaded { class, reason })
    }

    fn memory_ceiling(&self, memory: &Memory) -> Option<u64> {
        [self.memory_bytes_max, memory.most_bytes].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(answer: &Result<(), QueueError>) -> bool {
        matches!(answer, Err(QueueError::Overloaded { .. }))
    }

    #[test]
    fn a_class_takes_as_many_events_as_its_limit() {
        let limits = Limits { open_events_max: ByClass([10, 10, 5]), memory_bytes_max: None };
        assert!(!refused(&limits.admit_events(Class::Critical, 9, 1)));
        assert!(refused(&limits.admit_events(Class::Critical, 9, 2)));
        assert!(refused(&limits.admit_events(Class::Bulk, 9, 1)));
        assert!(!refused(&limits.admit_events(Class::Bulk, 0, 500)), "an empty class takes any");
        assert!(refused(&limits.admit_events(Class::Bulk, 1, u64::MAX)));
    }

    #[test]
    fn the_least_urgent_are_refused_first_when_memory_is_short() {
        let limits = Limits { memory_bytes_max: Some(1_000), ..Limits::default() };
        let refused_at = |used_bytes| {
            let memory = Memory { used_bytes, most_bytes: Some(5_000) };
            Class::ALL.map(|class| refused(&limits.admit_memory(class, &memory)))
        };
        assert_eq!(refused_at(799), [false, false, false]);
        assert_eq!(refused_at(800), [false, false, true]);
        assert_eq!(refused_at(900), [false, true, true]);
        assert_eq!(refused_at(1_000), [true, true, true]);
    }

    #[test]
    fn the_lower_of_both_ceilings_counts_and_without_any_there_is_none() {
        let none = Limits::default();
        let full = Memory { used_bytes: u64::MAX, most_bytes: None };
        assert!(!refused(&none.admit_memory(Class::Bulk, &full)));
        let server = Memory { used_bytes: 90, most_bytes: Some(100) };
        assert!(refused(&none.admit_memory(Class::Bulk, &server)));
        let higher = Limits { memory_bytes_max: Some(1_000), ..none };
        assert!(refused(&higher.admit_memory(Class::Bulk, &server)));
    }
}
