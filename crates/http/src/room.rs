//! Room in memory for large bodies: so much in all, and a part of it for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::limits::{BODIES_ADDRESS_SHARE, BODIES_BYTES_MAX, BODY_BYTES_ORDINARY};

/// The room for large bodies.
pub(crate) struct Room {
    bytes_max: usize,
    of_address_max: usize,
    taken: Mutex<HashMap<Option<IpAddr>, usize>>,
}

/// Room that one body takes. It is free again when this is dropped.
pub(crate) struct Taken {
    room: Arc<Room>,
    from: Option<IpAddr>,
    bytes: usize,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// All of it is taken.
    InAll,
    /// What the address may take is taken.
    OfAddress,
}

impl Room {
    /// Room for bodies of at most `body_bytes_max` bytes. The largest one always has room, received and
    /// decompressed, if no other large one is under way.
    pub fn new(body_bytes_max: usize) -> Self {
        let largest = body_bytes_max.saturating_mul(3);
        Self {
            bytes_max: BODIES_BYTES_MAX.max(largest),
            of_address_max: (BODIES_BYTES_MAX / BODIES_ADDRESS_SHARE).max(largest),
            taken: Mutex::default(),
        }
    }

    /// No room yet, for a body from `from`.
    pub fn of(self: &Arc<Self>, from: Option<IpAddr>) -> Taken {
        Taken { room: Arc::clone(self), from, bytes: 0 }
    }
}

impl Taken {
    /// Where the body comes from.
    pub fn from(&self) -> Option<IpAddr> {
        self.from
    }

    /// The bytes that it takes so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes room until it is that of `bytes` bytes. Bodies of ordinary size need none.
    pub fn reach(&mut self, bytes: usize) -> Result<(), NoRoom> {
        if bytes <= self.bytes || bytes <= BODY_BYTES_ORDINARY {
            return Ok(());
        }
        let more = bytes - self.bytes;
        let mut taken = self.room.taken.lock();
        let of_address = taken.get(&self.from).copied().unwrap_or(0) + more;
        if of_address > self.room.of_address_max {
            return Err(NoRoom::OfAddress);
        }
        // There are few large bodies at a time.
        if taken.values().sum::<usize>() + more > self.room.bytes_max {
            return Err(NoRoom::InAll);
        }
        taken.insert(self.from, of_address);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut taken = self.room.taken.lock();
        if let Some(of_address) = taken.get_mut(&self.from) {
            *of_address -= self.bytes;
            if *of_address == 0 {
                taken.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: usize = BODIES_BYTES_MAX / BODIES_ADDRESS_SHARE;

    fn body(room: &Arc<Room>, last: u8) -> Taken {
        room.of(Some(IpAddr::from([10, 0, 0, last])))
    }

    #[test]
    fn room_that_was_taken_comes_back_however_a_request_ends() {
        let room = Arc::new(Room::new(1));
        let mut first = body(&room, 1);
        first.reach(SHARE).expect("there is room");
        assert_eq!(body(&room, 1).reach(BODY_BYTES_ORDINARY + 1), Err(NoRoom::OfAddress));
        body(&room, 1).reach(BODY_BYTES_ORDINARY).expect("ordinary bodies never ask");
        drop(first);
        body(&room, 1).reach(SHARE).expect("all of it is free again");
        assert!(room.taken.lock().is_empty());
    }

    #[test]
    fn an_address_that_has_taken_its_part_leaves_the_rest_to_others() {
        let room = Arc::new(Room::new(1));
        let share = u8::try_from(BODIES_ADDRESS_SHARE).expect("few");
        let mut all: Vec<Taken> = (0..share).map(|last| body(&room, last)).collect();
        for taken in &mut all {
            taken.reach(SHARE).expect("a part for each");
        }
        assert_eq!(body(&room, share).reach(SHARE), Err(NoRoom::InAll));
        all.pop();
        body(&room, share).reach(SHARE).expect("what one gives back another may take");
    }

    #[test]
    fn the_largest_body_always_has_room_for_itself_and_what_it_inflates_to() {
        let max = BODIES_BYTES_MAX - 1;
        let mut taken = Arc::new(Room::new(max)).of(None);
        taken.reach(max.next_power_of_two()).expect("received");
        taken.reach(taken.bytes() + max).expect("inflated");
    }
}
