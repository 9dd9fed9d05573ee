//! What an operator's key may do: scopes, and the roles that are made of them.
//!
//! Which endpoint needs which scope is declared where the endpoint is registered. How a key proves
//! itself is no matter of this module.

use std::fmt;

/// One thing that a key may cover. The admin token covers everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// To send events, and to speak for any player, as a trusted game server does.
    EventsWrite,
    /// To read boards as operators see them.
    BoardsRead,
    /// To read what single players did.
    PlayersRead,
    /// To act on players and their events: ban, void, move, erase, and to take that back.
    PlayersAct,
    /// To read figures about events and players as a whole.
    AnalyticsRead,
    /// To change the game definition that is in force, and tournaments.
    DefinitionWrite,
    /// To do anything that operators do.
    Admin,
}

impl Scope {
    /// All of them, the least first.
    pub const ALL: [Self; 7] = [
        Self::EventsWrite,
        Self::BoardsRead,
        Self::PlayersRead,
        Self::PlayersAct,
        Self::AnalyticsRead,
        Self::DefinitionWrite,
        Self::Admin,
    ];

    /// The scope as documents and keys write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventsWrite => "events:write",
            Self::BoardsRead => "boards:read",
            Self::PlayersRead => "players:read",
            Self::PlayersAct => "players:act",
            Self::AnalyticsRead => "analytics:read",
            Self::DefinitionWrite => "definition:write",
            Self::Admin => "admin",
        }
    }

    /// The scope that a text names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Whether these allow what needs `scope`.
    pub fn cover(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }

    /// The scopes that a store has kept, as [`fmt::Display`] wrote them; `None` if one is unknown.
    pub fn from_text(text: &str) -> Option<Self> {
        text.split_whitespace().map(Scope::from_name).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

/// A name for scopes that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Looks at figures and boards.
    Viewer,
    /// Helps players: looks at them and acts on them.
    Support,
    /// Changes the game.
    Designer,
    /// Does everything.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Support, Self::Designer, Self::Admin];

    /// The role as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Designer => "designer",
            Self::Admin => "admin",
        }
    }

    /// The role that a text names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// What it is made of.
    pub fn scopes(self) -> Scopes {
        let scopes: &[Scope] = match self {
            Self::Viewer => &[Scope::BoardsRead, Scope::AnalyticsRead],
            Self::Support => {
                &[Scope::BoardsRead, Scope::AnalyticsRead, Scope::PlayersRead, Scope::PlayersAct]
            }
            Self::Designer => &[Scope::BoardsRead, Scope::AnalyticsRead, Scope::DefinitionWrite],
            Self::Admin => &[Scope::Admin],
        };
        scopes.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_covers_itself_and_only_admin_covers_all() {
        for given in Scope::ALL {
            let scopes: Scopes = [given].into_iter().collect();
            for needed in Scope::ALL {
                let expected = given == needed || given == Scope::Admin;
                assert_eq!(scopes.cover(needed), expected, "{scopes} for {}", needed.as_str());
            }
        }
        assert!(!Scope::ALL.into_iter().any(|scope| Scopes::default().cover(scope)));
    }

    #[test]
    fn scopes_come_back_from_their_text() {
        for role in Role::ALL {
            let scopes = role.scopes();
            assert_eq!(Scopes::from_text(&scopes.to_string()), Some(scopes), "{}", role.as_str());
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Scopes::from_text("boards:read everything"), None);
        assert_eq!(Scopes::from_text(""), Some(Scopes::default()));
    }

    #[test]
    fn a_viewer_cannot_act_and_support_cannot_change_the_game() {
        assert!(!Role::Viewer.scopes().cover(Scope::PlayersAct));
        assert!(!Role::Viewer.scopes().cover(Scope::PlayersRead));
        assert!(!Role::Support.scopes().cover(Scope::DefinitionWrite));
        assert!(!Role::Designer.scopes().cover(Scope::PlayersAct));
        assert!(Role::Admin.scopes().cover(Scope::PlayersAct));
    }
}
