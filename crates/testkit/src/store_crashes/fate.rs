//! When a store dies.

use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::store::{CrashHook, CrashPoint};

/// Lets a store die at the n-th passing of a point, once.
#[derive(Clone, Default)]
pub struct Fate(Arc<Mutex<Option<(CrashPoint, usize)>>>);

impl Fate {
    /// The store dies when it has passed `point` `survived` times.
    pub fn set(&self, point: CrashPoint, survived: usize) {
        *self.0.lock() = Some((point, survived));
    }

    /// Whether the death is still to come.
    pub fn is_pending(&self) -> bool {
        self.0.lock().is_some()
    }

    /// Cancels the death, if it is still to come.
    pub fn forget(&self) {
        *self.0.lock() = None;
    }

    /// What the store is opened with.
    pub fn hook(&self) -> CrashHook {
        let fate = self.clone();
        CrashHook::new(move |passed| {
            let mut fate = fate.0.lock();
            match &mut *fate {
                Some((point, survived)) if *point == passed => {
                    if *survived > 0 {
                        *survived -= 1;
                        return false;
                    }
                    *fate = None;
                    true
                }
                _ => false,
            }
        })
    }
}
