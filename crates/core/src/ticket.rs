//! Tickets for runs: the answer to the beginning of a run brings one, and its end must bring it back, once. Pure.
//!
//! A ticket is `t1.<run>.<time>.<mac>`: the id of the event that began the run, when the server took it in, in milliseconds
//! since 1970, and HMAC-SHA256, cut to 16 bytes, over these, the player and the type that begins. The key lies in the
//! database, so that every node knows a ticket of any other, and nothing has to be kept until it comes back. That it
//! came back is kept, as long as it would be good.
//!
//! Whoever was moved to another id brings tickets that were given to the former one: they are as good as their own.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::game::Tickets;
use crate::id::{EventKey, PlayerId};
use crate::time::Timestamp;

/// Bytes of the signature.
const MAC_BYTES: usize = 16;

/// What tickets are signed with.
#[derive(Clone)]
pub struct TicketKey(Arc<str>);

/// The key stays out of logs.
impl std::fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketKey")
    }
}

/// A ticket that this game gave to a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The event that began the run.
    pub run: Uuid,
    /// When it was given.
    pub given_at: Timestamp,
}

/// A ticket that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTicket {
    /// The player, and the event that began the run.
    pub run: EventKey,
    /// From when on it would not be good any more.
    pub until: Timestamp,
}

/// What is wrong with what an event brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketFault {
    /// It brings none.
    Missing,
    /// It is none that this game gave to this player.
    Forged,
    /// It came back before.
    Used,
    /// It came back after this many milliseconds.
    TooEarly(i64),
    /// It came back after this many milliseconds.
    TooLate(i64),
}

impl TicketKey {
    /// The key that a store keeps.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The ticket for a run of this player that an event of this type and id began.
    pub fn give(&self, player: &PlayerId, begins: &str, ticket: Ticket) -> String {
        let Ticket { run, given_at } = ticket;
        let whole = self.mac(player, begins, ticket).finalize().into_bytes();
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&whole[..MAC_BYTES]);
        let mac = Uuid::from_bytes(mac).simple();
        format!("t1.{}.{}.{mac}", run.simple(), given_at.as_ms())
    }

    /// What a text says, if it is a ticket that was given to one of these ids of a player.
    pub fn read<'p>(
        &self,
        mut players: impl Iterator<Item = &'p PlayerId>,
        begins: &str,
        text: &str,
    ) -> Option<Ticket> {
        let (ticket, mac) = parts(text)?;
        let is_theirs =
            |player| self.mac(player, begins, ticket).verify_truncated_left(mac.as_bytes()).is_ok();
        players.any(is_theirs).then_some(ticket)
    }

    fn mac(&self, player: &PlayerId, begins: &str, ticket: Ticket) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes());
        let mac = mac.expect("HMAC takes keys of any length");
        let texts = ["ticket", player.as_str(), begins];
        let mac = texts.iter().fold(mac, |mac, text| {
            mac.chain_update((text.len() as u64).to_be_bytes()).chain_update(text.as_bytes())
        });
        mac.chain_update(ticket.run.as_bytes()).chain_update(ticket.given_at.as_ms().to_be_bytes())
    }
}

/// What a text says, and its signature, which nobody has looked at.
fn parts(text: &str) -> Option<(Ticket, Uuid)> {
    let mut parts = text.split('.');
    let (Some("t1"), Some(run), Some(given_at), Some(mac), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (run, mac) = (plain(run)?, plain(mac)?);
    let given_at = given_at.parse().ok().and_then(Timestamp::from_ms)?;
    Some((Ticket { run, given_at }, mac))
}

/// Sixteen bytes, written in one way only.
fn plain(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.simple().to_string() == text)
}

impl Ticket {
    /// The event that began the run, as a text says that may be forged.
    pub fn claimed_run(text: &str) -> Option<Uuid> {
        parts(text).map(|(ticket, _)| ticket.run)
    }
}

impl Tickets {
    /// What is wrong with a ticket that comes back at `at`.
    pub fn fault_of(&self, ticket: Ticket, at: Timestamp, is_used: bool) -> Option<TicketFault> {
        let after_ms = at.ms_since(ticket.given_at);
        if is_used {
            Some(TicketFault::Used)
        } else if after_ms < self.least_ms {
            Some(TicketFault::TooEarly(after_ms))
        } else {
            (after_ms >= self.good_ms).then_some(TicketFault::TooLate(after_ms))
        }
    }

    /// That a ticket came back, as it is kept.
    pub fn used(&self, player: &PlayerId, ticket: Ticket) -> UsedTicket {
        let run = EventKey { player: player.clone(), id: ticket.run };
        UsedTicket { run, until: ticket.given_at.plus_ms(self.good_ms) }
    }

    /// The same in words.
    pub fn told(&self, fault: TicketFault) -> String {
        let seconds = |ms: i64| ms as f64 / 1_000.0;
        match fault {
            TicketFault::Missing => format!("brings no ticket in {}", self.field),
            TicketFault::Forged => "brings a ticket that was not given to this player".to_owned(),
            TicketFault::Used => "brings a ticket that came back before".to_owned(),
            TicketFault::TooEarly(ms) => format!(
                "brings its ticket back after {} s; less than {} s is not believed",
                seconds(ms),
                seconds(self.least_ms)
            ),
            TicketFault::TooLate(ms) => format!(
                "brings its ticket back after {} s; it was good for {} s",
                seconds(ms),
                seconds(self.good_ms)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Consequence;

    fn ticket(ms: i64) -> Ticket {
        Ticket { run: Uuid::from_u128(7), given_at: Timestamp::EPOCH.plus_ms(ms) }
    }

    #[test]
    fn a_ticket_is_good_for_its_player_and_type_and_as_it_was_given_only() {
        let (key, ann) = (TicketKey::new("key"), PlayerId::from_stored("ann"));
        let bob = PlayerId::from_stored("bob");
        let text = key.give(&ann, "begun", ticket(5));
        let read =
            |ids: &[&PlayerId], begins, text: &str| key.read(ids.iter().copied(), begins, text);
        assert_eq!(read(&[&ann], "begun", &text), Some(ticket(5)));
        assert_eq!(read(&[&bob, &ann], "begun", &text), Some(ticket(5)), "who was ann before");
        assert_eq!(read(&[&bob], "begun", &text), None);
        assert_eq!(read(&[&ann], "other", &text), None);
        let other = TicketKey::new("yek");
        assert_eq!(other.read(std::iter::once(&ann), "begun", &text), None);
        assert_eq!(Ticket::claimed_run(&text), Some(Uuid::from_u128(7)));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(read(&[&ann], "begun", &changed), None, "{changed}");
        }
        for nonsense in ["", "t1", "t1...", "t1.0.0.é", "t1.é.0.00"] {
            assert_eq!(read(&[&ann], "begun", nonsense), None);
            assert_eq!(Ticket::claimed_run(nonsense), None);
        }
    }

    #[test]
    fn a_ticket_is_good_once_and_within_its_time() {
        let tickets = Tickets {
            begins: Arc::from("begun"),
            ends: Arc::from("ended"),
            field: Arc::from("ticket"),
            least_ms: 5_000,
            good_ms: 60_000,
            then: Consequence::Review,
        };
        let fault = |ms, used| tickets.fault_of(ticket(1_000), Timestamp::EPOCH.plus_ms(ms), used);
        assert_eq!([fault(6_000, false), fault(60_999, false)], [None, None]);
        assert_eq!(fault(5_999, false), Some(TicketFault::TooEarly(4_999)));
        assert_eq!(fault(61_000, false), Some(TicketFault::TooLate(60_000)));
        assert_eq!(fault(6_000, true), Some(TicketFault::Used));
        let used = tickets.used(&PlayerId::from_stored("ann"), ticket(1_000));
        assert_eq!(used.until, Timestamp::EPOCH.plus_ms(61_000));
        for fault in [TicketFault::Missing, TicketFault::Forged, TicketFault::TooEarly(1)] {
            assert!(tickets.told(fault).starts_with("brings"));
        }
    }
}
