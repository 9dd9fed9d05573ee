//! `/console/analytics`: how the game does, in the order in which operators look.
//!
//! All figures are counters of one moment (`found.rs`), so the page costs the same however many players
//! and events there are. A section is a file; each chart and table has its data as CSV and JSON.

mod active;
mod asked;
mod days;
mod economy;
mod found;
mod levels;
mod quality;
mod retention;
mod revenue;
mod today;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use self::active::Active;
use self::asked::{Ask, Asked, Range};
use self::economy::Economy;
use self::levels::Levels;
use self::quality::Quality;
use self::retention::Retention;
use self::revenue::Revenue;
use self::today::Today;
use crate::charts::{Chart, Format, Sheet};
use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, inert};
use crate::moment::Moment;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;

#[derive(Template)]
#[template(path = "analytics.html")]
struct Page {
    frame: Frame,
    zone: Html,
    is_complete: bool,
    day: String,
    today: String,
    ranges: Vec<(i32, bool)>,
    kept: Vec<(&'static str, String)>,
    parts: Parts,
}

/// The sections.
struct Parts {
    today: Today,
    active: Active,
    retention: Retention,
    levels: Option<Levels>,
    economy: Option<Economy>,
    revenue: Option<Revenue>,
    quality: Quality,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Analytics).await;
    let inquiry = console.analytics.inquire()?;
    let ask = Ask::of(asked, inquiry.today())?;
    let found = found::read(&inquiry, &ask).await?;
    Ok(page(&Page {
        zone: inert(&found.meaning.zone_name),
        is_complete: found.is_complete,
        day: ask.days.until.to_string(),
        today: ask.today.to_string(),
        ranges: Range::ALL.map(|range| (range.days(), range == ask.asked.range)).into(),
        kept: ask.kept(),
        parts: Parts::of(&console, &ask, &found, &moment).await,
        frame,
    }))
}

/// A chart or a table of the page as CSV or JSON.
pub(crate) async fn data(
    State(console): State<Arc<Console>>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (name, format) = Format::of(&file);
    let moment = console.moment().await;
    let inquiry = console.analytics.inquire()?;
    let ask = Ask::of(asked, inquiry.today())?;
    let found = found::read(&inquiry, &ask).await?;
    let parts = Parts::of(&console, &ask, &found, &moment).await;
    let sheet = parts.sheet(name);
    Ok(sheet.ok_or_else(|| Trouble::not_found("there is no such chart"))?.answer(format))
}

impl Parts {
    async fn of(console: &Console, ask: &Ask, found: &found::Found, moment: &Moment) -> Self {
        Self {
            today: today::section(console, ask, found).await,
            active: active::section(ask, found),
            retention: retention::section(ask, found),
            levels: levels::section(ask, found),
            economy: economy::section(ask, found),
            revenue: revenue::section(ask, found),
            quality: quality::section(console, ask, moment),
        }
    }

    /// The data of a chart or a table; `None` if there is none of this name.
    fn sheet(&self, name: &str) -> Option<Sheet> {
        match name {
            "retention" => return Some(self.retention.sheet.clone()),
            "split" => return Some(self.active.split.clone()),
            "funnel" => return Some(self.levels.as_ref()?.sheet.clone()),
            "quality" => return Some(self.quality.sheet.clone()),
            _ => {}
        }
        let economy = self.economy.iter().flat_map(Economy::charts);
        let revenue = self.revenue.iter().flat_map(Revenue::charts);
        let mut charts = self.today.charts().into_iter();
        let mut rest = self.active.charts().into_iter().chain(economy).chain(revenue);
        let named = |chart: &&Chart| chart.id == name;
        charts.find(named).or_else(|| rest.find(named)).map(Chart::sheet)
    }
}
