//! What is asked: every page of the console as operators open it, and every figure of analytics.

use scoreline_core::analytics::Day;
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::players::player_id;

/// Days of a month.
const DAYS: i32 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What an address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page.
    Page,
    /// Figures of a month.
    Figures,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub kind: Kind,
    pub address: String,
}

/// All of them.
pub(super) fn paths() -> Vec<Path> {
    let player = player_id(7);
    let pages = [
        "/console",
        "/console?range=24h",
        "/console?range=7d",
        "/console/live",
        "/console/live?type=game_ended",
        "/console/analytics",
        "/console/analytics?range=90&by=app_version",
        "/console/rejected",
        "/console/rejected?reason=unknown_event_type&type=unknown_7",
        "/console/players?q=Pilot%20777",
        "/console/players?q=pi",
        "/console/boards",
        "/console/boards?rank=500",
        "/console/tournaments",
        "/console/definition?plan=1",
        "/console/queue",
        "/console/audit",
        "/console/keys",
    ];
    let of_player = [
        format!("/console/player?id={player}"),
        format!("/console/boards?player={player}"),
        format!("/console/voiding?player={player}"),
        format!("/console/players?q={}", &player[..2]),
    ];
    let pages = pages.into_iter().map(str::to_owned).chain(of_player);
    let page = |address| Path { kind: Kind::Page, address };
    let figures = |address| Path { kind: Kind::Figures, address };
    pages.map(page).chain(of_month().map(figures)).collect()
}

fn of_month() -> impl Iterator<Item = String> {
    let today = SystemClock.now().as_ms() / DAY_MS;
    let until = Day(i32::try_from(today).unwrap_or_default());
    let from = until.plus(1 - DAYS);
    let asked = [
        "active",
        "active?by=country",
        "retention",
        "sessions",
        "sessions?by=app_version",
        "funnels/levels",
        "economy?currency=coins",
        "revenue",
        "revenue?by=platform",
    ];
    asked.into_iter().map(move |what| {
        let sign = if what.contains('?') { '&' } else { '?' };
        format!("/api/v2/analytics/{what}{sign}from={from}&until={until}")
    })
}
