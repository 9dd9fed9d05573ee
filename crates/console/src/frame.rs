//! What stands around every page: who looks, where else one can go, what waits, as of when.

use std::sync::Arc;

use askama::Template;
use axum::response::{Html as HtmlBody, IntoResponse, Response};
use scoreline_core::fold::{ANALYTICS, Meaning, ProjectionKind};
use scoreline_core::time::Timestamp;

use crate::assets::{ASSETS, Assets};
use crate::console::Console;
use crate::html::{Html, icon, inert};
use crate::moment::Moment;
use crate::sign_in::guard::Operator;
use crate::words;

/// The places of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// How the server is.
    Overview,
    /// Events as they come in.
    Live,
    /// Events that could not count.
    Rejected,
    /// How the game does.
    Analytics,
    /// Players.
    Players,
    /// Boards and tournaments.
    Boards,
    /// The definition of the game.
    Definition,
    /// What waits, and the nodes.
    Queue,
    /// What operators did.
    Audit,
    /// Keys of operators and game servers.
    Keys,
}

/// One line of the menu.
pub(crate) struct Line {
    pub path: &'static str,
    pub icon: Html,
    pub name: &'static str,
    pub is_here: bool,
    /// What waits there, and in words; empty where nothing does.
    pub number: String,
    pub number_in_words: &'static str,
    pub is_bad: bool,
}

/// What stands around a page.
pub(crate) struct Frame {
    pub assets: &'static Assets,
    /// What the page is called.
    pub title: String,
    /// When it was made.
    pub now: Timestamp,
    /// What the game is called.
    pub game: Html,
    pub as_of: Html,
    /// Who looks.
    pub operator: Html,
    /// What forms carry.
    pub form_token: String,
    /// Where the page hears of what is new; empty if it does not.
    pub stream: String,
    pub menu: Html,
    /// The zone whose days analytics count.
    pub zone: Html,
    pub version: &'static str,
    pub node: String,
}

#[derive(Template)]
#[template(path = "menu.html")]
struct Menu {
    game: Vec<Line>,
    operate: Vec<Line>,
    first: Vec<Line>,
}

impl Frame {
    /// The frame of a page at this place.
    pub fn new(console: &Console, operator: &Operator, moment: &Moment, place: Place) -> Self {
        Self {
            assets: &ASSETS,
            title: title_of(place).to_owned(),
            now: moment.now,
            game: inert(&moment.plan.definition.game.name),
            as_of: words::clock_html(moment.now),
            operator: inert(operator.name()),
            form_token: operator.form_token.clone(),
            stream: String::new(),
            menu: menu(moment, place),
            zone: zone(moment),
            version: env!("CARGO_PKG_VERSION"),
            node: console.address.clone(),
        }
    }

    /// The same for a page that hears of what is new.
    pub fn live(mut self, stream: impl Into<String>) -> Self {
        self.stream = stream.into();
        self
    }
}

fn zone(moment: &Moment) -> Html {
    let shown = moment.plan.shown(ProjectionKind::Analytics, ANALYTICS);
    match shown.map(|projection| &projection.meaning) {
        Some(Meaning::Analytics(meaning)) => inert(&meaning.zone_name),
        _ => Html::of_ours("UTC"),
    }
}

fn title_of(place: Place) -> &'static str {
    match place {
        Place::Overview => "Overview",
        Place::Live => "Live",
        Place::Rejected => "Rejected and dead",
        Place::Analytics => "Analytics",
        Place::Players => "Players",
        Place::Boards => "Boards and tournaments",
        Place::Definition => "Definition",
        Place::Queue => "Queue and nodes",
        Place::Audit => "Log of acts",
        Place::Keys => "Keys",
    }
}

/// The menu; a live page gets it anew.
pub(crate) fn menu(moment: &Moment, here: Place) -> Html {
    let line = |place: Place, path, name_of_icon, name| Line {
        path,
        icon: icon(name_of_icon),
        name,
        is_here: place == here,
        number: String::new(),
        number_in_words: "",
        is_bad: false,
    };
    let mut overview = line(Place::Overview, "/console", "gauge", "Overview");
    let alerts = moment.state.alerts.len() as u64;
    if alerts > 0 {
        overview.number = words::how_many(alerts, "alert", "alerts");
        overview.number_in_words = "figures above their thresholds";
        overview.is_bad = true;
    }
    let totals = moment.state.totals.unwrap_or_default();
    let tail = line(Place::Live, "/console/live", "live", "Live");
    let mut rejected = line(Place::Rejected, "/console/rejected", "x", "Rejected and dead");
    let waiting = totals.quarantined + totals.dead;
    if waiting > 0 {
        rejected.number = words::count(waiting);
        rejected.number_in_words = "events that wait there";
    }
    let analytics = line(Place::Analytics, "/console/analytics", "chart", "Analytics");
    let mut players = line(Place::Players, "/console/players", "player", "Players");
    if totals.erasures_asked.entries > 0 {
        players.number = words::count(totals.erasures_asked.entries);
        players.number_in_words = "requests to be erased";
    }
    let boards = line(Place::Boards, "/console/boards", "cup", "Boards and tournaments");
    let definition = line(Place::Definition, "/console/definition", "doc", "Definition");
    Html::of(&Menu {
        first: vec![overview, tail, rejected],
        game: vec![analytics, players, boards, definition],
        operate: vec![
            line(Place::Queue, "/console/queue", "queue", "Queue and nodes"),
            line(Place::Audit, "/console/audit", "log", "Log of acts"),
            line(Place::Keys, "/console/keys", "key", "Keys"),
        ],
    })
}

/// A page, to be sent.
pub(crate) fn page(template: &impl Template) -> Response {
    HtmlBody(Html::of(template).into_string()).into_response()
}

/// A moment and the frame around a page.
pub(crate) async fn framed(
    console: &Console,
    operator: &Operator,
    place: Place,
) -> (Arc<Moment>, Frame) {
    let moment = console.moment().await;
    let frame = Frame::new(console, operator, &moment, place);
    (moment, frame)
}
