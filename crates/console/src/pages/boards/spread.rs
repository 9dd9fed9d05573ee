//! How the scores of a board are spread.
//!
//! Of a small board all players are looked at, of a large one some at even distances, so that it costs
//! the same however many there are.

use scoreline_core::id::PlayerId;
use scoreline_http::parts::{Boards, Ranking, Row};

use crate::charts::{Chart, Kind, Point, Pointer, Series};
use crate::html::inert_attribute;
use crate::trouble::Trouble;
use crate::words;

/// Players of whom all are looked at.
const ALL_MAX: u64 = 1_000;
/// Players that are looked at on a larger board.
const SAMPLED: u64 = 200;
/// Bars of the chart, at most.
const BARS: usize = 24;

/// The chart.
pub(crate) async fn spread(
    boards: &Boards,
    ranking: &Ranking,
    total: u64,
    around: &[Row],
    player: Option<&PlayerId>,
) -> Result<Chart, Trouble> {
    let scores = scores(boards, ranking, total).await?;
    let asked = around.iter().find(|row| Some(&row.player) == player);
    let of_each = if total <= ALL_MAX { 1.0 } else { total as f64 / scores.len().max(1) as f64 };
    let about = if total <= ALL_MAX {
        "Players by their score.".to_owned()
    } else {
        format!(
            "Players by their score; told by {} at even distances.",
            words::count(scores.len() as u64)
        )
    };
    Ok(chart(&scores, of_each, about, asked))
}

async fn scores(boards: &Boards, ranking: &Ranking, total: u64) -> Result<Vec<i64>, Trouble> {
    if total <= ALL_MAX {
        let limit = usize::try_from(ALL_MAX).unwrap_or(usize::MAX);
        let page = boards.page(ranking, 0, limit).await?;
        return Ok(page.rows.iter().map(|row| row.score).collect());
    }
    let mut scores = Vec::new();
    for n in 0..SAMPLED {
        // In the middle of each part, so that neither end counts for more than it is.
        let offset = (2 * n + 1) * total / (2 * SAMPLED);
        let page = boards.page(ranking, offset, 1).await?;
        scores.extend(page.rows.iter().map(|row| row.score));
    }
    Ok(scores)
}

fn chart(scores: &[i64], of_each: f64, about: String, asked: Option<&Row>) -> Chart {
    let bins = bins(scores);
    let label = |n: usize| {
        let every = (bins.len() / 4).max(1);
        n.is_multiple_of(every).then(|| words::signed(bins[n].0))
    };
    let points = bins.iter().enumerate().map(|(n, (from, until, _))| Point {
        name: format!("{} to {}", words::signed(*from), words::signed(*until)),
        label: label(n),
    });
    let pointer = asked.and_then(|row| {
        let (first, last) = (bins.first()?.0, bins.last()?.1);
        let width = (last - first).max(1) as f64;
        let at = (row.score - first) as f64 / width;
        let words = format!("{}, rank {}", inert_attribute(&row.nickname), words::count(row.rank));
        Some(Pointer { at: at.clamp(0.0, 1.0), words })
    });
    let values = bins.iter().map(|(_, _, players)| Some((*players as f64 * of_each).round()));
    Chart {
        about,
        unit: "players".into(),
        of: "Score",
        kind: Kind::Bars,
        series: vec![Series {
            name: "players".to_owned(),
            class: "f-s2",
            values: values.collect(),
        }],
        points: points.collect(),
        pointers: pointer.into_iter().collect(),
        empty: "Nobody is on this board yet.",
        ..Chart::new("spread", "How scores are spread")
    }
}

/// Steps of one round width from the least score to the greatest, each with how many lie in it.
fn bins(scores: &[i64]) -> Vec<(i64, i64, usize)> {
    let (Some(least), Some(most)) = (scores.iter().min(), scores.iter().max()) else {
        return Vec::new();
    };
    let width = round_width((most - least) as f64 / BARS as f64);
    let first = least.div_euclid(width) * width;
    let count = usize::try_from((most - first) / width + 1).unwrap_or(BARS);
    let mut bins: Vec<(i64, i64, usize)> = (0..count)
        .map(|n| i64::try_from(n).unwrap_or_default() * width + first)
        .map(|from| (from, from + width - 1, 0))
        .collect();
    for score in scores {
        let at = usize::try_from((score - first) / width).unwrap_or_default();
        bins[at.min(count - 1)].2 += 1;
    }
    bins
}

/// The next round number that is not smaller.
fn round_width(width: f64) -> i64 {
    let mut power = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            let round = factor * power;
            if round as f64 >= width || power > i64::MAX / 100 {
                return round;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_lies_in_one_step_and_steps_are_round() {
        for scores in [vec![5], vec![0, 98_210, 6_900], vec![-40, 3, 3, 3], (0..1_000).collect()] {
            let bins = bins(&scores);
            assert_eq!(bins.iter().map(|bin| bin.2).sum::<usize>(), scores.len());
            assert!(bins.len() <= BARS + 1, "{} bars", bins.len());
            for score in scores {
                assert_eq!(bins.iter().filter(|bin| bin.0 <= score && score <= bin.1).count(), 1);
            }
        }
        assert_eq!(bins(&[]), []);
        assert_eq!([0.0, 1.0, 3.0, 41.0, 600.0].map(round_width), [1, 1, 5, 50, 1_000]);
    }
}
