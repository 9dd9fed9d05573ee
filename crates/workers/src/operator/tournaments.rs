//! Checks a tournament that an operator wants.

use std::sync::Arc;

use scoreline_core::game::{Definition, PrizeTier};
use scoreline_core::limits::{
    PRIZE_AMOUNT_MAX, PRIZE_RANKS_MAX, TOURNAMENT_DAYS_MAX, TOURNAMENT_ID_CHARS_MAX,
    TOURNAMENT_NAME_CHARS_MAX,
};
use scoreline_core::operations::{ExtraTournament, OperationError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::NewTournament;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Makes a tournament of what an operator wants, if it makes sense at `now`.
pub(super) fn checked(
    wanted: ExtraTournament,
    definition: &Definition,
    now: Timestamp,
) -> Result<NewTournament, OperationError> {
    check_id(&wanted.id)?;
    let name = wanted.name.trim();
    check_name(name)?;
    let board = definition
        .boards
        .get(&*wanted.board)
        .ok_or_else(|| invalid("board", format!("\"{}\" is not a leaderboard", wanted.board)))?;
    if wanted.ends_at <= wanted.starts_at {
        return Err(invalid("ends_at", "must be after starts_at"));
    }
    if wanted.ends_at <= now {
        return Err(invalid("ends_at", "must not have passed"));
    }
    if wanted.ends_at.ms_since(wanted.starts_at) > TOURNAMENT_DAYS_MAX * DAY_MS {
        let reason = format!("must be at most {TOURNAMENT_DAYS_MAX} days after starts_at");
        return Err(invalid("ends_at", reason));
    }
    Ok(NewTournament {
        id: Arc::from(wanted.id),
        series: None,
        name: name.to_owned(),
        board: Arc::clone(&board.name),
        fingerprint: board.tournament_fingerprint(),
        starts_at: wanted.starts_at,
        ends_at: wanted.ends_at,
        prizes: checked_prizes(wanted.prizes)?,
    })
}

fn check_id(id: &str) -> Result<(), OperationError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.is_empty() || id.len() > TOURNAMENT_ID_CHARS_MAX || !id.chars().all(allowed) {
        let reason =
            format!("must be 1 to {TOURNAMENT_ID_CHARS_MAX} letters, digits, \"_\" and \"-\"");
        return Err(invalid("id", reason));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), OperationError> {
    let too_long = name.chars().nth(TOURNAMENT_NAME_CHARS_MAX).is_some();
    if name.is_empty() || too_long || name.chars().any(char::is_control) {
        let reason = format!("must be 1 to {TOURNAMENT_NAME_CHARS_MAX} characters of one line");
        return Err(invalid("name", reason));
    }
    Ok(())
}

/// The prizes, best rank first.
fn checked_prizes(mut prizes: Vec<PrizeTier>) -> Result<Vec<PrizeTier>, OperationError> {
    prizes.sort_by_key(|tier| tier.first_rank);
    let mut last = 0;
    for tier in &prizes {
        let PrizeTier { first_rank, last_rank, coins, gems } = *tier;
        let ranks = format!("ranks {first_rank} to {last_rank}");
        if first_rank == 0 || last_rank < first_rank || last_rank > PRIZE_RANKS_MAX {
            let reason = format!("{ranks}: must lie within 1 to {PRIZE_RANKS_MAX}, in this order");
            return Err(invalid("prizes", reason));
        }
        if first_rank <= last {
            return Err(invalid("prizes", format!("{ranks}: overlap with those before them")));
        }
        let amount = 0..=PRIZE_AMOUNT_MAX;
        if !amount.contains(&coins) || !amount.contains(&gems) {
            let reason = format!("{ranks}: coins and gems must be 0 to {PRIZE_AMOUNT_MAX}");
            return Err(invalid("prizes", reason));
        }
        last = last_rank;
    }
    Ok(prizes)
}

fn invalid(field: &'static str, reason: impl Into<String>) -> OperationError {
    OperationError::Invalid { field, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 60 * 60 * 1000;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-23T10:00:00Z").expect("a time")
    }

    fn wanted() -> ExtraTournament {
        ExtraTournament {
            id: "flash-cup_1".to_owned(),
            name: " Flash Cup ".to_owned(),
            board: "global".to_owned(),
            starts_at: now(),
            ends_at: now().plus_ms(HOUR_MS),
            prizes: vec![
                PrizeTier { first_rank: 2, last_rank: 10, coins: 10, gems: 0 },
                PrizeTier { first_rank: 1, last_rank: 1, coins: 100, gems: 5 },
            ],
        }
    }

    fn field_at_fault(change: impl FnOnce(&mut ExtraTournament)) -> &'static str {
        let mut wanted = wanted();
        change(&mut wanted);
        match checked(wanted, &Definition::sample(), now()) {
            Err(OperationError::Invalid { field, .. }) => field,
            other => panic!("expected a fault, got {other:?}"),
        }
    }

    #[test]
    fn a_sensible_tournament_is_taken_with_its_prizes_in_order() {
        let new = checked(wanted(), &Definition::sample(), now()).expect("sensible");
        assert_eq!(new.name, "Flash Cup");
        let ranks: Vec<u64> = new.prizes.iter().map(|tier| tier.first_rank).collect();
        assert_eq!(ranks, [1, 2]);
        assert_eq!(new.series, None);
    }

    #[test]
    fn every_fault_names_its_field() {
        assert_eq!(field_at_fault(|t| t.id.clear()), "id");
        assert_eq!(field_at_fault(|t| t.id = "a/b".to_owned()), "id");
        assert_eq!(field_at_fault(|t| t.id = "ü".to_owned()), "id");
        assert_eq!(field_at_fault(|t| t.id = "x".repeat(TOURNAMENT_ID_CHARS_MAX + 1)), "id");
        assert_eq!(field_at_fault(|t| t.name = "  ".to_owned()), "name");
        assert_eq!(field_at_fault(|t| t.name = "a\nb".to_owned()), "name");
        assert_eq!(field_at_fault(|t| t.name = "n".repeat(101)), "name");
        assert_eq!(field_at_fault(|t| t.board = "nowhere".to_owned()), "board");
        assert_eq!(field_at_fault(|t| t.ends_at = t.starts_at), "ends_at");
        assert_eq!(
            field_at_fault(|t| {
                t.starts_at = now().plus_ms(-2 * HOUR_MS);
                t.ends_at = now();
            }),
            "ends_at"
        );
        assert_eq!(field_at_fault(|t| t.ends_at = t.starts_at.plus_ms(367 * DAY_MS)), "ends_at");
        assert_eq!(field_at_fault(|t| t.prizes[1].first_rank = 0), "prizes");
        assert_eq!(field_at_fault(|t| t.prizes[0].first_rank = 1), "prizes");
        assert_eq!(field_at_fault(|t| t.prizes[0].last_rank = 1), "prizes");
        assert_eq!(field_at_fault(|t| t.prizes[0].last_rank = PRIZE_RANKS_MAX + 1), "prizes");
        assert_eq!(field_at_fault(|t| t.prizes[0].coins = -1), "prizes");
        assert_eq!(field_at_fault(|t| t.prizes[0].gems = PRIZE_AMOUNT_MAX + 1), "prizes");
    }
}
