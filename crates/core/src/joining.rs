//! Moving a player to another id: two players who are one from now on.
//!
//! Whoever is moved is noted for good, with whom they became: every path that takes events in obeys. The notes
//! are flat: where ann became bob, and bob becomes cy, ann became cy, too.
//!
//! Tournaments that are closed are paid and stay as they are. Where only one of the two took part, the place and
//! the prize are the other's from now on. Where both did, each place stays: that of the player who is moved under
//! a name that says nothing, and what was won there becomes a prize given by hand, pending or claimed as it was.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::{Act, Audited};
use crate::error::ErrorKind;
use crate::id::PlayerId;
use crate::tournament::Prize;

/// The order to move a player to another id, from where both are one player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// Who is moved.
    pub player: PlayerId,
    /// Who they become.
    pub to: PlayerId,
    /// Of what the name is made under which places stand apart.
    pub id: Uuid,
    /// Only tells what would change.
    pub dry_run: bool,
}

/// Why a player is not moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// To themselves.
    #[error("must be another player than the one who is moved")]
    Itself,
    /// To somebody who became this player before.
    #[error("became {0} before: the two are one player already")]
    Circle(PlayerId),
    /// They became somebody else before.
    #[error("became {0} before; move that player")]
    Elsewhere(PlayerId),
    /// Nothing is left of them.
    #[error("was erased: there is nothing to move")]
    PlayerErased,
    /// Nothing of the other is taken in.
    #[error("was erased: nothing of that player is taken in any more")]
    TargetErased,
}

impl MoveRefused {
    /// Which field of a request is at fault.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Itself | Self::Circle(_) | Self::TargetErased => "to",
            Self::Elsewhere(_) | Self::PlayerErased => "user_id",
        }
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Itself => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }
}

/// What the store knows about one of the two ids of a move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Who they became, if they were moved.
    pub moved_to: Option<PlayerId>,
    /// Whether they were erased.
    pub is_erased: bool,
}

/// Whether there is anything to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// No: it was done before, and this is whom they became.
    Before(PlayerId),
    /// Yes, this. The other is nobody who was moved.
    Due(Joining),
}

impl Joining {
    /// The name under which places stand apart.
    pub fn placeholder(&self) -> PlayerId {
        PlayerId::from_stored(&format!("moved-{}", self.id.simple()))
    }

    /// What is to be done, by what is known of both. Where the other was moved, whoever they became is meant.
    pub fn settle(self, player: Known, to: Known) -> Result<Settled, MoveRefused> {
        if self.player == self.to {
            return Err(MoveRefused::Itself);
        }
        if player.is_erased {
            return Err(MoveRefused::PlayerErased);
        }
        if to.is_erased {
            return Err(MoveRefused::TargetErased);
        }
        let end = to.moved_to.unwrap_or_else(|| self.to.clone());
        match player.moved_to {
            Some(before) if before == end => Ok(Settled::Before(before)),
            Some(before) => Err(MoveRefused::Elsewhere(before)),
            None if end == self.player => Err(MoveRefused::Circle(end)),
            None => Ok(Settled::Due(Self { to: end, ..self })),
        }
    }
}

/// What became of a player who was to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Whom they became.
    pub to: PlayerId,
    /// Whether anything changed: it did not if they were moved before.
    pub changed: bool,
    /// How many of each there are.
    pub counts: JoinedCounts,
}

/// How much of a player was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JoinedCounts {
    /// Stored events.
    pub events: u64,
    /// Events that the other had as well.
    pub repeated: u64,
    /// Events whose ids the other used for something else: they are in quarantine.
    pub conflicting: u64,
    /// Events that could not be applied.
    pub dead: u64,
    /// Entries that wait in quarantine.
    pub rejected: u64,
    /// Prizes.
    pub prizes: u64,
    /// Places of paid tournaments that stand apart, as the other has one there.
    pub places_apart: u64,
}

impl Joined {
    /// Nothing had to be done.
    pub fn before(to: PlayerId) -> Self {
        Self { to, changed: false, counts: JoinedCounts::default() }
    }

    /// What the log says of it.
    pub fn audited(&self, player: &PlayerId, act: Act) -> Audited {
        let was = json!({ "user_id": player.as_str() });
        let mut is = self.counts.shown();
        is["user_id"] = Value::from(self.to.as_str());
        act.changed(Some(&was), Some(&is))
    }
}

impl JoinedCounts {
    /// The numbers, by name.
    pub fn shown(&self) -> Value {
        let Self { events, repeated, conflicting, dead, rejected, prizes, places_apart } = self;
        json!({
            "events": events, "repeated": repeated, "conflicting": conflicting, "dead": dead,
            "rejected": rejected, "prizes": prizes, "places_apart": places_apart,
        })
    }
}

/// Which prizes of the player who is moved stay with a place that stands apart, as the other took part in the same
/// tournament, or has a prize of it. All others are the other's as they are.
pub fn prizes_apart<'p>(
    moved: &'p [Prize],
    others: &[Prize],
    apart: &BTreeSet<Arc<str>>,
) -> Vec<&'p Prize> {
    let won = |prize: &Prize| prize.won.as_ref().map(|won| Arc::clone(&won.tournament_id));
    let taken: BTreeSet<Arc<str>> = others.iter().filter_map(won).collect();
    let is_apart =
        |prize: &&Prize| won(prize).is_some_and(|id| apart.contains(&id) || taken.contains(&id));
    moved.iter().filter(is_apart).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::tournament::Win;

    fn player(id: &str) -> PlayerId {
        PlayerId::from_stored(id)
    }

    fn joining(from: &str, to: &str) -> Joining {
        Joining { player: player(from), to: player(to), id: Uuid::from_u128(7), dry_run: false }
    }

    fn moved_to(id: &str) -> Known {
        Known { moved_to: Some(player(id)), is_erased: false }
    }

    #[test]
    fn a_chain_leads_to_its_end_and_the_same_again_is_done_already() {
        let nobody = Known::default;
        assert_eq!(
            joining("ann", "bob").settle(nobody(), nobody()),
            Ok(Settled::Due(joining("ann", "bob")))
        );
        assert_eq!(
            joining("ann", "bob").settle(nobody(), moved_to("cy")),
            Ok(Settled::Due(joining("ann", "cy")))
        );
        let before = Ok(Settled::Before(player("cy")));
        assert_eq!(joining("ann", "bob").settle(moved_to("cy"), moved_to("cy")), before);
        assert_eq!(joining("ann", "cy").settle(moved_to("cy"), nobody()), before);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_field_at_fault() {
        let nobody = Known::default;
        let erased = || Known { moved_to: None, is_erased: true };
        let refused = |joining: Joining, one, other| {
            let refused = joining.settle(one, other).expect_err("is refused");
            (refused.field(), refused)
        };
        let same = refused(joining("ann", "ann"), nobody(), nobody());
        assert_eq!(same, ("to", MoveRefused::Itself));
        let circle = refused(joining("ann", "bob"), nobody(), moved_to("ann"));
        assert_eq!(circle, ("to", MoveRefused::Circle(player("ann"))));
        let elsewhere = refused(joining("ann", "cy"), moved_to("bob"), nobody());
        assert_eq!(elsewhere, ("user_id", MoveRefused::Elsewhere(player("bob"))));
        let gone = refused(joining("ann", "bob"), erased(), nobody());
        assert_eq!(gone, ("user_id", MoveRefused::PlayerErased));
        let gone = refused(joining("ann", "bob"), nobody(), erased());
        assert_eq!(gone, ("to", MoveRefused::TargetErased));
    }

    #[test]
    fn a_prize_stays_with_its_place_where_the_other_took_part_and_others_move() {
        let prize = |id: u128, tournament: Option<&str>| Prize {
            id: Uuid::from_u128(id),
            won: tournament.map(|id| Win {
                tournament_id: Arc::from(id),
                tournament_name: "Cup".to_owned(),
                rank: 1,
            }),
            player: player("ann"),
            coins: 5,
            gems: 0,
            awarded_at: Timestamp::EPOCH,
            claimed_at: None,
            revoked_at: None,
        };
        let moved = [prize(1, Some("a")), prize(2, Some("b")), prize(3, Some("c")), prize(4, None)];
        let others = [prize(5, Some("b")), prize(6, None)];
        let apart = BTreeSet::from([Arc::from("a")]);
        let ids: Vec<u128> =
            prizes_apart(&moved, &others, &apart).iter().map(|one| one.id.as_u128()).collect();
        assert_eq!(ids, [1, 2]);
    }
}
