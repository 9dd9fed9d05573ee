//! Claims: how much of each class is leased, and in which order.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use scoreline_core::game::Class;
use scoreline_core::limits::QUEUE_CLAIM_BYTES_MAX;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{ByClass, Lease, Leased, Parcel, Result};
use scoreline_core::time::Timestamp;

use crate::answer::Seen;
use crate::classes::{Classes, Ran};
use crate::leases;
use crate::scripts;

/// How many parcels one run of a script leases at most, so that it does not keep others waiting.
const PARCELS_MAX: usize = 1_000;
/// How often a claim asks again for what classes left over.
const ROUNDS_MAX: usize = 3;

/// What a claim brought.
pub(crate) struct Claimed {
    /// The most urgent class first.
    pub leased: Vec<Leased>,
    /// How long until there may be something to claim that cannot be claimed now.
    pub others_in: Option<Duration>,
}

/// What one class gave to a claim.
struct OfClass {
    leased: Vec<Leased>,
    others_in: Option<Duration>,
    /// How many more events could have been claimed.
    left: u64,
}

/// A parcel as scripts answer it: id, delivery, events, receipt, attempts before, encoded events.
type Raw = (String, u32, u32, i64, u32, Vec<u8>);

/// Leases parcels of about `events_max` events by the shares. Each class is asked for its share first,
/// and then for what the others left, unless what came is large.
///
/// If one class fails, what the others gave is answered: it is leased already.
pub(crate) async fn claim(
    classes: &Classes,
    events_max: usize,
    shares: &Shares,
    lease: Duration,
) -> Result<Claimed> {
    let mut leased = ByClass::<Vec<Leased>>::default();
    let (mut others_in, mut failed) = (None, None);
    let (mut left, mut wanted) = (events_max as u64, ByClass([u64::MAX; 3]));
    for _ in 0..ROUNDS_MAX {
        let quotas = shares.quotas(left, &wanted);
        let bytes: usize = leased.0.iter().flatten().map(|one| one.parcel.encoded().len()).sum();
        if quotas == ByClass::default() || bytes >= QUEUE_CLAIM_BYTES_MAX {
            break;
        }
        let asked = quotas.iter().map(|(class, quota)| of_class(classes, class, *quota, lease));
        others_in = None;
        for (class, given) in Class::ALL.into_iter().zip(join_all(asked).await) {
            let given = match given {
                Ok(given) => given,
                Err(error) => {
                    wanted[class] = 0;
                    failed = Some(error);
                    continue;
                }
            };
            let events: u64 = given.leased.iter().map(|one| u64::from(one.lease.events)).sum();
            left = left.saturating_sub(events);
            leased[class].extend(given.leased);
            wanted[class] = given.left;
            others_in = others_in.into_iter().chain(given.others_in).min();
        }
    }
    let leased: Vec<Leased> = leased.0.into_iter().flatten().collect();
    match failed {
        Some(error) if leased.is_empty() => Err(error),
        _ => Ok(Claimed { leased, others_in }),
    }
}

async fn of_class(classes: &Classes, class: Class, quota: u64, lease: Duration) -> Result<OfClass> {
    let mut found = new_parcels(classes, class, quota, PARCELS_MAX, false).await?;
    if found.is_others_first {
        let taken = take_up(classes, class, quota, lease).await?;
        let events: u64 = taken.iter().map(|one| u64::from(one.lease.events)).sum();
        let (quota, parcels) = (quota.saturating_sub(events), PARCELS_MAX - taken.len());
        match promoted_and_new(classes, class, quota, parcels).await {
            Ok(then) => found = then,
            Err(error) if taken.is_empty() => return Err(error),
            Err(_) => found.others_in = Some(Duration::ZERO),
        }
        found.leased.splice(..0, taken);
    }
    if found.is_missing {
        classes.recount(class).await?;
    }
    let New { leased, others_in, seen, .. } = found;
    // How much work was given back or has stalled is not known before it is claimed.
    let left = if others_in == Some(Duration::ZERO) { u64::MAX } else { seen.waiting };
    Ok(OfClass { leased, others_in, left: if seen.paused { 0 } else { left } })
}

/// Leases parcels that were given back and those whose lease ran out.
async fn take_up(
    classes: &Classes,
    class: Class,
    quota: u64,
    lease: Duration,
) -> Result<Vec<Leased>> {
    let lease_ms = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
    let mut ran = classes
        .run(class, &scripts::TAKE_UP, |cmd, _| {
            cmd.arg(quota).arg(PARCELS_MAX).arg(lease_ms).arg(QUEUE_CLAIM_BYTES_MAX);
        })
        .await?;
    let leased = read(class, &mut ran)?;
    let missing: u32 = ran.answer.next()?;
    if missing > 0 && leased.is_empty() {
        classes.recount(class).await?;
    }
    Ok(leased)
}

/// Puts parcels whose pause is over back into the stream, then leases new parcels.
async fn promoted_and_new(
    classes: &Classes,
    class: Class,
    quota: u64,
    parcels: usize,
) -> Result<New> {
    classes
        .run(class, &scripts::PROMOTE, |cmd, _| {
            cmd.arg(PARCELS_MAX);
        })
        .await?;
    new_parcels(classes, class, quota, parcels, true).await
}

/// The result of looking for new parcels.
struct New {
    leased: Vec<Leased>,
    others_in: Option<Duration>,
    seen: Seen,
    is_others_first: bool,
    is_missing: bool,
}

async fn new_parcels(
    classes: &Classes,
    class: Class,
    events: u64,
    parcels: usize,
    are_others_done: bool,
) -> Result<New> {
    let mut ran = classes
        .run(class, &scripts::CLAIM, |cmd, _| {
            cmd.arg(events).arg(parcels).arg(u8::from(are_others_done)).arg(QUEUE_CLAIM_BYTES_MAX);
        })
        .await?;
    let state: u8 = ran.answer.next()?;
    let others_in_ms: i64 = ran.answer.next()?;
    Ok(New {
        leased: read(class, &mut ran)?,
        others_in: u64::try_from(others_in_ms).ok().map(Duration::from_millis),
        seen: ran.seen,
        is_others_first: state == 1,
        is_missing: state == 2,
    })
}

fn read(class: Class, ran: &mut Ran) -> Result<Vec<Leased>> {
    let raw: Vec<Raw> = ran.answer.next()?;
    let generation = ran.generation;
    let leased = raw.into_iter().map(|(id, delivery, events, receipt, attempts, encoded)| {
        let received_at = Timestamp::from_stored_ms(receipt);
        let id = Arc::from(leases::name(&id, generation));
        Leased {
            parcel: Parcel::from_stored(Arc::from(encoded), events, received_at),
            attempts: attempts.saturating_add(delivery.saturating_sub(1)),
            lease: Lease { class, id, delivery, events },
        }
    });
    Ok(leased.collect())
}
