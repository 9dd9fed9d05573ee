//! Tournaments that are closed: who took part, every rank, and who won what.

use std::collections::HashMap;

use tokio::task::JoinSet;

use super::players::Won;
use super::{Ranked, Truth, id_text};
use crate::api::{Api, PAGE, Standing, Tournament};
use crate::error::{Error, Result};
use crate::findings::Findings;

const RESULTS: &str = "results of closed tournaments, with ranks, scores and attempts";
const SIZES: &str = "participants of closed tournaments";
/// How many connections ask for single ranks.
const ASKERS: usize = 16;

/// What somebody must have won in a tournament, by player.
pub(crate) fn winners(tournament: &Tournament, ranked: &[Ranked]) -> HashMap<u32, Won> {
    let mut winners = HashMap::new();
    for (rank, one) in (1..).zip(ranked) {
        let Some(tier) = tournament.prizes.iter().find(|tier| tier.holds(rank)) else { continue };
        let won = (tournament.id.clone(), rank, tier.coins, tier.gems, false);
        winners.insert(one.entry.player, won);
    }
    winners
}

/// Compares the results of a tournament that is closed. Answers who must have won what.
///
/// Where receipts are not known to the millisecond, who was first of equals is the server's word: scores
/// and attempts are compared, and that nobody stands above somebody with more points.
pub(crate) async fn check(
    truth: &Truth,
    tournament: &Tournament,
    findings: &mut Findings,
) -> Result<HashMap<u32, Won>> {
    let id = &tournament.id;
    let mut must_be = truth.tournament(id);
    let mut api = Api::new(&truth.target);
    let page = api.standings(id).await?;
    if truth.is_exact {
        let sizes = (page.total_participants, must_be.len() as u64);
        findings.same(SIZES, || id.clone(), sizes);
        findings.same(SIZES, || format!("{id} in the list"), (tournament.participants, sizes.1));
    } else {
        in_order_of(&page.leaderboard, &mut must_be);
    }
    for (place, one) in must_be.iter().enumerate().take(PAGE) {
        let row = page.leaderboard.get(place).map(told);
        compare(truth, tournament, (place, one), row, findings);
    }
    // Beyond the first page, everybody is asked for.
    let mut asked = JoinSet::new();
    for asker in 0..ASKERS {
        let own = must_be.iter().enumerate().skip(PAGE + asker).step_by(ASKERS);
        let own: Vec<(usize, Ranked)> = own.map(|(place, one)| (place, one.clone())).collect();
        let (truth, tournament) = (truth.clone(), tournament.clone());
        asked.spawn(async move { one_by_one(&truth, &tournament, own).await });
    }
    while let Some(found) = asked.join_next().await {
        let found = found.map_err(|error| Error::Late(format!("a check fell over: {error}")))?;
        findings.join(found?);
    }
    Ok(winners(tournament, &must_be))
}

/// Puts equals into the order in which the server has them.
fn in_order_of(rows: &[Standing], must_be: &mut [Ranked]) {
    let places: HashMap<&str, usize> =
        rows.iter().enumerate().map(|(place, row)| (&*row.user_id, place)).collect();
    let place = |one: &Ranked| places.get(&*id_text(one.id)).copied().unwrap_or(usize::MAX);
    must_be.sort_by_cached_key(|one| (-one.entry.points, place(one)));
}

async fn one_by_one(
    truth: &Truth,
    tournament: &Tournament,
    ranked: Vec<(usize, Ranked)>,
) -> Result<Findings> {
    let mut api = Api::new(&truth.target);
    let mut findings = Findings::default();
    for (place, one) in ranked {
        let row = api.standing(&tournament.id, &id_text(one.id)).await?;
        compare(truth, tournament, (place, &one), row.as_ref().map(told), &mut findings);
    }
    Ok(findings)
}

/// A row: rank, player, score, attempts.
type Row = (u64, String, i64, u64);

fn told(row: &Standing) -> Row {
    (row.rank.unwrap_or(0), row.user_id.clone(), row.best_score, row.total_attempts)
}

fn compare(
    truth: &Truth,
    tournament: &Tournament,
    (place, one): (usize, &Ranked),
    row: Option<Row>,
    findings: &mut Findings,
) {
    if one.entry.unsure {
        return findings.leave_out(RESULTS);
    }
    let board = truth.shape.boards.iter().find(|board| *board.name == *tournament.board);
    let score = board.map_or(one.entry.points, |board| board.order.score(one.entry.points));
    let rank = place as u64 + 1;
    let must_be = (rank, id_text(one.id), score, u64::from(one.entry.attempts));
    let id = &tournament.id;
    findings.same(RESULTS, || format!("{id}, rank {rank}"), (row, Some(must_be)));
}
