//! Bans: a flag on a player. Their state is kept and goes on; boards, prizes and the figures of others
//! pass over them while it stands.

use serde_json::{Value, json};

use crate::audit::{Act, Audited};
use crate::id::PlayerId;
use crate::rank::Version;
use crate::time::Timestamp;

/// How a player is banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// Whether the player is shown the boards as if there were no ban.
    pub shadow: bool,
    /// When it ends by itself, if ever.
    pub until: Option<Timestamp>,
}

impl Ban {
    /// What the log of acts shows of it.
    pub fn shown(ban: Option<&Self>) -> Value {
        match ban {
            None => json!({ "banned": false }),
            Some(Self { shadow, until }) => {
                json!({ "banned": true, "shadow": shadow, "until": until.map(|at| at.to_string()) })
            }
        }
    }

    /// The ban of two players who are one from now on: the one that lasts longer, so that nobody is moved out
    /// of a ban.
    pub fn joined(own: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(own), Some(other)) = (own, other) else { return own.or(other) };
        let lasts = |ban: &Self| ban.until.unwrap_or(Timestamp::MAX);
        Some(if lasts(&other) > lasts(&own) { other } else { own })
    }

    /// Whether it is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// Whether a player is banned, as of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerBan {
    /// The player.
    pub player: PlayerId,
    /// The ban, if there is one.
    pub ban: Option<Ban>,
    /// As of which change.
    pub version: Version,
}

impl PlayerBan {
    /// What the log says of an act that makes a ban, or the lack of one, of what is known. `None` if nothing
    /// changes.
    pub fn changed(known: Option<Self>, ban: Option<Ban>, act: Act) -> Option<Audited> {
        let before = known.and_then(|known| known.ban);
        let (was, is) = (Ban::shown(before.as_ref()), Ban::shown(ban.as_ref()));
        (before != ban).then(|| act.changed(Some(&was), Some(&is)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;

    #[test]
    fn of_two_bans_the_longer_one_stays_and_of_equal_ones_the_own() {
        let ban = |shadow, until: Option<i64>| Ban {
            shadow,
            until: until.map(|ms| Timestamp::EPOCH.plus_ms(ms)),
        };
        let (short, long, ever) = (ban(false, Some(1)), ban(true, Some(2)), ban(true, None));
        assert_eq!(Ban::joined(None, None), None);
        assert_eq!(Ban::joined(None, Some(short)), Some(short));
        assert_eq!(Ban::joined(Some(short), None), Some(short));
        assert_eq!(Ban::joined(Some(short), Some(long)), Some(long));
        assert_eq!(Ban::joined(Some(ever), Some(long)), Some(ever));
        assert_eq!(Ban::joined(Some(ban(false, None)), Some(ever)), Some(ban(false, None)));
    }

    #[test]
    fn the_same_ban_again_is_no_act_and_another_end_of_it_is() {
        let by = Actor { name: "ops".to_owned(), key: None, address: None };
        let (what, target) = ("ban".to_owned(), "ann".to_owned());
        let act = Act { by, what, target, note: None, at: Timestamp::EPOCH };
        let ban = Ban { shadow: true, until: None };
        let player = PlayerId::from_stored("ann");
        let known = |ban| Some(PlayerBan { player: player.clone(), ban, version: Version(3) });
        let changed = |known, ban| PlayerBan::changed(known, ban, act.clone());
        assert_eq!(changed(None, None), None);
        assert_eq!(changed(known(Some(ban)), Some(ban)), None);
        assert!(
            changed(known(Some(ban)), Some(Ban { until: Some(Timestamp::EPOCH), ..ban })).is_some()
        );
        let lifted = changed(known(Some(ban)), None).expect("an act");
        assert_eq!(lifted.after.as_deref(), Some(r#"{"banned":false}"#));
    }
}
