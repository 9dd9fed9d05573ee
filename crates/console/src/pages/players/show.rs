//! `/console/player`: one player's name, statistics, ranks, prizes, and what they sent.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use scoreline_core::access::Scope;
use scoreline_core::ban::Ban;
use scoreline_core::fold::{Plan, ProjectionKind};
use scoreline_core::id::PlayerId;
use scoreline_core::prize::AWARD_LABEL;
use scoreline_core::store::PlayerProfile;
use scoreline_core::tournament::{Prize, TournamentStatus, Win};
use scoreline_http::Problem;
use scoreline_http::parts::{Period, Ranking};
use serde::Deserialize;

use super::erase::{self, erasure_path};
use super::timeline::{self, Day, Kind};
use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::moment::Moment;
use crate::pages::boards::player_path;
use crate::pages::tournaments::prize_badge;
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

/// Prizes that are listed, the newest first.
const PRIZES_MAX: usize = 20;
/// Boards whose rank is shown.
const BOARDS_MAX: usize = 50;

/// Who is meant, and what of the timeline.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    id: String,
    #[serde(default)]
    show: Kind,
}

#[derive(Template)]
#[template(path = "player.html")]
struct Page {
    frame: Frame,
    name: Html,
    id: Html,
    statistics: Vec<(Html, String)>,
    ranks: Vec<RankRow>,
    prizes: Vec<PrizeRow>,
    prizes_in_words: String,
    kinds: Vec<(&'static str, &'static str, bool)>,
    path: String,
    days: Vec<Day>,
    is_unknown: bool,
    banned: Option<Banned>,
    /// The player's id as forms hand it back.
    coded_id: String,
    /// The name in force, likewise; empty if none was chosen.
    coded_name: String,
    /// Whether it is bound to the secret of a device.
    is_bound: bool,
    may_act: bool,
    /// What must be typed to erase the player, and its pattern.
    erasing: (String, String),
    /// Who the player has become, with the page, if they were moved.
    moved_to: Option<(Html, String)>,
    /// Where the job is that erases or has erased the player.
    erasure: Option<String>,
}

/// A ban that stands.
struct Banned {
    badge: Html,
    words: &'static str,
    until: Option<Html>,
}

/// A player's rank on a board.
struct RankRow {
    board: Html,
    path: String,
    period: String,
    rank: String,
    score: String,
    reached: Html,
}

/// A prize of a player.
struct PrizeRow {
    from: Html,
    path: String,
    badge: Html,
    rank: String,
    coins: String,
    gems: String,
    when: Html,
    /// Its id, while it can be taken back; empty afterwards.
    revocable: String,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let player =
        PlayerId::new(&asked.id).map_err(|error| Problem::field("id", error.to_string()))?;
    let (moment, frame) = framed(&console, &operator, Place::Players).await;
    let profile = console.players.profile(player.clone()).await?;
    let ranks = ranks(&console, &moment, &player).await?;
    let prizes = console.prizes.prize_history(player.clone(), PRIZES_MAX, true).await?;
    let ban = console.acts.ban_of(player.clone()).await?.filter(|ban| !ban.is_over(moment.now));
    let is_bound = console.players.binding(player.clone()).await?.hash.is_some();
    let days = timeline::days(&console, &player, asked.show, moment.now).await?;
    let erasure = console.erasures.erasure_of(player.clone()).await?.map(erasure_path);
    let moved_to = console.acts.moved_to(player.clone()).await?;
    let nickname = profile.as_ref().and_then(|profile| profile.nickname.clone());
    let default_nickname = &moment.plan.definition.game.default_nickname;
    Ok(page(&Page {
        name: inert(nickname.as_deref().unwrap_or(default_nickname)),
        id: id(player.as_str(), "w36"),
        is_unknown: profile.is_none() && ranks.is_empty() && days.is_empty(),
        statistics: profile.map_or_else(Vec::new, |profile| statistics(&profile, &moment.plan)),
        ranks,
        prizes_in_words: in_words(&prizes),
        prizes: prizes.iter().map(|prize| prize_row(prize, &moment)).collect(),
        kinds: Kind::ALL.map(|kind| (kind.name(), kind.title(), kind == asked.show)).into(),
        path: format!("/console/player?id={}", words::in_address(player.as_str())),
        days,
        banned: ban.map(|ban| banned(ban, &moment)),
        coded_id: words::in_address(player.as_str()),
        coded_name: nickname.as_deref().map_or_else(String::new, words::in_address),
        is_bound,
        may_act: operator.proof.covers(Scope::PlayersAct),
        erasing: erase::confirmation(&player),
        erasure,
        moved_to: moved_to.map(|to| (id(to.as_str(), "w36"), player_path(&to))),
        frame,
    }))
}

fn banned(ban: Ban, moment: &Moment) -> Banned {
    Banned {
        badge: badge("crit", if ban.shadow { "Banned, unseen" } else { "Banned" }),
        words: if ban.shadow {
            "Boards and prizes pass over this player, who sees the boards as if they did not."
        } else {
            "Boards and prizes pass over this player, who is told so."
        },
        until: ban.until.map(|until| words::ago_html(until, moment.now)),
    }
}

/// The statistics that the definition names, as far as they were ever counted.
fn statistics(profile: &PlayerProfile, plan: &Plan) -> Vec<(Html, String)> {
    let value = |name: &str| {
        let slot = plan.shown(ProjectionKind::Statistic, name)?.slot;
        profile.statistics.iter().find(|(other, _)| *other == slot).map(|(_, value)| *value)
    };
    let names = plan.definition.statistics.keys();
    let counted = names.filter_map(|name| Some((name, value(name)?)));
    counted.map(|(name, value)| (inert(&name.replace('_', " ")), words::signed(value))).collect()
}

async fn ranks(
    console: &Console,
    moment: &Moment,
    player: &PlayerId,
) -> Result<Vec<RankRow>, Trouble> {
    let mut found = Vec::new();
    for name in moment.plan.definition.boards.keys().take(BOARDS_MAX) {
        let ranking = console.boards.named(name, Period::Current).await?;
        let path = format!(
            "/console/boards?board={}&player={}",
            words::in_address(name),
            words::in_address(player.as_str())
        );
        let title = inert(&ranking.board().title);
        found.extend(rank(console, moment, &ranking, (title, path), player).await?);
    }
    let running = moment.plan.tournaments.iter();
    let running = running.filter(|one| one.status_at(moment.now) == TournamentStatus::Active);
    for one in running.take(BOARDS_MAX) {
        let ranking = console.boards.tournament(one);
        let path = format!("/console/tournaments/{}", words::in_address(&one.id));
        let running = rank(console, moment, &ranking, (inert(&one.name), path), player).await?;
        found.extend(running.map(|row| RankRow { period: "running".to_owned(), ..row }));
    }
    Ok(found)
}

async fn rank(
    console: &Console,
    moment: &Moment,
    ranking: &Ranking,
    (board, path): (Html, String),
    player: &PlayerId,
) -> Result<Option<RankRow>, Trouble> {
    let found = console.boards.player(ranking, player).await?;
    Ok(found.rows.first().map(|row| RankRow {
        board,
        path,
        period: ranking
            .period()
            .map_or_else(|| "all time".to_owned(), |at| format!("since {}", words::day_short(at))),
        rank: words::count(row.rank),
        score: words::signed(row.score),
        reached: words::ago_html(row.entry.standing.reached_at, moment.now),
    }))
}

fn in_words(prizes: &[Prize]) -> String {
    let pending = prizes.iter().filter(|prize| prize.can_be_claimed()).count() as u64;
    format!("the newest {}, {} pending", words::count(prizes.len() as u64), words::count(pending))
}

fn prize_row(prize: &Prize, moment: &Moment) -> PrizeRow {
    let won = prize.won.as_ref();
    let path =
        |won: &Win| format!("/console/tournaments/{}", words::in_address(&won.tournament_id));
    PrizeRow {
        from: inert(won.map_or(AWARD_LABEL, |won| &won.tournament_name)),
        path: won.map(path).unwrap_or_default(),
        badge: prize_badge(prize),
        rank: won.map(|won| words::count(won.rank)).unwrap_or_default(),
        coins: words::signed(prize.coins),
        gems: words::signed(prize.gems),
        when: words::ago_html(prize.awarded_at, moment.now),
        revocable: match prize.revoked_at {
            None => prize.id.to_string(),
            Some(_) => String::new(),
        },
    }
}
