//! Pages that move: whole fragments of their own templates over server-sent events.
//!
//! A fragment is `{id, html}` and takes the place of the element with that id. On every connection all of
//! them come first as they are now, then each as often as it changes, at most once a second. A stream
//! ends when its session does, and when the node shuts down.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use scoreline_http::{Problem, Slug};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;

use crate::console::Console;
use crate::frame::{Place, menu};
use crate::html::Html;
use crate::pages::overview::{self, Range};
use crate::sign_in::guard::{Operator, operator};
use crate::trouble::Trouble;

/// How long a stream rests between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// After how many looks the charts are drawn anew.
const LOOKS_FOR_CHARTS: u64 = 30;
/// After how many looks the parts are.
const LOOKS_FOR_PARTS: u64 = 5;

/// What the address says.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    range: Range,
}

/// One part of a page.
#[derive(Serialize)]
struct Fragment<'f> {
    id: &'f str,
    html: &'f str,
}

/// One page that is live.
struct Live {
    console: Arc<Console>,
    /// What the session is proved by, at every look.
    proof: HeaderMap,
    form_token: String,
    range: Range,
    looks: u64,
    /// What was sent last, by id.
    sent: HashMap<&'static str, Html>,
    /// One of the places for live pages.
    _place: OwnedSemaphorePermit,
}

/// `GET /console/live/overview`.
pub(crate) async fn overview(
    State(console): State<Arc<Console>>,
    operator: Operator,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let Ok(place) = Arc::clone(&console.live_pages).try_acquire_owned() else {
        let detail = "as many pages are live as may be; this one can be loaded again by hand";
        return Err(Trouble::of(Problem::new(Slug::Unavailable, detail)));
    };
    let live = Live {
        console,
        proof: headers,
        form_token: operator.form_token,
        range: asked.range,
        looks: 0,
        sent: HashMap::new(),
        _place: place,
    };
    let stream = looks(live).flat_map(stream::iter).map(Ok::<_, Infallible>);
    Ok(Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response())
}

fn looks(live: Live) -> impl Stream<Item = Vec<Event>> {
    stream::unfold(live, async |mut live| {
        if live.looks > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        if !live.may_go_on().await {
            return None;
        }
        let events = live.look().await;
        live.looks += 1;
        Some((events, live))
    })
}

impl Live {
    async fn may_go_on(&self) -> bool {
        let console = &self.console;
        let operator = operator(console, &self.proof, None).await;
        console.vitals.is_ready() && operator.is_ok_and(|one| one.is_some())
    }

    async fn look(&mut self) -> Vec<Event> {
        let console = Arc::clone(&self.console);
        let moment = console.moment().await;
        let mut fragments = vec![
            ("menu", menu(&moment, Place::Overview)),
            ("truth", overview::truth_of(&moment, &self.form_token)),
            ("figures", overview::figures(&console, &moment)),
        ];
        if self.looks.is_multiple_of(LOOKS_FOR_CHARTS) {
            fragments.push(("charts", overview::charts_html(&console, self.range).await));
        }
        if self.looks.is_multiple_of(LOOKS_FOR_PARTS) {
            fragments.push(("state", overview::state_html(&console, &moment)));
        }
        fragments.into_iter().filter_map(|(id, html)| self.changed(id, html)).collect()
    }

    /// The event of a fragment, unless the page has it already.
    fn changed(&mut self, id: &'static str, html: Html) -> Option<Event> {
        if self.sent.get(id) == Some(&html) {
            return None;
        }
        let fragment = Fragment { id, html: html.as_str() };
        let text = serde_json::to_string(&fragment).expect("a fragment is plain data");
        self.sent.insert(id, html);
        Some(Event::default().event("fragment").data(text))
    }
}
