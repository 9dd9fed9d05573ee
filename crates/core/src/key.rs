//! A named key: what is kept of it, and when it is good.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::Scopes;
use crate::audit::{Act, Audited};
use crate::limits::{KEY_NAME_CHARS_MAX, KEYS_MAX};
use crate::time::Timestamp;

/// A key as the store keeps it: a hash of its secret, never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which one; it stands in the key itself.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The hash of its secret.
    pub hash: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer good, if ever.
    pub expires_at: Option<Timestamp>,
    /// Since when it is no longer good, because somebody took it back.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Why a key is good no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Somebody took it back.
    #[error("the key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the key has expired")]
    Expired,
}

/// A key cannot be kept beside those that there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is a key {name:?} already, or there are {KEYS_MAX} keys; revoke what is not used")]
pub struct KeyRefused {
    /// Its name.
    pub name: String,
}

impl Key {
    /// Fails unless the key is good at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), KeyFault> {
        if self.revoked_at.is_some() {
            return Err(KeyFault::Revoked);
        }
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(KeyFault::Expired);
        }
        Ok(())
    }

    /// What the log says of an act that made it, where a store kept it or did not.
    pub fn created(&self, is_kept: bool, act: Act) -> Result<Audited, KeyRefused> {
        if !is_kept {
            return Err(KeyRefused { name: self.name.clone() });
        }
        Ok(act.changed(None, Some(&self.shown())))
    }

    /// What the log of acts shows of it.
    pub fn shown(&self) -> Value {
        json!({
            "name": self.name,
            "scopes": self.scopes.to_string(),
            "expires_at": self.expires_at.map(|at| at.to_string()),
            "revoked_at": self.revoked_at.map(|at| at.to_string()),
        })
    }
}

/// A key's name as it is kept, or what is wrong with it.
pub fn checked_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let is_long = name.chars().count() > KEY_NAME_CHARS_MAX;
    if name.is_empty() || is_long || name.chars().any(char::is_control) {
        return Err(format!(
            "must have 1 to {KEY_NAME_CHARS_MAX} characters, none of them control"
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    #[test]
    fn a_key_is_good_until_it_expires_or_is_revoked() {
        let at = |ms| Timestamp::EPOCH.plus_ms(ms);
        let key = Key {
            id: Uuid::nil(),
            name: "console".to_owned(),
            hash: String::new(),
            scopes: Role::Viewer.scopes(),
            created_at: at(0),
            expires_at: Some(at(10)),
            revoked_at: None,
            last_used_at: None,
        };
        assert_eq!(key.check(at(9)), Ok(()));
        assert_eq!(key.check(at(10)), Err(KeyFault::Expired));
        let revoked = Key { revoked_at: Some(at(5)), ..key.clone() };
        assert_eq!(revoked.check(at(1)), Err(KeyFault::Revoked), "whatever the clocks say");
        assert_eq!(Key { expires_at: None, ..key }.check(Timestamp::MAX), Ok(()));
    }

    #[test]
    fn a_name_is_trimmed_and_can_be_printed() {
        assert_eq!(checked_name("  ann's laptop "), Ok("ann's laptop".to_owned()));
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(checked_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
