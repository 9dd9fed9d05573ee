//! Giving a player a name: what a store looks up in the transaction that gives it, and what follows.
//!
//! Names are compared by what [`crate::nickname::resembling`] makes of them, so that look-alikes are the
//! same name.

use serde_json::json;

use crate::audit::{Act, Audited};
use crate::nickname::{NicknameError, Nicknames, resembling};
use crate::time::Timestamp;

/// A name that is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewName {
    /// As it is shown.
    pub nickname: String,
    /// By what it is compared.
    pub skeleton: String,
    /// Whether nobody else may have it.
    pub unique: bool,
    /// Whether it may not be given where operators have blocked it.
    pub heeds_blocks: bool,
}

/// What became of a name that was to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The player is called so.
    Given,
    /// Another player is; nothing was changed.
    Taken,
    /// Operators have blocked it; nothing was changed.
    Blocked,
}

/// A name that operators have blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedName {
    /// As the operator wrote it.
    pub nickname: String,
    /// By what it is compared.
    pub skeleton: String,
    /// Since when.
    pub blocked_at: Timestamp,
    /// Why, if they said so.
    pub note: Option<String>,
}

/// Whether a name is to be blocked, and what looks like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocking {
    /// As the operator wrote it.
    pub nickname: String,
    /// Whether nobody can choose it any more, or everybody can again.
    pub is_blocked: bool,
}

impl NewName {
    /// A name that a player chose.
    pub fn chosen(text: &str, rules: &Nicknames) -> Result<Self, NicknameError> {
        Ok(Self { heeds_blocks: true, ..Self::of(rules.check(text)?, rules.unique) })
    }

    /// A name that an operator gives. It may be a reserved or a blocked one.
    pub fn given(text: &str, rules: &Nicknames) -> Result<Self, NicknameError> {
        Ok(Self::of(rules.check_form(text)?, rules.unique))
    }

    /// A name that is given whoever has it.
    pub fn of(nickname: String, unique: bool) -> Self {
        let skeleton = resembling(&nickname);
        Self { nickname, skeleton, unique, heeds_blocks: false }
    }

    /// What becomes of it, where operators have blocked it and others have it, or not.
    pub fn judge(&self, is_blocked: bool, is_taken: bool) -> Named {
        if self.heeds_blocks && is_blocked {
            Named::Blocked
        } else if self.unique && is_taken {
            Named::Taken
        } else {
            Named::Given
        }
    }
}

impl Named {
    /// What its player is told, in the words that clients show; `None` if the name is given.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Given => None,
            Self::Taken => Some("Nickname is already taken"),
            Self::Blocked => Some("Nickname is not allowed"),
        }
    }
}

/// What the log says of an act that gave a player a name.
pub fn renamed(act: Act, before: Option<&str>, after: &str) -> Audited {
    let shown = |nickname: Option<&str>| json!({ "nickname": nickname });
    act.changed(Some(&shown(before)), Some(&shown(Some(after))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_before_who_has_a_name_and_operators_pass_over_it() {
        let rules = Nicknames { unique: true, ..Nicknames::default() };
        let chosen = NewName::chosen(" Ada ", &rules).expect("a name");
        assert_eq!((&*chosen.nickname, &*chosen.skeleton), ("Ada", "ada"));
        let given = NewName::given("Ada", &rules).expect("a name");
        let cases = [
            (false, false, Named::Given, Named::Given),
            (false, true, Named::Taken, Named::Taken),
            (true, false, Named::Blocked, Named::Given),
            (true, true, Named::Blocked, Named::Taken),
        ];
        for (is_blocked, is_taken, of_player, of_operator) in cases {
            assert_eq!(chosen.judge(is_blocked, is_taken), of_player);
            assert_eq!(given.judge(is_blocked, is_taken), of_operator);
        }
        let shared = NewName::chosen("Ada", &Nicknames::default()).expect("a name");
        assert_eq!(shared.judge(false, true), Named::Given);
    }

    #[test]
    fn an_operator_may_give_a_reserved_name_and_nothing_that_is_none() {
        let reserved = [resembling("Admin")].into_iter().collect();
        let rules = Nicknames { reserved, ..Nicknames::default() };
        assert_eq!(NewName::chosen("Admin", &rules), Err(NicknameError::Reserved));
        assert!(NewName::given("Admin", &rules).is_ok());
        NewName::given("A", &rules).expect_err("too short");
    }
}
