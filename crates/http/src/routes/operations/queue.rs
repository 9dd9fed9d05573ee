//! What pausing and resuming the queue have in common: which class, and the answer.

use scoreline_core::game::Class;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::request::Fields;

/// Which class of events; all of them if none is named.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"class": "bulk"}))]
#[serde(deny_unknown_fields)]
pub(super) struct Queue {
    class: Option<QueueClass>,
}

impl Fields for Queue {}

/// How urgent events are.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Class)]
enum QueueClass {
    Critical,
    Normal,
    Bulk,
}

/// What became of the queue.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueAnswer {
    success: bool,
    message: &'static str,
    /// The class, or `all`.
    class: &'static str,
}

impl Queue {
    /// The class that is meant; `None` for all of them.
    pub fn class(&self) -> Option<Class> {
        Some(match self.class? {
            QueueClass::Critical => Class::Critical,
            QueueClass::Normal => Class::Normal,
            QueueClass::Bulk => Class::Bulk,
        })
    }

    /// What was done to it.
    pub fn answer(&self, message: &'static str) -> QueueAnswer {
        QueueAnswer { success: true, message, class: self.class().map_or("all", Class::as_str) }
    }
}
