//! A tournament that an operator creates beside those of the definition, and the check of such a
//! request.

use std::sync::Arc;

use serde_json::Value;

use super::NewTournament;
use crate::game::Definition;
use crate::limits::{TOURNAMENT_DAYS_MAX, TOURNAMENT_ID_CHARS_MAX, TOURNAMENT_NAME_CHARS_MAX};
use crate::operations::OperationError;
use crate::prize::tiers;
use crate::suggestion::did_you_mean;
use crate::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A tournament that an operator wants.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtraTournament {
    /// Its id: letters, digits, `_` and `-`.
    pub id: String,
    /// What players see.
    pub name: String,
    /// The board whose measure it takes over.
    pub board: String,
    /// The first moment that counts.
    pub starts_at: Timestamp,
    /// The first moment that no longer counts.
    pub ends_at: Timestamp,
    /// What is won, as it was written; `None` if nothing was said about it, which is a fault.
    pub prizes: Option<Value>,
}

impl ExtraTournament {
    /// The tournament to create, if the request makes sense at `now`. All mistakes in its prizes
    /// are reported at once.
    pub fn checked(
        self,
        definition: &Definition,
        now: Timestamp,
    ) -> Result<NewTournament, OperationError> {
        check_id(&self.id)?;
        let name = self.name.trim();
        check_name(name)?;
        let board = definition.boards.get(&*self.board).ok_or_else(|| {
            let names = definition.boards.keys().map(|name| &**name);
            let hint = did_you_mean(&self.board, names);
            let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            invalid("board", format!("{:?} is not a leaderboard{hint}", self.board))
        })?;
        check_window(self.starts_at, self.ends_at, now)?;
        let prizes = tiers::from_json(self.prizes.as_ref()).map_err(OperationError::Prizes)?;
        Ok(NewTournament {
            id: Arc::from(self.id),
            series: None,
            name: name.to_owned(),
            board: Arc::new(board.without_resets()),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            prizes,
        })
    }
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

fn check_window(
    starts_at: Timestamp,
    ends_at: Timestamp,
    now: Timestamp,
) -> Result<(), OperationError> {
    if ends_at <= starts_at {
        return Err(invalid("ends_at", "must be after starts_at"));
    }
    if ends_at <= now {
        return Err(invalid("ends_at", "must not have passed"));
    }
    if ends_at.ms_since(starts_at) > TOURNAMENT_DAYS_MAX * DAY_MS {
        let reason = format!("must be at most {TOURNAMENT_DAYS_MAX} days after starts_at");
        return Err(invalid("ends_at", reason));
    }
    Ok(())
}

fn invalid(field: &'static str, reason: impl Into<String>) -> OperationError {
    OperationError::Invalid { field, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            prizes: Some(json!([{ "ranks": "2-10", "coins": 10 }, { "ranks": 1, "gems": 5 }])),
        }
    }

    fn fault_of(change: impl FnOnce(&mut ExtraTournament)) -> OperationError {
        let mut wanted = wanted();
        change(&mut wanted);
        wanted.checked(&Definition::sample(), now()).expect_err("a fault")
    }

    #[test]
    fn a_sensible_tournament_is_taken_with_its_prizes_in_order() {
        let new = wanted().checked(&Definition::sample(), now()).expect("sensible");
        assert_eq!(new.name, "Flash Cup");
        let ranks: Vec<u64> = new.prizes.iter().map(|tier| tier.first_rank).collect();
        assert_eq!(ranks, [1, 2]);
        assert_eq!(new.series, None);
    }

    #[test]
    fn every_fault_names_its_field() {
        let field = |change: &dyn Fn(&mut ExtraTournament)| match fault_of(change) {
            OperationError::Invalid { field, .. } => field,
            OperationError::Prizes(_) => "prizes",
            other => panic!("another fault: {other:?}"),
        };
        assert_eq!(field(&|t| t.id.clear()), "id");
        assert_eq!(field(&|t| t.id = "a/b".to_owned()), "id");
        assert_eq!(field(&|t| t.id = "ü".to_owned()), "id");
        assert_eq!(field(&|t| t.id = "x".repeat(TOURNAMENT_ID_CHARS_MAX + 1)), "id");
        assert_eq!(field(&|t| t.name = "  ".to_owned()), "name");
        assert_eq!(field(&|t| t.name = "a\nb".to_owned()), "name");
        assert_eq!(field(&|t| t.name = "n".repeat(101)), "name");
        assert_eq!(field(&|t| t.board = "nowhere".to_owned()), "board");
        assert_eq!(field(&|t| t.ends_at = t.starts_at), "ends_at");
        let over = |t: &mut ExtraTournament| {
            t.starts_at = now().plus_ms(-2 * HOUR_MS);
            t.ends_at = now();
        };
        assert_eq!(field(&over), "ends_at");
        assert_eq!(field(&|t| t.ends_at = t.starts_at.plus_ms(367 * DAY_MS)), "ends_at");
        assert_eq!(field(&|t| t.prizes = None), "prizes");
        assert_eq!(field(&|t| t.prizes = Some(json!([{ "ranks": 1, "coin": 1 }]))), "prizes");
    }

    #[test]
    fn a_board_that_is_misspelt_is_told_by_its_name() {
        let fault = fault_of(|t| t.board = "globul".to_owned()).to_string();
        assert_eq!(fault, "board \"globul\" is not a leaderboard (did you mean \"global\"?)");
    }
}
