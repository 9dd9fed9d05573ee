//! By when a request is answered, whatever its answer waits for.
//!
//! A database can take a question and say nothing, for as long as a machine stands still. Nobody who
//! waits for it learns more by waiting longer: they are told to come again. The time begins anew when
//! the body has arrived, which has deadlines of its own. Operators ask for work that takes long; their
//! requests end with the deadlines of the questions to the database.

use std::time::Duration;

use axum::extract::Request;
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use scoreline_core::limits::ANSWER_MS_MAX;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::problem::{Problem, Slug};

/// How long the answer to a request may take.
const ANSWER_LONGEST: Duration = Duration::from_millis(ANSWER_MS_MAX);

/// By when a request is answered. It can be moved while the request is under way.
#[derive(Debug, Clone)]
pub(crate) struct Deadline(watch::Sender<Option<Instant>>);

impl Deadline {
    /// The deadline of the request with these extensions does not hold, until [`Self::begin`].
    pub fn suspend(extensions: &Extensions) {
        Self::set(extensions, None);
    }

    /// From now on the time of the request with these extensions runs.
    pub fn begin(extensions: &Extensions) {
        Self::set(extensions, Some(Instant::now() + ANSWER_LONGEST));
    }

    /// An operator asks: it takes as long as it takes.
    pub fn lift(extensions: &mut Extensions) {
        Self::suspend(extensions);
        extensions.remove::<Self>();
    }

    fn set(extensions: &Extensions, until: Option<Instant>) {
        if let Some(deadline) = extensions.get::<Self>() {
            deadline.0.send_replace(until);
        }
    }
}

/// Answers a request in time.
pub(crate) async fn keep(mut request: Request, next: Next) -> Response {
    let (deadline, mut moved) = watch::channel(Some(Instant::now() + ANSWER_LONGEST));
    request.extensions_mut().insert(Deadline(deadline));
    let mut answer = std::pin::pin!(next.run(request));
    loop {
        let until = *moved.borrow_and_update();
        let too_late = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = too_late => break,
            Ok(()) = moved.changed() => {}
        }
    }
    Problem::new(Slug::Unavailable, "what the answer needs did not answer in time").into_response()
}
