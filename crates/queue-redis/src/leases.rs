//! Hands leases to scripts and reads what became of each.

use futures_util::future::try_join_all;
use redis::Cmd;
use scoreline_core::game::Class;
use scoreline_core::queue::{ByClass, Hold, Lease, Result, Settled};
use scoreline_redis_link::Source;

use crate::classes::Classes;
use crate::error::unexpected;

/// How many leases one run of a script is given, so that it does not keep others waiting.
const LEASES_MAX: usize = 256;
/// An id that no parcel has.
const NO_ID: &str = "0-0";

/// The name of a lease: the id of the parcel and the generation of the class in which it was leased.
pub(crate) fn name(id: &str, generation: u32) -> String {
    format!("{id}/{generation}")
}

/// The id of the parcel, if the lease is of this generation.
fn id(lease: &Lease, generation: u32) -> &str {
    match lease.id.split_once('/') {
        Some((id, of)) if of.parse() == Ok(generation) => id,
        _ => NO_ID,
    }
}

/// Runs a script on leases, each in its class, and answers in their order who held each parcel.
pub(crate) async fn run(
    classes: &Classes,
    script: &Source,
    extra: [u64; 2],
    leases: &[Settled],
) -> Result<Vec<Hold>> {
    let mut places = ByClass::<Vec<usize>>::default();
    for (place, settled) in leases.iter().enumerate() {
        places[settled.lease.class].push(place);
    }
    let runs = places.iter().flat_map(|(class, places)| {
        places.chunks(LEASES_MAX).map(move |places| async move {
            let part: Vec<&Settled> = places.iter().map(|place| &leases[*place]).collect();
            Ok((places, run_part(classes, class, script, extra, &part).await?))
        })
    });
    let mut holds = vec![Hold::Gone; leases.len()];
    for (places, part) in try_join_all(runs).await? {
        for (place, hold) in places.iter().zip(part) {
            holds[*place] = hold;
        }
    }
    Ok(holds)
}

async fn run_part(
    classes: &Classes,
    class: Class,
    script: &Source,
    extra: [u64; 2],
    leases: &[&Settled],
) -> Result<Vec<Hold>> {
    let arguments = |cmd: &mut Cmd, generation: u32| {
        cmd.arg(&extra);
        for Settled { lease, dead } in leases {
            let Lease { delivery, events, .. } = lease;
            cmd.arg(id(lease, generation)).arg(delivery).arg(events).arg(dead);
        }
    };
    let holds: Vec<u8> = classes.run(class, script, arguments).await?.answer.next()?;
    if holds.len() != leases.len() {
        return Err(unexpected("a script answers for each lease"));
    }
    Ok(holds.into_iter().map(hold).collect())
}

/// The numbers are those of `hold.lua`.
fn hold(number: u8) -> Hold {
    match number {
        0 => Hold::Held,
        1 => Hold::Taken,
        _ => Hold::Gone,
    }
}
