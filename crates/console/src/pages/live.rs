//! `/console/live`: events as they come in, each with what became of it.
//!
//! The applied ones come out of the order in which they were applied, the rejected and dead ones by their
//! numbers, each from where the page has come to: what a look costs follows from what is new, not from
//! what there is.

use std::collections::VecDeque;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::game::Definition;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{
    DeadEvent, DeadFilter, DeadNo, EventFilter, QuarantineEntry, QuarantineFilter, QuarantineNo,
    ScanPosition, StoredEvent, Text,
};
use scoreline_core::time::Timestamp;
use serde::Deserialize;

use crate::console::Console;
use crate::events::{beginning, in_short};
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert, inert_attribute, inert_lines};
use crate::live::{Fragment, Source, stream};
use crate::moment::Moment;
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

/// Rows of a page when it is made.
const ROWS: usize = 40;
/// Rows that come in a second, at most: nobody reads more.
const ROWS_PER_LOOK: usize = 20;
/// Events that are looked at in one look; beyond them the page jumps to the present.
const LOOKED_AT: usize = 500;

/// What the address says of the page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    r#type: Option<String>,
    player: Option<String>,
    applied: Option<String>,
    rejected: Option<String>,
    dead: Option<String>,
}

/// Which events are shown.
#[derive(Debug, Clone)]
struct Wanted {
    event_type: Option<String>,
    player: Option<PlayerId>,
    applied: bool,
    rejected: bool,
    dead: bool,
}

impl From<&Asked> for Wanted {
    fn from(asked: &Asked) -> Self {
        let text = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let [applied, rejected, dead] =
            [&asked.applied, &asked.rejected, &asked.dead].map(Option::is_some);
        let all = !(applied || rejected || dead);
        Self {
            event_type: text(&asked.r#type),
            player: text(&asked.player).and_then(|player| PlayerId::new(&player).ok()),
            applied: applied || all,
            rejected: rejected || all,
            dead: dead || all,
        }
    }
}

impl Wanted {
    fn events(&self) -> EventFilter {
        let (event_type, player) = (self.event_type.clone(), self.player.clone());
        EventFilter { event_type, player, ..EventFilter::default() }
    }

    fn quarantine(&self) -> QuarantineFilter {
        let (event_type, player) = (self.event_type.clone(), self.player.clone());
        QuarantineFilter { event_type, player, ..QuarantineFilter::default() }
    }

    fn dead(&self) -> DeadFilter {
        DeadFilter { event: self.events(), ..DeadFilter::default() }
    }

    fn query(&self) -> String {
        let mut query = Vec::new();
        query
            .extend(self.event_type.as_ref().map(|one| format!("type={}", words::in_address(one))));
        query.extend(
            self.player.as_ref().map(|one| format!("player={}", words::in_address(one.as_str()))),
        );
        for (name, is_wanted) in
            [("applied", self.applied), ("rejected", self.rejected), ("dead", self.dead)]
        {
            query.extend(is_wanted.then(|| format!("{name}=1")));
        }
        query.join("&")
    }
}

#[derive(Template)]
#[template(path = "live.html")]
struct Page {
    frame: Frame,
    figures: Html,
    types: Vec<(String, Html, bool)>,
    player: String,
    wanted: Wanted,
    rows: Vec<Html>,
}

#[derive(Template)]
#[template(path = "live_row.html")]
struct Row {
    at: Timestamp,
    clock: Html,
    badge: Html,
    event_type: Html,
    player: Html,
    path: String,
    says: Html,
    became: Html,
    raw: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let wanted = Wanted::from(&asked);
    let (moment, frame) = framed(&console, &operator, Place::Live).await;
    let definition = &moment.plan.definition;
    let mut rows = Vec::new();
    if wanted.applied {
        let found = console.applied.recent(wanted.events(), ROWS, Text::Beginning).await?;
        rows.extend(found.iter().map(|one| applied(one, definition)));
    }
    if wanted.rejected {
        let after = before_last(newest_rejected(&console).await?);
        let found = console
            .quarantine
            .list_quarantined(wanted.quarantine(), Some(after), ROWS, Text::Beginning)
            .await?;
        rows.extend(found.rows.iter().map(rejected));
    }
    if wanted.dead {
        let found = console.dead.list_dead(wanted.dead(), None, ROWS, Text::Beginning).await?;
        rows.extend(found.rows.iter().map(dead));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    rows.truncate(ROWS);
    let is_type = |name: &str| wanted.event_type.as_deref() == Some(name);
    Ok(page(&Page {
        figures: figures(&moment),
        types: definition
            .events
            .keys()
            .map(|name| (name.to_string(), inert(name), is_type(name)))
            .collect(),
        player: wanted
            .player
            .as_ref()
            .map_or_else(String::new, |one| inert_attribute(one.as_str())),
        frame: frame.live(format!("/console/live/events?{}", wanted.query())),
        rows: rows.iter().map(Html::of).collect(),
        wanted,
    }))
}

/// From where on the last entries are read.
fn before_last(newest: i64) -> QuarantineNo {
    QuarantineNo((newest - i64::try_from(ROWS).unwrap_or_default()).max(0))
}

async fn newest_rejected(console: &Console) -> Result<i64, Trouble> {
    Ok(console.quarantine.newest_quarantined().await?.map_or(0, |no| no.0))
}

#[derive(Template)]
#[template(path = "live_figures.html")]
struct Figures {
    stats: Vec<(&'static str, String, &'static str, &'static str)>,
}

fn figures(moment: &Moment) -> Html {
    let rate = |value: f64| words::number((value * 10.0).round() / 10.0);
    let totals = moment.state.totals.unwrap_or_default();
    let rates = &moment.rates;
    Html::of(&Figures {
        stats: vec![
            ("Applied", rate(rates.applied), "/s", "counted and durable"),
            ("Duplicate", rate(rates.duplicates), "/s", "resent; change nothing"),
            ("Rejected", rate(rates.refused), "/s", "wait in quarantine"),
            ("Dead", words::count(totals.dead), "events", "could not be applied"),
        ],
    })
}

fn applied(stored: &StoredEvent, definition: &Definition) -> Row {
    let event = &stored.event;
    let after = stored.applied_at.ms_since(event.received_at).max(0) as f64 / 1_000.0;
    Row {
        says: inert(&in_short(definition, &event.event_type, &event.payload)),
        became: Html::of_ours(format!("applied {} after receipt", words::seconds(after))),
        ..row(
            event.received_at,
            badge("ok", "Applied"),
            &event.event_type,
            Some(&event.player),
            &event.payload,
        )
    }
}

fn rejected(entry: &QuarantineEntry) -> Row {
    let rejected = &entry.rejected;
    let event_type = rejected.event_type.as_deref().unwrap_or("");
    Row {
        became: Html::of_ours(format!("{} · {}", rejected.code.as_str(), inert(&rejected.message))),
        ..row(
            rejected.received_at,
            badge("warn", "Rejected"),
            event_type,
            rejected.player.as_ref(),
            &rejected.raw,
        )
    }
}

fn dead(dead: &DeadEvent) -> Row {
    let event = &dead.event;
    Row {
        became: inert(&dead.reason),
        ..row(
            event.received_at,
            badge("crit", "Dead"),
            &event.event_type,
            Some(&event.player),
            &event.payload,
        )
    }
}

fn row(at: Timestamp, badge: Html, event_type: &str, player: Option<&PlayerId>, raw: &str) -> Row {
    Row {
        at,
        clock: words::clock_html(at),
        badge,
        event_type: id(event_type, "w26"),
        player: player.map_or_else(Html::default, |player| id(player.as_str(), "w18")),
        path: player.map_or_else(String::new, player_path),
        says: Html::default(),
        became: Html::default(),
        raw: inert_lines(&beginning(raw)),
    }
}

/// `GET /console/live/events`.
pub(crate) async fn events(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let wanted = Wanted::from(&asked);
    let tail = Tail {
        after: newest_applied(&console).await?,
        rejected: newest_rejected(&console).await?,
        dead: console.dead.newest_dead().await?.map_or(0, |no| no.0),
        told: VecDeque::new(),
        wanted,
    };
    stream(console, headers, tail)
}

async fn newest_applied(console: &Console) -> Result<Option<ScanPosition>, Trouble> {
    let newest = console.applied.recent(EventFilter::default(), 1, Text::Nothing).await?;
    Ok(newest.into_iter().next().map(|one| one.position))
}

/// How far a live page has come.
struct Tail {
    wanted: Wanted,
    after: Option<ScanPosition>,
    rejected: i64,
    dead: i64,
    /// What was told last: between two looks an event may be read twice.
    told: VecDeque<EventKey>,
}

impl Source for Tail {
    async fn look(&mut self, console: &Arc<Console>, _looks: u64) -> Vec<Fragment> {
        let moment = console.moment().await;
        let mut fragments = vec![Fragment::replacing("figures", figures(&moment))];
        // What the database does not tell now, it tells at the next look.
        let mut rows = self.new_rows(console, &moment.plan.definition).await.unwrap_or_default();
        rows.sort_by_key(|row| row.at);
        let first = rows.len().saturating_sub(ROWS_PER_LOOK);
        fragments.extend(rows[first..].iter().map(|row| Fragment::row("tail", Html::of(row))));
        fragments
    }
}

impl Tail {
    async fn new_rows(
        &mut self,
        console: &Console,
        definition: &Definition,
    ) -> Result<Vec<Row>, Trouble> {
        let mut rows = Vec::new();
        if self.wanted.applied {
            let newest = newest_applied(console).await?;
            let found =
                console.applied.scan(self.wanted.events(), self.after.clone(), LOOKED_AT).await?;
            self.after = newest;
            for one in found {
                let key = EventKey { player: one.event.player.clone(), id: one.event.id };
                if !self.told.contains(&key) {
                    rows.push(applied(&one, definition));
                    self.told.push_back(key);
                }
            }
            while self.told.len() > LOOKED_AT {
                self.told.pop_front();
            }
        }
        if self.wanted.rejected {
            let after = Some(QuarantineNo(self.rejected));
            let found = console
                .quarantine
                .list_quarantined(self.wanted.quarantine(), after, ROWS_PER_LOOK, Text::Beginning)
                .await?;
            self.rejected = found.rows.last().map_or(self.rejected, |one| one.no.0);
            rows.extend(found.rows.iter().map(rejected));
        }
        if self.wanted.dead {
            let after = Some(DeadNo(self.dead));
            let found = console
                .dead
                .list_dead(self.wanted.dead(), after, ROWS_PER_LOOK, Text::Beginning)
                .await?;
            self.dead = found.rows.last().map_or(self.dead, |one| one.no.0);
            rows.extend(found.rows.iter().map(dead));
        }
        Ok(rows)
    }
}
