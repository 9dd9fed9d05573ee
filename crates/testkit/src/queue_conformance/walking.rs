//! Everything at once: a seeded walk of pushes, claims, crashes, retries, releases and late
//! settlements by several nodes, with a model beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use scoreline_core::game::Class;
use scoreline_core::queue::{Hold, Leased};
use scoreline_core::time::Timestamp;

use super::Broker;
use super::world::{Node, a_lease, no, node, parcel};
use crate::game::at;

/// Steps of one walk.
const STEPS: u32 = 250;

/// What a walk knows.
struct Walk {
    nodes: Vec<Node>,
    random: u64,
    /// The receipts of parcels that are not settled, by number.
    open: BTreeMap<u32, Timestamp>,
    /// What nodes hold or believe to hold.
    held: Vec<(usize, Leased)>,
    pushed: u32,
    settled_events: u64,
}

impl Walk {
    fn pick(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    fn pick_node(&mut self) -> usize {
        let nodes = self.nodes.len() as u64;
        self.pick(nodes) as usize
    }

    /// Takes one of what is held, with the node that may have lost it meanwhile.
    fn pick_held(&mut self) -> Option<(usize, Leased)> {
        let held = self.held.len() as u64;
        if held == 0 {
            return None;
        }
        let place = self.pick(held) as usize;
        Some(self.held.swap_remove(place))
    }

    async fn step(&mut self, broker: &dyn Broker) {
        match self.pick(16) {
            0..=4 => self.push().await,
            5..=7 => self.claim().await,
            8..=10 => self.settle().await,
            11 => self.retry().await,
            12 => self.release().await,
            13 => broker.age(Duration::from_secs(3)).await,
            14 => broker.age(a_lease()).await,
            // A node dies with all that it holds.
            _ => {
                let dead = self.pick_node();
                self.nodes[dead] = node(broker).await;
                self.held.retain(|(node, _)| *node != dead);
            }
        }
    }

    async fn push(&mut self) {
        let (class, ms) = (Class::ALL[self.pick(3) as usize], self.pick(1_000) as i64);
        self.pushed += 1;
        let parcel = parcel(self.pushed, 1 + self.pick(4) as u32, ms);
        let node = self.pick_node();
        self.nodes[node].push(class, &parcel).await;
        self.open.insert(self.pushed, at(ms));
    }

    async fn claim(&mut self) {
        let (node, events_max) = (self.pick_node(), 1 + self.pick(12) as usize);
        for leased in self.nodes[node].claim(events_max).await {
            assert!(self.open.contains_key(&no(&leased)), "a settled parcel came again");
            self.held.push((node, leased));
        }
    }

    async fn settle(&mut self) {
        let Some((node, leased)) = self.pick_held() else { return };
        let holds = self.nodes[node].settle(std::slice::from_ref(&leased)).await;
        if holds == [Hold::Held] {
            let receipt = self.open.remove(&no(&leased));
            assert!(receipt.is_some(), "a parcel was settled twice");
            self.settled_events += u64::from(leased.parcel.events());
        }
    }

    async fn retry(&mut self) {
        let Some((node, leased)) = self.pick_held() else { return };
        let pause = Duration::from_millis(self.pick(5_000));
        match self.pick(2) {
            0 => self.nodes[node].retry(&[leased], pause).await,
            _ => self.nodes[node].put_off(&[leased], pause).await,
        };
    }

    async fn release(&mut self) {
        let Some((node, leased)) = self.pick_held() else { return };
        self.nodes[node].release(&[leased]).await;
    }

    async fn check(&mut self) {
        let node = self.pick_node();
        let oldest = self.open.values().min().copied();
        assert_eq!(self.nodes[node].watermark().await, oldest);
        let figures = self.nodes[node].figures().await;
        let (mut parcels, mut completed) = (0, 0);
        for (_, class) in figures.by_class.iter() {
            parcels += class.waiting.parcels + class.active.parcels + class.delayed.parcels;
            completed += class.completed;
        }
        assert_eq!(parcels, self.open.len() as u64);
        assert_eq!(completed, self.settled_events);
        assert_eq!(figures.losses.times, 0);
    }
}

pub async fn any_walk_settles_every_parcel_and_never_counts_wrong(broker: &dyn Broker) {
    for seed in 1..=4 {
        let mut walk = Walk {
            nodes: vec![node(broker).await, node(broker).await, node(broker).await],
            random: 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed) | 1,
            open: BTreeMap::new(),
            held: Vec::new(),
            pushed: 0,
            settled_events: settled_before(broker).await,
        };
        for _ in 0..STEPS {
            walk.step(broker).await;
            walk.check().await;
        }
        // All nodes die; a new one does what is left.
        let last = node(broker).await;
        broker.age(a_lease()).await;
        for leased in last.drain().await {
            assert!(walk.open.remove(&no(&leased)).is_some(), "seed {seed}");
            last.settle_all_held(&[leased]).await;
        }
        assert!(walk.open.is_empty(), "seed {seed} lost {:?}", walk.open);
        assert_eq!(last.figures().await.oldest(), None);
    }
}

/// How many events were settled by walks before.
async fn settled_before(broker: &dyn Broker) -> u64 {
    let figures = node(broker).await.figures().await;
    figures.by_class.iter().map(|(_, class)| class.completed).sum()
}
