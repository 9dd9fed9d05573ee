//! How many requests, or KiB, a minute each of many has left, all or nothing: whoever is refused for one of the players
//! that a request names has spent nothing of the others.
//!
//! For each one number is kept: when the allowance would be whole again if nothing more came (GCRA). Where several nodes
//! count together, what was spent here is kept beside it until the others are told, and what they say moves that
//! moment further away; it is never brought nearer.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

/// Nanoseconds of a minute.
const MINUTE_NS: u64 = 60_000_000_000;
/// Whoever spends less than this part of an allowance within a minute at one node is not worth telling the others
/// of: nearly all players.
const UNTOLD_PART: u64 = 32;

/// The allowances of all that were heard of lately.
pub(crate) struct Quotas<K> {
    /// After how long one comes back.
    interval_ns: u64,
    /// After how long all that were spent have come back.
    whole_ns: u64,
    /// From how much on other nodes are told; `None` where there are none.
    tell_from_ns: Option<u64>,
    kept: Mutex<Kept<K>>,
}

struct Kept<K> {
    by_key: HashMap<K, Left>,
    /// Whose spending other nodes must be told of, each once.
    to_tell: Vec<K>,
}

/// What one of them has left, in nanoseconds.
#[derive(Default)]
struct Left {
    /// When the allowance is whole again.
    whole_at: u64,
    /// What was spent here and told to nobody.
    untold: u64,
    /// When that began.
    untold_since: u64,
}

impl<K: Hash + Eq + Clone> Quotas<K> {
    /// `per_minute` requests for each, which may come at once, counted with other nodes or alone.
    pub fn new(per_minute: u32, is_shared: bool) -> Self {
        let per_minute = u64::from(per_minute.max(1));
        let interval_ns = MINUTE_NS / per_minute;
        let whole_ns = interval_ns * per_minute;
        let tell_from_ns = is_shared.then_some(whole_ns / UNTOLD_PART);
        let kept = Mutex::new(Kept { by_key: HashMap::new(), to_tell: Vec::new() });
        Self { interval_ns, whole_ns, tell_from_ns, kept }
    }

    /// Counts what each of these spends, `now_ns` after some fixed moment. If one of them has not as much left,
    /// nothing is counted for any, and the answer is after how many nanoseconds all have.
    /// Whoever spends more than there is in all needs all of it.
    pub fn spend<Q>(&self, of: &[(&Q, u64)], now_ns: u64) -> Result<(), u64>
    where
        K: Borrow<Q> + for<'q> From<&'q Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Kept { by_key, to_tell } = &mut *self.kept.lock();
        let cost_ns = |count: u64| self.interval_ns.saturating_mul(count).min(self.whole_ns);
        let wait_ns = |(key, count): &(&Q, u64)| {
            let whole_at = by_key.get(*key).map_or(0, |left| left.whole_at).max(now_ns);
            (whole_at - now_ns + cost_ns(*count)).saturating_sub(self.whole_ns)
        };
        match of.iter().map(wait_ns).max() {
            Some(longest_ns) if longest_ns > 0 => return Err(longest_ns),
            _ => {}
        }
        for (key, count) in of {
            let left = match by_key.get_mut(*key) {
                Some(left) => left,
                None => by_key.entry(K::from(*key)).or_default(),
            };
            left.whole_at = now_ns.max(left.whole_at) + cost_ns(*count);
            if let Some(from_ns) = self.tell_from_ns
                && left.is_to_be_told(cost_ns(*count), from_ns, now_ns)
            {
                to_tell.push(K::from(*key));
            }
        }
        Ok(())
    }

    /// Counts one for one of them.
    pub fn spend_one(&self, key: &K, now_ns: u64) -> Result<(), u64>
    where
        K: for<'q> From<&'q K>,
    {
        self.spend(&[(key, 1)], now_ns)
    }

    /// What was spent here that others must be told of, at most `most` of them. It counts as told from now on.
    pub fn take_untold(&self, most: usize) -> Vec<(K, u64)> {
        let Kept { by_key, to_tell } = &mut *self.kept.lock();
        let from = to_tell.len().saturating_sub(most);
        let spent = to_tell.drain(from..).filter_map(|key| {
            let left = by_key.get_mut(&key)?;
            Some((key, std::mem::take(&mut left.untold)))
        });
        spent.collect()
    }

    /// Takes in how long all nodes together say that it takes until the allowance of one is whole, where that is longer
    /// than it looks from here.
    pub fn learn(&self, key: &K, whole_in_ns: u64, now_ns: u64) {
        if let Some(left) = self.kept.lock().by_key.get_mut(key) {
            // What was spent here since they were told comes on top.
            let whole_at = now_ns.saturating_add(whole_in_ns).saturating_add(left.untold);
            left.whole_at = left.whole_at.max(whole_at);
        }
    }

    /// Forgets those whose allowance is whole.
    pub fn tidy(&self, now_ns: u64) {
        let Kept { by_key, to_tell } = &mut *self.kept.lock();
        by_key.retain(|_, left| left.whole_at > now_ns || left.is_recent(now_ns));
        to_tell.retain(|key| by_key.contains_key(key));
    }
}

impl Left {
    /// Whether something was spent within the last minute that others may have to be told of.
    fn is_recent(&self, now_ns: u64) -> bool {
        self.untold > 0 && self.untold_since.saturating_add(MINUTE_NS) > now_ns
    }

    /// Adds what was spent to what is untold; answers whether that is enough now, and was not before.
    fn is_to_be_told(&mut self, cost_ns: u64, from_ns: u64, now_ns: u64) -> bool {
        let was_enough = self.untold > 0 && self.untold >= from_ns;
        if !was_enough && (self.untold == 0 || now_ns.saturating_sub(self.untold_since) > MINUTE_NS)
        {
            (self.untold, self.untold_since) = (0, now_ns);
        }
        self.untold += cost_ns;
        !was_enough && self.untold >= from_ns
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn alone(per_minute: u32) -> Quotas<Arc<str>> {
        Quotas::new(per_minute, false)
    }

    fn shared(per_minute: u32) -> Quotas<Arc<str>> {
        Quotas::new(per_minute, true)
    }

    /// Tells all nodes what each spent, as what they share would.
    fn exchange(nodes: &[&Quotas<Arc<str>>], whole_at: &mut HashMap<Arc<str>, u64>, now_ns: u64) {
        for node in nodes {
            for (key, cost_ns) in node.take_untold(usize::MAX) {
                let whole = whole_at.entry(Arc::clone(&key)).or_default();
                *whole = now_ns.max(*whole) + cost_ns;
                node.learn(&key, *whole - now_ns, now_ns);
            }
        }
    }

    #[test]
    fn an_allowance_is_spent_and_comes_back_evenly() {
        let quotas = alone(3);
        for _ in 0..3 {
            assert_eq!(quotas.spend(&[("ann", 1)], 0), Ok(()));
        }
        assert_eq!(quotas.spend(&[("ann", 1)], 0), Err(20 * SECOND_NS));
        assert_eq!(quotas.spend(&[("ben", 1)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ann", 1)], 20 * SECOND_NS), Ok(()));
        assert!(quotas.spend(&[("ann", 1)], 20 * SECOND_NS).is_err());
    }

    #[test]
    fn much_at_once_takes_as_long_to_come_back_and_too_much_takes_all() {
        let quotas = alone(6);
        assert_eq!(quotas.spend(&[("ann", 4)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ann", 3)], 0), Err(10 * SECOND_NS));
        assert_eq!(quotas.spend(&[("ann", 2)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ben", 100)], 0), Ok(()), "nobody has more");
        assert_eq!(quotas.spend(&[("ben", 100)], 0), Err(60 * SECOND_NS));
    }

    #[test]
    fn a_request_that_is_refused_for_one_spends_nothing_of_the_others() {
        let quotas = alone(1);
        assert_eq!(quotas.spend(&[("ann", 1)], 0), Ok(()));
        for _ in 0..10 {
            assert_eq!(quotas.spend(&[("ben", 1), ("ann", 1)], 0), Err(60 * SECOND_NS));
        }
        assert_eq!(quotas.spend(&[("ben", 1)], 0), Ok(()), "nobody wore it out");
    }

    #[test]
    fn whose_allowance_is_whole_again_is_forgotten() {
        let quotas = alone(2);
        let later_ns = 100 * SECOND_NS;
        quotas.spend(&[("ann", 1), ("ben", 1)], later_ns).expect("they have enough");
        quotas.spend(&[("ben", 1)], later_ns).expect("one more");
        quotas.tidy(later_ns + 30 * SECOND_NS);
        let kept: Vec<Arc<str>> = quotas.kept.lock().by_key.keys().cloned().collect();
        assert_eq!(kept, [Arc::from("ben")]);
    }

    #[test]
    fn what_others_count_is_spent_here_too_and_comes_back() {
        let (one, two, mut whole_at) = (shared(4), shared(4), HashMap::new());
        for _ in 0..3 {
            one.spend(&[("ann", 1)], 0).expect("there are four");
        }
        two.spend(&[("ann", 1)], 0).expect("it has heard nothing yet");
        exchange(&[&one, &two], &mut whole_at, 0);
        assert_eq!(two.spend(&[("ann", 1)], 0), Err(15 * SECOND_NS), "together they took four");
        one.spend(&[("ann", 1)], 0).expect("it heard of the one after it told of its three");
        exchange(&[&one, &two], &mut whole_at, 0);
        assert_eq!(one.spend(&[("ann", 1)], 0), Err(30 * SECOND_NS), "what was too much is owed");
        assert_eq!(two.spend(&[("ann", 1)], 15 * SECOND_NS), Ok(()));
    }

    #[test]
    fn what_is_spent_while_others_are_told_is_not_lost() {
        let quotas = shared(2);
        quotas.spend(&[("ann", 1)], 0).expect("the first");
        let told = quotas.take_untold(usize::MAX);
        assert_eq!(told, [(Arc::from("ann"), 30 * SECOND_NS)]);
        quotas.spend(&[("ann", 1)], 0).expect("the second, meanwhile");
        quotas.learn(&Arc::from("ann"), 30 * SECOND_NS, 0);
        assert_eq!(quotas.spend(&[("ann", 1)], 0), Err(30 * SECOND_NS));
        assert_eq!(quotas.take_untold(usize::MAX), [(Arc::from("ann"), 30 * SECOND_NS)]);
    }

    #[test]
    fn nobody_is_told_of_players_who_ask_a_little() {
        let quotas = shared(320);
        for minute in 0..5 {
            for _ in 0..9 {
                quotas.spend(&[("ann", 1)], minute * 61 * SECOND_NS).expect("she has many");
            }
        }
        assert!(quotas.take_untold(usize::MAX).is_empty());
        quotas.spend(&[("ann", 1)], 4 * 61 * SECOND_NS).expect("the tenth within a minute");
        assert_eq!(quotas.take_untold(usize::MAX).len(), 1);
        assert!(quotas.take_untold(usize::MAX).is_empty(), "once");
    }

    #[test]
    fn however_a_player_spreads_requests_over_nodes_they_get_what_one_node_gives() {
        let nodes = [shared(320), shared(320), shared(320)];
        let (mut whole_at, mut taken) = (HashMap::new(), 0_u64);
        let tick_ns = SECOND_NS / 5;
        // Ten minutes of 15 requests a second to each node, told five times a second.
        for tick in 0..10 * 60 * 5 {
            for node in &nodes {
                taken += (0..3)
                    .filter(|_| node.spend(&[("ann", 1)], tick * tick_ns).is_ok())
                    .count() as u64;
            }
            exchange(&nodes.each_ref(), &mut whole_at, tick * tick_ns);
        }
        let (fair, untold) = (320 * 11, 3 * 10 * 10);
        assert!((fair - 32..fair + untold).contains(&taken), "{taken} of {fair}");
    }

    #[test]
    fn what_is_taken_at_most_leaves_the_rest_for_the_next_time() {
        let quotas = shared(1);
        for player in ["ann", "ben", "eve"] {
            quotas.spend(&[(player, 1)], 0).expect("the first of each");
        }
        assert_eq!(quotas.take_untold(2).len(), 2);
        assert_eq!(quotas.take_untold(2).len(), 1);
    }
}
