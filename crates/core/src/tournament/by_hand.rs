//! Prizes by the hand of an operator: awarding one without a tournament, and taking one back.
//!
//! A store reads the prize, asks here within its transaction, and writes what is to be written. Doing
//! either again changes nothing.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::Act;
use crate::error::ErrorKind;
use crate::id::PlayerId;
use crate::limits::PRIZE_AMOUNT_MAX;
use crate::tournament::Prize;

/// A prize that an operator awards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandPrize {
    /// Its id, by which awarding it again is the same prize.
    pub id: Uuid,
    /// Who gets it.
    pub player: PlayerId,
    /// Coins.
    pub coins: i64,
    /// Gems.
    pub gems: i64,
}

/// Why a prize cannot be awarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandPrizeFault {
    /// There is nothing in it.
    #[error("must hold coins or gems")]
    Empty,
    /// More, or less, than a prize can hold.
    #[error("must be from 0 to {PRIZE_AMOUNT_MAX}")]
    Amount,
}

impl HandPrizeFault {
    /// What kind of trouble it is.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// What became of a prize that was to be awarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandAward {
    /// The player has it now.
    Given(Prize),
    /// It was awarded before, and may be claimed or revoked since; nothing was changed.
    GivenBefore(Prize),
    /// The id is that of another prize; nothing was changed.
    Taken,
}

/// What became of a prize that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// It is now.
    Revoked(Prize),
    /// It was before; nothing was changed.
    RevokedBefore(Prize),
    /// There is no such prize.
    NotFound,
}

impl HandPrize {
    /// A prize for a player. Without an id, it has one made of the player, what is in it and why: to
    /// give the same for the same reason once more, name an id.
    pub fn new(
        id: Option<Uuid>,
        player: PlayerId,
        [coins, gems]: [i64; 2],
        note: &str,
    ) -> Result<Self, HandPrizeFault> {
        if [coins, gems].iter().any(|amount| !(0..=PRIZE_AMOUNT_MAX).contains(amount)) {
            return Err(HandPrizeFault::Amount);
        }
        if coins == 0 && gems == 0 {
            return Err(HandPrizeFault::Empty);
        }
        let id = id.unwrap_or_else(|| Self::id_of(&player, [coins, gems], note));
        Ok(Self { id, player, coins, gems })
    }

    /// A UUID of version 8 over SHA-256. The domain keeps it apart from the ids of prizes that are won.
    fn id_of(player: &PlayerId, amounts: [i64; 2], note: &str) -> Uuid {
        let mut digest = Sha256::new().chain_update("scoreline prize by hand\0");
        for amount in amounts {
            digest.update(amount.to_be_bytes());
        }
        digest.update(player.as_str().len().to_be_bytes());
        let digest = digest.chain_update(player.as_str()).chain_update(note).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The prize as it is awarded by an act.
    pub fn prize(&self, act: &Act) -> Prize {
        Prize {
            id: self.id,
            won: None,
            player: self.player.clone(),
            coins: self.coins,
            gems: self.gems,
            awarded_at: act.at,
            claimed_at: None,
            revoked_at: None,
        }
    }

    /// What became of it, where this prize has its id now, and was there before or not.
    pub fn outcome(&self, found: Prize, is_new: bool) -> HandAward {
        let is_same = found.won.is_none()
            && (&found.player, found.coins, found.gems) == (&self.player, self.coins, self.gems);
        match (is_new, is_same) {
            (true, _) => HandAward::Given(found),
            (false, true) => HandAward::GivenBefore(found),
            (false, false) => HandAward::Taken,
        }
    }
}

impl Revocation {
    /// What an act makes of the prize that was found. Any prize may be revoked, also a claimed one: what
    /// the player was given for it is the game's to take back.
    pub fn of(found: Option<Prize>, act: &Act) -> Self {
        match found {
            None => Self::NotFound,
            Some(prize) if prize.revoked_at.is_some() => Self::RevokedBefore(prize),
            Some(prize) => Self::Revoked(Prize { revoked_at: Some(act.at), ..prize }),
        }
    }
}

impl Prize {
    /// Whether its owner can claim it.
    pub fn can_be_claimed(&self) -> bool {
        self.claimed_at.is_none() && self.revoked_at.is_none()
    }

    /// What the log of acts shows of it.
    pub fn shown(&self) -> Value {
        json!({
            "prize_id": self.id,
            "user_id": self.player.as_str(),
            "tournament_id": self.won.as_ref().map(|won| &*won.tournament_id),
            "coins": self.coins,
            "gems": self.gems,
            "claimed": self.claimed_at.is_some(),
            "revoked": self.revoked_at.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;
    use crate::time::Timestamp;

    fn act() -> Act {
        let by = Actor { name: "ada".to_owned(), key: None, address: None };
        let (what, target) = ("awardPrize".to_owned(), "ann".to_owned());
        Act { by, what, target, note: None, at: Timestamp::EPOCH.plus_ms(7) }
    }

    fn prize(player: &str, amounts: [i64; 2], note: &str) -> HandPrize {
        HandPrize::new(None, PlayerId::from_stored(player), amounts, note).expect("a prize")
    }

    #[test]
    fn the_same_prize_for_the_same_reason_has_one_id() {
        let one = prize("ann", [5, 0], "an outage");
        assert_eq!(one, prize("ann", [5, 0], "an outage"));
        let others = [
            prize("ann", [0, 5], "an outage"),
            prize("ann", [5, 0], "an outages"),
            prize("anna", [5, 0], "n outage"),
        ];
        assert!(others.iter().all(|other| other.id != one.id));
        let named = HandPrize::new(Some(Uuid::nil()), one.player, [5, 0], "an outage");
        assert_eq!(named.expect("a prize").id, Uuid::nil());
    }

    #[test]
    fn a_prize_holds_something_and_no_more_than_prizes_can() {
        let of = |amounts| HandPrize::new(None, PlayerId::from_stored("ann"), amounts, "x");
        assert_eq!(of([0, 0]), Err(HandPrizeFault::Empty));
        for amounts in [[-1, 5], [5, PRIZE_AMOUNT_MAX + 1]] {
            assert_eq!(of(amounts), Err(HandPrizeFault::Amount));
        }
        assert!(of([PRIZE_AMOUNT_MAX, 0]).is_ok());
    }

    #[test]
    fn an_id_means_one_prize() {
        let wanted = prize("ann", [5, 0], "x");
        let given = wanted.prize(&act());
        assert_eq!(wanted.outcome(given.clone(), true), HandAward::Given(given.clone()));
        let claimed = Prize { claimed_at: Some(Timestamp::EPOCH), ..given.clone() };
        assert_eq!(wanted.outcome(claimed.clone(), false), HandAward::GivenBefore(claimed));
        let other = Prize { coins: 6, ..given };
        assert_eq!(wanted.outcome(other, false), HandAward::Taken);
    }

    #[test]
    fn any_prize_can_be_revoked_and_once() {
        let given = prize("ann", [5, 0], "x").prize(&act());
        let claimed = Prize { claimed_at: Some(Timestamp::EPOCH), ..given.clone() };
        for prize in [given, claimed] {
            let revoked = Prize { revoked_at: Some(act().at), ..prize.clone() };
            assert_eq!(Revocation::of(Some(prize), &act()), Revocation::Revoked(revoked.clone()));
            let again = Revocation::of(Some(revoked.clone()), &act());
            assert_eq!(again, Revocation::RevokedBefore(revoked));
        }
        assert_eq!(Revocation::of(None, &act()), Revocation::NotFound);
    }
}
