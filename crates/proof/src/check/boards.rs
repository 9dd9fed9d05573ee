//! Boards: every row of every period, in the order of ranks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use scoreline_core::time::Timestamp;

use super::{Ranked, Truth, id_text};
use crate::api::{Api, BoardRow, PAGE};
use crate::error::Result;
use crate::findings::Findings;

const ROWS: &str = "rows of boards, with ranks, scores, attempts, times, sums and names";
const SIZES: &str = "players on boards";

/// Compares all boards in all their periods.
pub(crate) async fn check(truth: &Truth, findings: &mut Findings) -> Result<()> {
    let mut api = Api::new(&truth.target);
    let names = names(truth);
    for no in 0..truth.shape.boards.len() {
        let mut periods = BTreeSet::new();
        for ledger in truth.ledgers.iter() {
            periods.extend(ledger.lock().board(no).map(|(period, _)| period));
        }
        for period in periods {
            let must_be = truth.board(no, period);
            if truth.is_exact {
                exactly(truth, &mut api, (no, period), &must_be, (&names, findings)).await?;
            } else {
                among_others(truth, &mut api, (no, period), must_be, findings).await?;
            }
        }
    }
    Ok(())
}

/// Who has a name.
fn names(truth: &Truth) -> BTreeMap<u32, bool> {
    let mut names = BTreeMap::new();
    for ledger in truth.ledgers.iter() {
        names.extend(ledger.lock().players.iter().map(|one| (one.player, one.is_named)));
    }
    names
}

/// Every row is where and what it must be.
async fn exactly(
    truth: &Truth,
    api: &mut Api,
    (no, period): (usize, Timestamp),
    must_be: &[Ranked],
    (names, findings): (&BTreeMap<u32, bool>, &mut Findings),
) -> Result<()> {
    let board = &truth.shape.boards[no];
    let mut place = 0;
    loop {
        let page = api.board(&board.name, period, place).await?;
        if place == 0 {
            let sizes = (page.total_players, must_be.len() as u64);
            findings.same(SIZES, || format!("{}, {period}", board.name), sizes);
        }
        if page.leaderboard.is_empty() {
            break;
        }
        for row in &page.leaderboard {
            let wanted = must_be.get(place).map(|one| wanted(truth, no, one, place, names));
            let differs = wanted.as_ref() != Some(&told(row));
            findings.note(
                ROWS,
                differs.then(|| format!("{}: is {row:?}, must be {wanted:?}", board.name)),
            );
            place += 1;
        }
        if page.leaderboard.len() < PAGE {
            break;
        }
    }
    // Rows that are missing at the end.
    for missing in must_be.iter().skip(place) {
        findings.note(ROWS, Some(format!("{}: there is no row of {missing:?}", board.name)));
    }
    Ok(())
}

/// A row as both sides can write it.
#[derive(Debug, PartialEq)]
struct Row {
    rank: u64,
    player: String,
    nickname: String,
    score: i64,
    attempts: u64,
    reached_at: String,
    last_at: String,
    sums: BTreeMap<String, i64>,
}

fn told(row: &BoardRow) -> Row {
    Row {
        rank: row.rank,
        player: row.user_id.clone(),
        nickname: row.nickname.clone(),
        score: row.score,
        attempts: row.attempts,
        reached_at: row.reached_at.clone(),
        last_at: row.last_at.clone(),
        sums: row.sums.clone(),
    }
}

fn wanted(
    truth: &Truth,
    no: usize,
    ranked: &Ranked,
    place: usize,
    names: &BTreeMap<u32, bool>,
) -> Row {
    let board = &truth.shape.boards[no];
    let entry = &ranked.entry;
    let is_named = names.get(&entry.player).copied().unwrap_or(false);
    let sums = board.beside.iter().zip(&ranked.sums);
    Row {
        rank: place as u64 + 1,
        player: id_text(ranked.id),
        nickname: truth.nickname(entry.player, is_named),
        score: board.order.score(entry.points),
        attempts: u64::from(entry.attempts),
        reached_at: Timestamp::from_stored_ms(entry.reached_ms).to_string(),
        last_at: Timestamp::from_stored_ms(entry.last_ms).to_string(),
        sums: sums.map(|((name, _), sum)| (name.to_string(), *sum)).collect(),
    }
}

/// On a board that others are on too: scores and attempts of these players, and that nobody stands above
/// somebody with more points.
async fn among_others(
    truth: &Truth,
    api: &mut Api,
    (no, period): (usize, Timestamp),
    must_be: Vec<Ranked>,
    findings: &mut Findings,
) -> Result<()> {
    let board = &truth.shape.boards[no];
    let mut own: HashMap<String, Ranked> =
        must_be.into_iter().map(|one| (id_text(one.id), one)).collect();
    let (mut place, mut above) = (0, i64::MAX);
    loop {
        let page = api.board(&board.name, period, place).await?;
        for row in &page.leaderboard {
            let points = board.order.points(row.score);
            let is_in_order = points <= above;
            above = points;
            let Some(one) = own.remove(&row.user_id) else { continue };
            if one.entry.unsure {
                findings.leave_out(ROWS);
                continue;
            }
            let is = (points, row.attempts, is_in_order);
            let must_be = (one.entry.points, u64::from(one.entry.attempts), true);
            findings.same(ROWS, || format!("{}, {}", board.name, row.user_id), (is, must_be));
        }
        place += page.leaderboard.len();
        if page.leaderboard.len() < PAGE {
            break;
        }
    }
    for (id, one) in own {
        if one.entry.unsure {
            findings.leave_out(ROWS);
        } else {
            findings.note(ROWS, Some(format!("{}: there is no row of {id}", board.name)));
        }
    }
    Ok(())
}
