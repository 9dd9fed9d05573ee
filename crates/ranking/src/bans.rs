//! Who is banned, by the players' numbers. Bans are few.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use scoreline_core::ban::Ban;
use scoreline_core::rank::Version;

use crate::player_no::PlayerNo;

/// Everybody who is or was banned, as of their last change.
#[derive(Default)]
pub struct Bans(HashMap<PlayerNo, (Version, Option<Ban>), FxBuildHasher>);

impl Bans {
    /// Whether anything was ever heard of a player.
    pub fn knows(&self, player: PlayerNo) -> bool {
        self.0.contains_key(&player)
    }

    /// Takes over a change unless a newer one is known. Answers whether the player is banned now and was
    /// not, or the other way round.
    pub fn set(&mut self, player: PlayerNo, ban: Option<Ban>, version: Version) -> bool {
        let known = self.0.entry(player).or_insert((Version(0), None));
        if version <= known.0 {
            return false;
        }
        let was_banned = known.1.is_some();
        *known = (version, ban);
        was_banned != ban.is_some()
    }

    /// The ban of a player.
    pub fn of(&self, player: PlayerNo) -> Option<Ban> {
        if self.0.is_empty() { None } else { self.0.get(&player).and_then(|(_, ban)| *ban) }
    }

    /// Everybody who is banned.
    pub fn banned(&self) -> impl Iterator<Item = PlayerNo> {
        self.0.iter().filter(|(_, (_, ban))| ban.is_some()).map(|(player, _)| *player)
    }
}
