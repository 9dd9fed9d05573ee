//! How the changes of a transaction are written into the feed, and read again.
//!
//! Binary, because every event is written here once more: about 35 bytes for an entry. Numbers take as
//! few bytes as they need, a time is written as what it is later than the one before, the board once
//! for all entries that follow, and sums that are 0 as one bit. The first byte is the version of the
//! encoding; a reader of another version must load anew what it holds.

use std::sync::Arc;

use uuid::Uuid;

use super::{Change, Damaged};
use crate::ban::{Ban, PlayerBan};
use crate::bytes::{Reader, Writer};
use crate::erasure::Tombstone;
use crate::id::{BoardKey, PlayerId, Slot};
use crate::limits::BOARD_SUMS_MAX;
use crate::rank::{Entry, PlayerName, Standing, Update, Version};
use crate::session::Revocations;
use crate::time::Timestamp;

/// The version that this code writes and reads.
const VERSION: u8 = 2;

/// What follows is the board of the entries after it.
const BOARD: u8 = 1;
/// An entry of a player whose id is a UUID.
const ENTRY_OF_UUID: u8 = 2;
/// An entry of a player with any other id.
const ENTRY_OF_TEXT: u8 = 3;
const NAME: u8 = 4;
const PLAN: u8 = 5;
const TOURNAMENT: u8 = 6;
const CLAIM: u8 = 7;
const REMOVAL: u8 = 8;
const BAN: u8 = 9;
const SESSIONS: u8 = 10;
const PRIZE: u8 = 11;
const ERASED: u8 = 12;
const REVIEW: u8 = 13;

/// The bit beside those of the sums that says that something was taken back.
const TAKEN_BACK: u8 = 1 << BOARD_SUMS_MAX;

const NOT_BANNED: u8 = 0;
const BANNED: u8 = 1;
const SHADOW: u8 = 2;
/// Beside one of the two before: the ban ends, at the time that follows.
const ENDS: u8 = 4;

/// Bytes that are reserved for an entry.
const ENTRY_BYTES: usize = 40;

/// Writes changes.
pub fn encode(changes: &[Change]) -> Vec<u8> {
    let mut to = Writer::with_capacity(16 + changes.len() * ENTRY_BYTES);
    to.byte(VERSION);
    let mut told = Told::default();
    for change in changes {
        match change {
            Change::Entry(update) => told.write_entry(update, &mut to),
            Change::Name(PlayerName { player, nickname, version }) => {
                to.byte(NAME);
                to.text(player.as_str());
                to.text(nickname);
                to.signed(version.0);
            }
            Change::Ban(ban) => {
                to.byte(BAN);
                write_ban(ban, &mut to);
            }
            Change::Sessions(Revocations { player, count }) => {
                to.byte(SESSIONS);
                to.text(player.as_str());
                to.signed(*count);
            }
            Change::Review { player } => {
                to.byte(REVIEW);
                to.text(player.as_str());
            }
            Change::Erased(tombstone) => {
                to.byte(ERASED);
                to.uuid(tombstone.0);
            }
            Change::Plan { version } => {
                to.byte(PLAN);
                to.signed(*version);
            }
            Change::Tournament { id, version } => {
                to.byte(TOURNAMENT);
                to.text(id);
                to.signed(*version);
            }
            Change::Claim { prize, player } => {
                to.byte(CLAIM);
                to.uuid(*prize);
                to.text(player.as_str());
            }
            Change::Prize { prize, player } => {
                to.byte(PRIZE);
                to.uuid(*prize);
                to.text(player.as_str());
            }
            Change::Removal { before } => {
                to.byte(REMOVAL);
                to.time(*before);
            }
        }
    }
    to.finish()
}

/// Reads what [`encode`] wrote. Trusts nothing: whatever the bytes are, the answer is a list or an error.
pub fn decode(bytes: &[u8]) -> Result<Vec<Change>, Damaged> {
    let mut from = Reader::new(bytes);
    if from.byte()? != VERSION {
        return Err(Damaged { at: 0, wrong: "this version of the encoding is not known" });
    }
    let mut told = Told::default();
    let mut changes = Vec::new();
    while !from.is_at_end() {
        let change = match from.byte()? {
            BOARD => {
                told.board = Some(read_board(&mut from)?);
                continue;
            }
            ENTRY_OF_UUID => {
                let player = PlayerId::from_stored(&from.uuid()?.to_string());
                Change::Entry(told.read_entry(player, &mut from)?)
            }
            ENTRY_OF_TEXT => {
                let player = read_player(&mut from)?;
                Change::Entry(told.read_entry(player, &mut from)?)
            }
            NAME => Change::Name(PlayerName {
                player: read_player(&mut from)?,
                nickname: from.text()?.to_owned(),
                version: Version(from.signed()?),
            }),
            BAN => Change::Ban(read_ban(&mut from)?),
            SESSIONS => {
                let player = read_player(&mut from)?;
                Change::Sessions(Revocations { player, count: from.signed()? })
            }
            REVIEW => Change::Review { player: read_player(&mut from)? },
            ERASED => Change::Erased(Tombstone(from.uuid()?)),
            PLAN => Change::Plan { version: from.signed()? },
            TOURNAMENT => {
                Change::Tournament { id: Arc::from(from.text()?), version: from.signed()? }
            }
            CLAIM => Change::Claim { prize: from.uuid()?, player: read_player(&mut from)? },
            PRIZE => Change::Prize { prize: from.uuid()?, player: read_player(&mut from)? },
            REMOVAL => Change::Removal { before: from.time()? },
            _ => return Err(from.damaged("there is no such change")),
        };
        changes.push(change);
    }
    Ok(changes)
}

/// What need not be said again.
#[derive(Default)]
struct Told {
    board: Option<BoardKey>,
    /// The time that was said last; 0 at first.
    at_ms: i64,
}

impl Told {
    fn write_entry(&mut self, update: &Update, to: &mut Writer) {
        let Update { board, player, entry } = update;
        if self.board != Some(*board) {
            to.byte(BOARD);
            to.signed(board.slot.0);
            to.time(board.period);
            self.board = Some(*board);
        }
        if let Some(uuid) = plain_uuid(player.as_str()) {
            to.byte(ENTRY_OF_UUID);
            to.uuid(uuid);
        } else {
            to.byte(ENTRY_OF_TEXT);
            to.text(player.as_str());
        }
        to.signed(entry.standing.points);
        self.write_time(entry.standing.reached_at, to);
        self.write_time(entry.last_at, to);
        to.signed(entry.attempts);
        let sums = entry.sums.iter().enumerate().filter(|(_, sum)| **sum != 0);
        let taken_back = if entry.taken_back == 0 { 0 } else { TAKEN_BACK };
        to.byte(sums.clone().map(|(place, _)| 1 << place).sum::<u8>() | taken_back);
        for (_, sum) in sums {
            to.signed(*sum);
        }
        if entry.taken_back != 0 {
            to.signed(entry.taken_back);
        }
    }

    fn read_entry(&mut self, player: PlayerId, from: &mut Reader<'_>) -> Result<Update, Damaged> {
        let board = self.board.ok_or(from.damaged("this entry is on no board"))?;
        let points = from.signed()?;
        let reached_at = self.read_time(from)?;
        let last_at = self.read_time(from)?;
        let attempts = from.signed()?;
        let places = from.byte()?;
        if places >= TAKEN_BACK << 1 {
            return Err(from.damaged("no board has so many sums"));
        }
        let mut sums = [0; BOARD_SUMS_MAX];
        for (place, sum) in sums.iter_mut().enumerate() {
            if places & 1 << place != 0 {
                *sum = from.signed()?;
            }
        }
        let taken_back = if places & TAKEN_BACK == 0 { 0 } else { from.signed()? };
        let standing = Standing { points, reached_at };
        let entry = Entry { standing, attempts, last_at, sums, taken_back };
        Ok(Update { board, player, entry })
    }

    fn write_time(&mut self, time: Timestamp, to: &mut Writer) {
        to.signed(time.as_ms().wrapping_sub(self.at_ms));
        self.at_ms = time.as_ms();
    }

    fn read_time(&mut self, from: &mut Reader<'_>) -> Result<Timestamp, Damaged> {
        self.at_ms = self.at_ms.wrapping_add(from.signed()?);
        Timestamp::from_ms(self.at_ms).ok_or(from.damaged("the time lies outside the calendar"))
    }
}

fn read_board(from: &mut Reader<'_>) -> Result<BoardKey, Damaged> {
    Ok(BoardKey { slot: Slot(from.signed()?), period: from.time()? })
}

fn write_ban(PlayerBan { player, ban, version }: &PlayerBan, to: &mut Writer) {
    to.text(player.as_str());
    to.signed(version.0);
    let Some(Ban { shadow, until }) = ban else { return to.byte(NOT_BANNED) };
    let kind = if *shadow { SHADOW } else { BANNED };
    to.byte(kind | if until.is_some() { ENDS } else { 0 });
    if let Some(until) = until {
        to.time(*until);
    }
}

fn read_ban(from: &mut Reader<'_>) -> Result<PlayerBan, Damaged> {
    let player = read_player(from)?;
    let version = Version(from.signed()?);
    let kind = from.byte()?;
    let until = if kind & ENDS == 0 { None } else { Some(from.time()?) };
    let ban = match kind & !ENDS {
        NOT_BANNED if until.is_none() => None,
        BANNED => Some(Ban { shadow: false, until }),
        SHADOW => Some(Ban { shadow: true, until }),
        _ => return Err(from.damaged("there is no such ban")),
    };
    Ok(PlayerBan { player, ban, version })
}

fn read_player(from: &mut Reader<'_>) -> Result<PlayerId, Damaged> {
    PlayerId::new(from.text()?).map_err(|_| from.damaged("this is no player's id"))
}

/// The UUID that a text is, if it comes back out the way it went in: with hyphens, in lower case.
fn plain_uuid(text: &str) -> Option<Uuid> {
    let is_plain = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_plain.then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_number() -> impl Strategy<Value = i64> {
        prop_oneof![4 => -100..100_i64, 1 => any::<i64>()]
    }

    fn any_time() -> impl Strategy<Value = Timestamp> {
        prop_oneof![
            (0..10_000_i64).prop_map(|ms| Timestamp::EPOCH.plus_ms(1_795_392_000_000 + ms)),
            Just(Timestamp::MIN),
            Just(Timestamp::MAX),
        ]
    }

    fn any_player() -> impl Strategy<Value = PlayerId> {
        let uuid = any::<u128>().prop_map(|bits| Uuid::from_u128(bits).to_string());
        let text = prop_oneof![
            uuid.clone(),
            uuid.clone().prop_map(|text| text.to_uppercase()),
            uuid.prop_map(|text| text.replace('-', "")),
            "[a-zé名🎮-]{1,40}",
        ];
        text.prop_map(|text| PlayerId::new(&text).expect("a player id"))
    }

    fn any_update() -> impl Strategy<Value = Update> {
        let board =
            (1..3_i64, any_time()).prop_map(|(slot, period)| BoardKey { slot: Slot(slot), period });
        let sums = prop::array::uniform4(prop_oneof![Just(0_i64), any_number()]);
        let taken_back = prop_oneof![Just(0_i64), any_number()];
        let counts = (any_number(), taken_back);
        (board, any_player(), any_number(), any_time(), counts, any_time(), sums).prop_map(
            |(board, player, points, reached_at, (attempts, taken_back), last_at, sums)| {
                let standing = Standing { points, reached_at };
                let entry = Entry { standing, attempts, last_at, sums, taken_back };
                Update { board, player, entry }
            },
        )
    }

    fn any_ban() -> impl Strategy<Value = Option<Ban>> {
        let until = prop_oneof![Just(None), any_time().prop_map(Some)];
        let ban = (any::<bool>(), until).prop_map(|(shadow, until)| Some(Ban { shadow, until }));
        prop_oneof![Just(None), ban]
    }

    fn any_change() -> impl Strategy<Value = Change> {
        prop_oneof![
            4 => any_update().prop_map(Change::Entry),
            1 => (any_player(), ".{0,20}", any_number()).prop_map(|(player, nickname, version)| {
                Change::Name(PlayerName { player, nickname, version: Version(version) })
            }),
            1 => (any_player(), any_number(), any_ban()).prop_map(|(player, version, ban)| {
                Change::Ban(PlayerBan { player, ban, version: Version(version) })
            }),
            1 => (any_player(), any_number()).prop_map(|(player, count)| {
                Change::Sessions(Revocations { player, count })
            }),
            1 => any::<u128>()
                .prop_map(|bits| Change::Erased(Tombstone(Uuid::from_u128(bits)))),
            1 => any_player().prop_map(|player| Change::Review { player }),
            1 => any_number().prop_map(|version| Change::Plan { version }),
            1 => ("[a-z]{1,9}", any_number())
                .prop_map(|(id, version)| Change::Tournament { id: id.into(), version }),
            1 => (any::<u128>(), any_player()).prop_map(|(prize, player)| {
                Change::Claim { prize: Uuid::from_u128(prize), player }
            }),
            1 => (any::<u128>(), any_player()).prop_map(|(prize, player)| {
                Change::Prize { prize: Uuid::from_u128(prize), player }
            }),
            1 => any_time().prop_map(|before| Change::Removal { before }),
        ]
    }

    proptest! {
        #[test]
        fn every_change_comes_out_as_it_went_in(
            changes in prop::collection::vec(any_change(), 0..40),
        ) {
            prop_assert_eq!(decode(&encode(&changes)), Ok(changes));
        }

        #[test]
        fn any_bytes_are_changes_or_an_error(
            changes in prop::collection::vec(any_change(), 0..6),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            end in any::<prop::sample::Index>(),
        ) {
            let mut bytes = encode(&changes);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(end.index(bytes.len() + 1));
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn an_entry_of_an_ordinary_player_takes_at_most_forty_bytes() {
        let entry = |n: i64| {
            let at = Timestamp::EPOCH.plus_ms(1_795_392_000_000 + n * 977);
            let standing = Standing { points: 40_000 + n, reached_at: at };
            let player = Uuid::from_u128(n.unsigned_abs().into()).to_string();
            Change::Entry(Update {
                board: BoardKey { slot: Slot(3), period: Timestamp::EPOCH },
                player: PlayerId::from_stored(&player),
                entry: Entry {
                    standing,
                    attempts: 300,
                    last_at: at,
                    sums: [90_000, 0, 0, 0],
                    taken_back: 0,
                },
            })
        };
        let bytes = encode(&(0..1_000).map(entry).collect::<Vec<_>>()).len();
        assert!((20_000..40_000).contains(&bytes), "{bytes} bytes for a thousand");
    }
}
