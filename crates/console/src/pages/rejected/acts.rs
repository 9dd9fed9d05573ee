//! `POST /console/rejected/replay` and `discard`: events of a group or one of them, tried again or given
//! up.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::store::{DeadFilter, DeadNo, QuarantineFilter, QuarantineNo};
use scoreline_core::time::Timestamp;
use scoreline_http::{Problem, Slug};
use serde::Deserialize;

use super::{Meant, Tab};
use crate::console::Console;
use crate::forms::{confirmed, decoded, note};
use crate::trouble::Trouble;

/// Which events, and what proves that they are meant.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    tab: Tab,
    reason: String,
    r#type: String,
    /// One event alone, by its number.
    only: Option<i64>,
    /// When the page was made: what came later is not meant.
    until: i64,
    /// What was typed to confirm.
    typed: Option<String>,
    /// Why they are given up.
    note: Option<String>,
}

/// The filter of what is meant, for whichever store has it.
enum Filter {
    Quarantine(QuarantineFilter),
    Dead(DeadFilter),
}

impl Posted {
    fn filter(&self) -> Result<Filter, Problem> {
        let until = Timestamp::from_ms(self.until);
        let until = until.ok_or_else(|| Problem::field("until", "must be a time"))?;
        let (reason, event_type) = (decoded(&self.reason), decoded(&self.r#type));
        let meant = Meant { tab: self.tab, reason, event_type };
        Ok(match self.tab {
            Tab::Rejected => Filter::Quarantine(QuarantineFilter {
                until: Some(until),
                only: self.only.map(QuarantineNo),
                ..meant.quarantine()
            }),
            Tab::Dead => Filter::Dead(DeadFilter { only: self.only.map(DeadNo), ..meant.dead() }),
            Tab::GivenUp => {
                let detail = "what was given up is only kept to be looked at";
                return Err(Problem::new(Slug::Conflict, detail));
            }
        })
    }

    /// Fails unless what is typed says how many there are, where there are many.
    async fn confirmed(
        &self,
        console: &Console,
        verb: &str,
        filter: &Filter,
    ) -> Result<(), Trouble> {
        let events = match filter {
            Filter::Quarantine(filter) => {
                console.quarantine.count_quarantined(filter.clone()).await?
            }
            Filter::Dead(filter) => console.dead.count_dead(filter.clone()).await?,
        };
        confirmed(verb, events, self.typed.as_deref())
    }

    fn back(&self, done: &str, tried: u64, counted: u64) -> Response {
        let tab = self.tab.name();
        let path =
            format!("/console/rejected?tab={tab}&done={done}&tried={tried}&counted={counted}");
        Redirect::to(&path).into_response()
    }
}

/// Checks rejected events again under the definition in force, and applies dead ones again.
pub(crate) async fn replay(
    State(console): State<Arc<Console>>,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    let filter = posted.filter()?;
    let verb = if posted.tab.is_dead() { "retry" } else { "requeue" };
    posted.confirmed(&console, verb, &filter).await?;
    let (tried, counted) = match filter {
        Filter::Quarantine(filter) => {
            let done = console.operations.requeue_quarantined(filter).await?;
            (done.checked, done.accepted)
        }
        Filter::Dead(filter) => {
            let done = console.operations.retry_dead(filter, usize::MAX).await?;
            (done.retried, done.processed)
        }
    };
    console.look_again().await;
    Ok(posted.back("replayed", tried, counted))
}

/// Gives events up; they stay visible with the note.
pub(crate) async fn discard(
    State(console): State<Arc<Console>>,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    let filter = posted.filter()?;
    posted.confirmed(&console, "give up", &filter).await?;
    let note = note(posted.note.as_deref().unwrap_or_default())?;
    let now = console.clock.now();
    let given_up = match filter {
        Filter::Quarantine(filter) => {
            console.quarantine.discard_quarantined(filter, note, now, usize::MAX).await?
        }
        Filter::Dead(filter) => console.dead.discard_dead(filter, note, now, usize::MAX).await?,
    };
    console.look_again().await;
    Ok(posted.back("given_up", given_up, 0))
}
