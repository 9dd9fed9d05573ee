//! Names under which boards show players, where their ids are not for everybody.
//!
//! An id is half of what it takes to be somebody: in open mode it is all. An alias follows from the id and a
//! secret, so it is the same on every node and after every start, nothing is kept for it, and nobody can tell
//! the id from it. No endpoint takes it in place of an id.

use scoreline_core::id::PlayerId;

use crate::auth::token::signature;

/// Digits of an alias: 80 bits, so that no two of a billion players are likely to share one.
const DIGITS: usize = 20;

/// Gives aliases.
pub(crate) struct Aliases(Vec<u8>);

impl Aliases {
    /// Those that follow from a secret.
    pub fn of(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// The alias of a player.
    pub fn alias(&self, player: &PlayerId) -> String {
        let whole = signature(&self.0, &["alias", player.as_str()]);
        format!("anon-{}", &whole[..DIGITS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_always_the_same_and_says_nothing_without_the_secret() {
        let player = |id| PlayerId::new(id).expect("an id");
        let (ours, others) = (Aliases::of(vec![7; 32]), Aliases::of(vec![8; 32]));
        let ann = ours.alias(&player("ann"));
        assert_eq!(ann, ours.alias(&player("ann")));
        assert_eq!(ann.len(), "anon-".len() + DIGITS);
        assert_ne!(ann, ours.alias(&player("ben")));
        assert_ne!(ann, others.alias(&player("ann")));
        assert_ne!(ann, ours.alias(&player(&ann)), "an alias is nobody's id");
    }
}
