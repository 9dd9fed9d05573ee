//! How places and entries are written, so that bytes sort as ranks do. Pure.
//!
//! A place is the points, turned round so that more sorts first, and the moment, both as numbers
//! without a sign and the highest byte first. The player's id behind it breaks ties: Redis compares
//! members of equal scores byte by byte, as Rust compares texts. A score of its own would round
//! points beyond 2^53, so all scores are 0.

use scoreline_core::id::PlayerId;
use scoreline_core::rank::{Standing, Version};
use scoreline_core::time::Timestamp;

/// The bytes of a place.
pub const PLACE: usize = 16;
/// Behind an entry that an update brought and not a part of a load.
const FROM_UPDATE: u8 = b'u';

/// The entry of a part of a load: place and version.
pub fn of_part(standing: Standing, version: Version) -> Vec<u8> {
    let mut entry = Vec::with_capacity(PLACE + 9);
    entry.extend_from_slice(&(!ascending(standing.points)).to_be_bytes());
    entry.extend_from_slice(&ascending(standing.reached_at.as_ms()).to_be_bytes());
    entry.extend_from_slice(&ascending(version.0).to_be_bytes());
    entry
}

/// The entry of an update.
pub fn of_update(standing: Standing, version: Version) -> Vec<u8> {
    let mut entry = of_part(standing, version);
    entry.push(FROM_UPDATE);
    entry
}

/// The standing at the beginning of an entry or a member; `None` if it is neither.
pub fn standing(bytes: &[u8]) -> Option<Standing> {
    let (points, rest) = bytes.split_first_chunk()?;
    let reached_at = rest.first_chunk()?;
    Some(Standing {
        points: signed(!u64::from_be_bytes(*points)),
        reached_at: Timestamp::from_stored_ms(signed(u64::from_be_bytes(*reached_at))),
    })
}

/// Whom a member is of, and what they have reached; `None` if it is no member.
pub fn member(bytes: &[u8]) -> Option<(PlayerId, Standing)> {
    let player = std::str::from_utf8(bytes.get(PLACE..)?).ok()?;
    Some((PlayerId::from_stored(player), standing(bytes)?))
}

/// A number without a sign that sorts as this one does.
fn ascending(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn signed(ascending: u64) -> i64 {
    (ascending ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;

    use super::*;

    fn standings() -> impl Strategy<Value = Standing> {
        let ms = Timestamp::MIN.as_ms()..=Timestamp::MAX.as_ms();
        let points = prop_oneof![any::<i64>(), -2..3_i64, Just(i64::MIN), Just(i64::MAX)];
        (points, prop_oneof![ms, 0..3_i64])
            .prop_map(|(points, ms)| Standing { points, reached_at: Timestamp::from_stored_ms(ms) })
    }

    proptest! {
        #[test]
        fn members_sort_as_ranks_do_and_are_read_as_they_were(
            a in standings(), b in standings(), a_id in "[a-c\u{e9}\u{1f3ae}]{1,3}", b_id in "[a-cé]{1,3}",
        ) {
            let written = |standing, id: &str| {
                [&of_part(standing, Version(1))[..PLACE], id.as_bytes()].concat()
            };
            let rank = |at: Standing, id| (Reverse(at.points), at.reached_at, id);
            prop_assert_eq!(
                written(a, &a_id).cmp(&written(b, &b_id)),
                rank(a, &a_id).cmp(&rank(b, &b_id))
            );
            let (player, standing) = member(&written(a, &a_id)).expect("a member");
            prop_assert_eq!((player.as_str(), standing), (&*a_id, a));
        }

        #[test]
        fn versions_sort_as_numbers_do(a: i64, b: i64) {
            let at = Standing { points: 0, reached_at: Timestamp::EPOCH };
            let written = |version| of_update(at, Version(version))[PLACE..PLACE + 8].to_vec();
            prop_assert_eq!(written(a).cmp(&written(b)), a.cmp(&b));
        }
    }

    #[test]
    fn bytes_that_are_too_short_are_no_member() {
        assert_eq!(member(&[0; 15]), None);
        assert_eq!(standing(&[]), None);
    }
}
