//! Pages that move: whole fragments of their own templates over server-sent events.
//!
//! A fragment is `{id, html, mode}`: it takes the place of the element with that id, or with mode `row`
//! comes before its first row. On every connection all of them come first as they are now, then each as
//! often as it changes, at most once a second. A stream ends when its session does, and when the node
//! shuts down.

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
/// How often a stream that has nothing to say lets proxies know that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After how many looks the charts are drawn anew.
const LOOKS_FOR_CHARTS: u64 = 30;
/// After how many looks the parts are.
const LOOKS_FOR_PARTS: u64 = 5;

/// One part of a page.
pub(crate) struct Fragment {
    id: &'static str,
    html: Html,
    is_row: bool,
}

impl Fragment {
    /// Takes the place of the element with this id.
    pub fn replacing(id: &'static str, html: Html) -> Self {
        Self { id, html, is_row: false }
    }

    /// Comes before the first row of the element with this id.
    pub fn row(id: &'static str, html: Html) -> Self {
        Self { id, html, is_row: true }
    }
}

/// A fragment as the script reads it.
#[derive(Serialize)]
struct Sent<'f> {
    id: &'f str,
    html: &'f str,
    mode: &'f str,
}

/// What a live page shows.
pub(crate) trait Source: Send + Sync + 'static {
    /// The fragments as they are now; `looks` is how often they were looked at before.
    fn look(
        &mut self,
        console: &Arc<Console>,
        looks: u64,
    ) -> impl Future<Output = Vec<Fragment>> + Send;
}

/// One page that is live.
struct Live<S> {
    console: Arc<Console>,
    source: S,
    /// What the session is proved by, at every look.
    proof: HeaderMap,
    looks: u64,
    /// What was sent last, by id.
    sent: HashMap<&'static str, Html>,
    /// One of the places for live pages.
    _place: OwnedSemaphorePermit,
}

/// The stream of a live page.
pub(crate) fn stream<S: Source>(
    console: Arc<Console>,
    headers: HeaderMap,
    source: S,
) -> Result<Response, Trouble> {
    let Ok(place) = Arc::clone(&console.live_pages).try_acquire_owned() else {
        let detail = "as many pages are live as may be; this one can be loaded again by hand";
        return Err(Trouble::of(Problem::new(Slug::Unavailable, detail)));
    };
    let sent = HashMap::new();
    let live = Live { console, source, proof: headers, looks: 0, sent, _place: place };
    let events = looks(live).flat_map(stream::iter).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

fn looks<S: Source>(live: Live<S>) -> impl Stream<Item = Vec<Event>> {
    stream::unfold(live, async |mut live| {
        if live.looks > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        if !live.may_go_on().await {
            return None;
        }
        let console = Arc::clone(&live.console);
        let fragments = live.source.look(&console, live.looks).await;
        live.looks += 1;
        let events = fragments.into_iter().filter_map(|one| live.changed(one)).collect();
        Some((events, live))
    })
}

impl<S: Source> Live<S> {
    async fn may_go_on(&self) -> bool {
        let console = &self.console;
        let operator = operator(console, &self.proof, None).await;
        console.vitals.is_ready() && operator.is_ok_and(|one| one.is_some())
    }

    /// The event of a fragment, unless the page has it already.
    fn changed(&mut self, Fragment { id, html, is_row }: Fragment) -> Option<Event> {
        if !is_row && self.sent.get(id) == Some(&html) {
            return None;
        }
        let mode = if is_row { "row" } else { "replace" };
        let sent = Sent { id, html: html.as_str(), mode };
        let text = serde_json::to_string(&sent).expect("a fragment is plain data");
        if !is_row {
            self.sent.insert(id, html);
        }
        Some(Event::default().event("fragment").data(text))
    }
}

/// What the address of the overview says.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    range: Range,
}

/// The overview.
struct Overview {
    form_token: String,
    range: Range,
}

/// `GET /console/live/overview`.
pub(crate) async fn overview(
    State(console): State<Arc<Console>>,
    operator: Operator,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let source = Overview { form_token: operator.form_token, range: asked.range };
    stream(console, headers, source)
}

impl Source for Overview {
    async fn look(&mut self, console: &Arc<Console>, looks: u64) -> Vec<Fragment> {
        let moment = console.moment().await;
        let mut fragments = vec![
            Fragment::replacing("menu", menu(&moment, Place::Overview)),
            Fragment::replacing("truth", overview::truth_of(&moment, &self.form_token)),
            Fragment::replacing("figures", overview::figures(console, &moment)),
        ];
        if looks.is_multiple_of(LOOKS_FOR_CHARTS) {
            fragments.push(Fragment::replacing(
                "charts",
                overview::charts_html(console, self.range).await,
            ));
        }
        if looks.is_multiple_of(LOOKS_FOR_PARTS) {
            fragments.push(Fragment::replacing("state", overview::state_html(console, &moment)));
        }
        fragments
    }
}
