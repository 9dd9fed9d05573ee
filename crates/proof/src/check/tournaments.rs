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

/// What the player of a rank must have won.
fn won(tournament: &Tournament, rank: u64, one: &Ranked) -> Option<(u32, Won)> {
    let tier = tournament.prizes.iter().find(|tier| tier.holds(rank))?;
    Some((one.entry.player, (tournament.id.clone(), rank, tier.coins, tier.gems, false)))
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
    let must_be = truth.tournament(id);
    if !truth.is_exact {
        return among_equals(truth, tournament, &must_be, findings).await;
    }
    let mut api = Api::new(&truth.target);
    let page = api.standings(id).await?;
    let sizes = (page.total_participants, must_be.len() as u64);
    findings.same(SIZES, || id.clone(), sizes);
    findings.same(SIZES, || format!("{id} in the list"), (tournament.participants, sizes.1));
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
    let won = (1..).zip(&must_be).filter_map(|(rank, one)| won(tournament, rank, one));
    Ok(won.collect())
}

/// Compares scores and attempts, and that the ranks are in the order of points. Who must have won goes by
/// the ranks that are told.
async fn among_equals(
    truth: &Truth,
    tournament: &Tournament,
    must_be: &[Ranked],
    findings: &mut Findings,
) -> Result<HashMap<u32, Won>> {
    let id = &tournament.id;
    let mut api = Api::new(&truth.target);
    let board = truth.shape.boards.iter().find(|board| *board.name == *tournament.board);
    let score = |points| board.map_or(points, |board| board.order.score(points));
    let mut ranks: Vec<(u64, i64, Ranked)> = Vec::new();
    for one in must_be {
        let Some(row) = api.standing(id, &id_text(one.id)).await? else {
            if one.entry.unsure {
                findings.leave_out(RESULTS);
            } else {
                findings.note(RESULTS, Some(format!("{id}: {} is missing", id_text(one.id))));
            }
            continue;
        };
        let points = board.map_or(row.best_score, |board| board.order.points(row.best_score));
        ranks.push((row.rank.unwrap_or(0), points, one.clone()));
        if one.entry.unsure {
            findings.leave_out(RESULTS);
            continue;
        }
        let is = (row.best_score, row.total_attempts);
        let wanted = (score(one.entry.points), u64::from(one.entry.attempts));
        findings.same(RESULTS, || format!("{id}: {}", id_text(one.id)), (is, wanted));
    }
    ranks.sort_unstable_by_key(|(rank, ..)| *rank);
    let in_order = ranks.is_sorted_by_key(|(_, points, _)| -points);
    findings.same(SIZES, || format!("{id}: ranks are in the order of points"), (in_order, true));
    let won = ranks.iter().filter_map(|(rank, _, one)| won(tournament, *rank, one));
    Ok(won.collect())
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
    let board = truth.shape.boards.iter().find(|board| *board.name == *tournament.board);
    let score = board.map_or(one.entry.points, |board| board.order.score(one.entry.points));
    let rank = place as u64 + 1;
    let must_be = (rank, id_text(one.id), score, u64::from(one.entry.attempts));
    let id = &tournament.id;
    findings.same(RESULTS, || format!("{id}, rank {rank}"), (row, Some(must_be)));
}
