//! Erasing a player for good: the act, and `/console/erasure`, which says how far its job is. The job is a
//! row in the store: the page can be left and come back to, from the player, or from the log of acts.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::erasure::{Erasure, ErasureState};
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use scoreline_http::Problem;
use scoreline_http::parts::new_erasure;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::console::Console;
use crate::forms;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, inert_attribute};
use crate::live::{Fragment, Source, stream};
use crate::moment::Moment;
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

/// What a receipt counts, and in words.
const RECEIPT: [(&str, &str); 6] = [
    ("events", "Events"),
    ("entries", "Places on boards and in tournaments"),
    ("places_kept_anonymous", "Of these in closed tournaments, kept under a placeholder"),
    ("prizes", "Prizes, kept under the placeholder"),
    ("dead", "Dead events"),
    ("rejected", "Rejected events"),
];

/// Where a job is shown.
pub(crate) fn erasure_path(job: Uuid) -> String {
    format!("/console/erasure?job={job}")
}

/// The job whose placeholder a text is: the log of acts names it instead of who was erased.
pub(crate) fn erasure_of_placeholder(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.strip_prefix("erased-")?).ok()
}

/// What must be typed to erase a player: the id, with what nobody can type by its name; and the pattern
/// that says so to the browser.
pub(super) fn confirmation(player: &PlayerId) -> (String, String) {
    let typed = inert_attribute(player.as_str()).trim().to_owned();
    let pattern = typed.chars().fold(String::new(), |mut pattern, letter| {
        if "^$\\.*+?()[]{}|/".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
        pattern
    });
    (typed, pattern)
}

/// Who is erased, the id again, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct EraseForm {
    /// The player's id as an address carries it.
    id: String,
    typed: String,
    note: String,
}

/// Erases a player: boards pass over them at once, a job does the rest.
pub(crate) async fn erase(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<EraseForm>,
) -> Result<Response, Trouble> {
    let (player, note) = (forms::player(&form.id)?, forms::note(&form.note)?);
    let typed = form.typed.trim();
    if typed != player.as_str().trim() && typed != confirmation(&player).0 {
        return Err(Problem::field("typed", "must be the id of the player".to_owned()).into());
    }
    let (erasure, key) = new_erasure(player);
    let target = Erasure::placeholder(erasure.job);
    let act = forms::act(&operator, "erasePlayer", &target, note, console.clock.now());
    let job = console.erasures.request_erasure(erasure, key, act).await?;
    console.boards.show_at_once().await;
    console.look_again().await;
    Ok(Redirect::to(&erasure_path(job)).into_response())
}

/// Which job.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    job: String,
}

impl Asked {
    fn job(&self) -> Result<Uuid, Trouble> {
        Uuid::try_parse(&self.job).map_err(|_| Trouble::not_found("there is no such job"))
    }
}

#[derive(Template)]
#[template(path = "erasure.html")]
struct Page {
    frame: Frame,
    job: Uuid,
    state: Html,
}

#[derive(Template)]
#[template(path = "erasure_state.html")]
struct StateView {
    badge: Html,
    about: &'static str,
    percent: u32,
    events: String,
    removed: String,
    requested: Html,
    finished: Option<Html>,
    receipt: Vec<(&'static str, String)>,
}

/// The page of a job.
pub(crate) async fn erasure(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let job = asked.job()?;
    let (moment, frame) = framed(&console, &operator, Place::Players).await;
    let state = console.erasures.erasure(job).await?;
    let state = state.ok_or_else(|| Trouble::not_found("there is no such job"))?;
    let stream = format!("/console/live/erasure?job={job}");
    // A job that is done does not change any more.
    let frame = if state.finished_at.is_some() { frame } else { frame.live(stream) };
    Ok(page(&Page { job, state: state_html(&state, &moment), frame }))
}

fn state_html(state: &ErasureState, moment: &Moment) -> Html {
    let (sign, about) = match state.finished_at {
        Some(_) => {
            (badge("ok", "Erased"), "Nothing of the player is left, and nothing comes in again.")
        }
        None if moment.plan.is_filling() => (
            badge("warn", "Waits"),
            "A board is being filled from history. It goes on when that is done.",
        ),
        None => (
            badge("info", "Running"),
            "Boards pass over the player already, and nothing of them is taken in. The rest goes step by \
             step, also when this page is closed or the server restarts.",
        ),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
    let percent = (state.progress() * 100.0) as u32;
    Html::of(&StateView {
        badge: sign,
        about,
        percent,
        events: words::count(state.events),
        removed: words::count(state.removed.min(state.events)),
        requested: words::ago_html(state.requested_at, moment.now),
        finished: state.finished_at.map(|at: Timestamp| words::ago_html(at, moment.now)),
        receipt: receipt(state),
    })
}

fn receipt(state: &ErasureState) -> Vec<(&'static str, String)> {
    let read = state.receipt.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(read) = read else { return Vec::new() };
    let counted = RECEIPT.iter().filter_map(|(name, words)| Some((*words, read[*name].as_u64()?)));
    counted.map(|(words, count)| (words, words::count(count))).collect()
}

/// A page of a job that is live.
struct Job(Uuid);

impl Source for Job {
    async fn look(&mut self, console: &Arc<Console>, _: u64) -> Vec<Fragment> {
        let moment = console.moment().await;
        // A database that is away is asked again.
        let state = console.erasures.erasure(self.0).await.ok().flatten();
        let shown = state.map(|state| state_html(&state, &moment));
        shown.map(|html| Fragment::replacing("erasure", html)).into_iter().collect()
    }
}

/// `GET /console/live/erasure`.
pub(crate) async fn erasure_stream(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let job = asked.job()?;
    stream(console, headers, Job(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_typed_as_it_is_shown_whatever_it_holds() {
        let of = |id| confirmation(&PlayerId::new(id).expect("an id"));
        assert_eq!(of("device-1"), ("device-1".to_owned(), "device-1".to_owned()));
        let (typed, pattern) = of("x\u{202e}(a|b).*");
        assert_eq!(typed, "x[RLO](a|b).*");
        assert_eq!(pattern, r"x\[RLO\]\(a\|b\)\.\*");
    }

    #[test]
    fn only_a_placeholder_leads_to_a_job() {
        let job = Uuid::from_u128(7);
        assert_eq!(erasure_of_placeholder(Erasure::placeholder(job).as_str()), Some(job));
        for other in ["ann", "erased-", "erased-by-hand"] {
            assert_eq!(erasure_of_placeholder(other), None);
        }
    }
}
