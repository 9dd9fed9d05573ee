//! `/console/review`: events that broke a rule, and whether they count.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::id::PlayerId;
use scoreline_core::operations::ReviewOrder;
use scoreline_core::review::{Review, ReviewFilter, ReviewNo, Standing};
use scoreline_core::time::Timestamp;
use scoreline_http::Problem;
use serde::Deserialize;

use crate::console::Console;
use crate::forms;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// What entries may have broken.
const RULES: [&str; 6] =
    ["plausibility", "improvement", "interval", "predecessor", "clock", "ticket"];

/// Entries of one page.
const ENTRIES: usize = 50;

/// What the address says of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Where entries stand.
    #[serde(default)]
    state: String,
    /// Of this player.
    id: Option<String>,
    after: Option<i64>,
}

impl Asked {
    fn standing(&self) -> Standing {
        let found = Standing::ALL.into_iter().find(|one| one.as_str() == self.state);
        found.unwrap_or_default()
    }

    /// The address of the same with other words in it.
    fn path(&self, standing: Standing, after: Option<ReviewNo>) -> String {
        let mut path = format!("/console/review?state={}", standing.as_str());
        if let Some(player) = &self.id {
            path.push_str("&id=");
            path.push_str(&words::in_address(player));
        }
        if let Some(ReviewNo(after)) = after {
            path.push_str("&after=");
            path.push_str(&after.to_string());
        }
        path
    }
}

#[derive(Template)]
#[template(path = "review.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// Of whom alone entries are shown.
    player: Option<Html>,
    /// The same, as the form sends it.
    of_player: Option<String>,
    rules: [&'static str; 6],
    next: Option<String>,
    may_act: bool,
    waits: bool,
    can_refuse: bool,
}

struct Tab {
    path: String,
    title: &'static str,
    /// How many; empty where nobody counts them.
    events: String,
    is_here: bool,
}

/// An entry.
struct Row {
    no: i64,
    player: Html,
    player_path: String,
    of_player: String,
    event_type: Html,
    rule: Html,
    reason: Html,
    since: Html,
    says: Html,
    note: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, mut frame) = framed(&console, &operator, Place::Rejected).await;
    "Review".clone_into(&mut frame.title);
    let standing = asked.standing();
    let named =
        |id: &str| PlayerId::new(id).map_err(|error| Problem::field("id", error.to_string()));
    let player = asked.id.as_deref().map(named).transpose()?;
    let filter = ReviewFilter { standing, player: player.clone(), ..ReviewFilter::default() };
    let found = console.reviews.reviews(filter, asked.after.map(ReviewNo), ENTRIES).await?;
    let waiting = moment.state.totals.map(|totals| totals.in_review.entries);
    let tab = |one: Standing| Tab {
        path: asked.path(one, None),
        title: match one {
            Standing::Waiting => "Waiting",
            Standing::Accepted => "Accepted",
            Standing::Refused => "Refused",
        },
        events: waiting.filter(|_| one == Standing::Waiting).map_or_else(String::new, words::count),
        is_here: one == standing,
    };
    Ok(page(&Page {
        tabs: Standing::ALL.map(tab).into(),
        rows: found.rows.iter().map(|one| row(one, moment.now)).collect(),
        of_player: player.as_ref().map(PlayerId::to_string),
        rules: RULES,
        player: player.map(|player| id(player.as_str(), "w36")),
        next: found.next.map(|next| asked.path(standing, Some(next))),
        may_act: operator.proof.covers(Scope::PlayersAct) && standing != Standing::Accepted,
        waits: standing == Standing::Waiting,
        can_refuse: standing == Standing::Waiting,
        frame,
    }))
}

fn row(one: &Review, now: Timestamp) -> Row {
    let note = one.decided.as_ref().and_then(|decided| decided.note.as_deref());
    Row {
        no: one.no.0,
        player: id(one.event.player.as_str(), "w36"),
        player_path: player_path(&one.event.player),
        of_player: format!("/console/review?id={}", words::in_address(one.event.player.as_str())),
        event_type: inert(&one.event.event_type),
        rule: inert(&one.rule),
        reason: inert(&one.reason),
        since: words::ago_html(one.held_at, now),
        says: inert(&one.event.payload),
        note: note.map_or_else(Html::default, inert),
    }
}

/// Which entry or which of those that wait, what is decided, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct DecideForm {
    no: Option<i64>,
    /// Of this player.
    id: Option<String>,
    /// That broke this rule; of any if it is empty.
    #[serde(default)]
    rule: String,
    decision: String,
    note: String,
}

impl DecideForm {
    fn order(self, accept: bool) -> Result<ReviewOrder, Problem> {
        let player = self.id.as_deref().map(PlayerId::new).transpose();
        let player = player.map_err(|error| Problem::field("id", error.to_string()))?;
        let rule = Some(self.rule).filter(|rule| !rule.is_empty());
        let fitting = ReviewFilter { player, rule, ..ReviewFilter::default() };
        if self.no.is_none() && !fitting.is_narrow() {
            return Err(Problem::field("rule", "must be chosen, where all players are shown"));
        }
        Ok(ReviewOrder { entries: self.no.map(ReviewNo).into_iter().collect(), fitting, accept })
    }
}

/// Accepts or refuses events.
pub(crate) async fn decide(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<DecideForm>,
) -> Result<Response, Trouble> {
    let accept = match &*form.decision {
        "accept" => true,
        "refuse" => false,
        _ => return Err(Problem::field("decision", "must be accept or refuse").into()),
    };
    let note = forms::note(&form.note)?;
    let order = form.order(accept)?;
    let act = forms::act(&operator, "decideReviews", &"", note, console.clock.now());
    console.operations.decide_reviews(order, act).await?;
    console.boards.show_at_once().await;
    Ok(Redirect::to("/console/review").into_response())
}
