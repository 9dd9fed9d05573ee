//! The order against a plain sorted list, with blocks so small that they split and join often.

use proptest::prelude::*;
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Entry, Standing};
use scoreline_core::time::Timestamp;

use super::*;

/// A standing that a player gets, and as of which version.
type Step = (u8, i64, Standing);

fn any_standing() -> impl Strategy<Value = Standing> {
    let points = prop_oneof![
        3 => -2..3_i64,
        3 => 0..1_000_i64,
        1 => prop::sample::select(&[i64::MIN, i64::MAX, -i64::MAX][..]),
    ];
    (points, 0..3_i64)
        .prop_map(|(points, ms)| Standing { points, reached_at: Timestamp::EPOCH.plus_ms(ms) })
}

fn any_steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..60_u8, any_version(), any_standing()), 0..max)
}

fn any_version() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..40_i64, 1 => i64::MAX - 3..i64::MAX]
}

/// An entry whose other numbers follow from its version.
fn entry(version: i64, standing: Standing) -> Entry {
    let last_at = standing.reached_at.plus_ms(version % 1_000);
    let mut sums = [0; BOARD_SUMS_MAX];
    sums[0] = version.wrapping_mul(7_919);
    Entry { standing, attempts: version, last_at, sums, taken_back: 0 }
}

/// The order and the list that it must equal.
struct Pair {
    players: Players,
    numbers: Vec<PlayerNo>,
    order: Order,
    list: Vec<Step>,
}

impl Pair {
    fn new(entries: &[Step]) -> Self {
        let mut players = Players::default();
        let numbers: Vec<PlayerNo> = (0..60).map(|n| players.hold(&format!("p{n:02}"))).collect();
        let mut pair = Self { players, numbers, order: Order::default(), list: Vec::new() };
        for entry in entries {
            pair.list.retain(|(known, ..)| *known != entry.0);
            pair.list.push(*entry);
        }
        pair.sort();
        for entry in &pair.list {
            assert!(pair.order.push_last(pair.ranked(entry)));
        }
        pair.order.finish();
        pair
    }

    fn ranked(&self, (player, version, standing): &Step) -> Ranked {
        let player = self.numbers[usize::from(*player)];
        Ranked { player, entry: entry(*version, *standing) }
    }

    fn sort(&mut self) {
        self.list.sort_by(|(a, _, a_at), (b, _, b_at)| {
            (b_at.points, a_at.reached_at, a).cmp(&(a_at.points, b_at.reached_at, b))
        });
    }

    fn take(&mut self, step: &Step) {
        let known = self.list.iter().position(|(player, ..)| *player == step.0);
        let passed_over = known.is_some_and(|known| step.1 <= self.list[known].1);
        if !passed_over {
            if let Some(known) = known {
                self.list.remove(known);
            }
            self.list.push(*step);
            self.sort();
        }
        let ranked = self.ranked(step);
        assert_eq!(self.order.set(ranked, &self.players), known.is_none());
    }

    fn check(&self) {
        let order = &self.order;
        assert_eq!(order.len(), self.list.len() as u64);
        for (rank, entry) in (1..).zip(&self.list) {
            let ranked = self.ranked(entry);
            assert_eq!(order.find(ranked.player), Some((rank, ranked)));
        }
        for offset in 0..self.list.len() + 2 {
            let expected: Vec<(u64, String)> = (1..)
                .zip(&self.list)
                .skip(offset)
                .take(7)
                .map(|(rank, (player, ..))| (rank, format!("p{player:02}")))
                .collect();
            let found: Vec<(u64, String)> = order
                .places(offset as u64, 7, &self.players)
                .into_iter()
                .map(|place| (place.rank, place.player.to_string()))
                .collect();
            assert_eq!(found, expected);
        }
        self.check_blocks();
    }

    fn check_blocks(&self) {
        let order = &self.order;
        assert_eq!(order.sequence.len() + order.unused.len(), order.blocks.len());
        for (position, block) in order.sequence.iter().enumerate() {
            let entries = &order.blocks[block.index()];
            assert!((1..=BLOCK_MAX).contains(&entries.len()));
            assert_eq!(order.firsts[position], seat(&entries.get(0)));
            assert_eq!(order.positions[block.index()] as usize, position);
        }
    }
}

proptest! {
    #[test]
    fn any_changes_leave_the_order_of_a_sorted_list(
        start in any_steps(60),
        steps in any_steps(120),
    ) {
        let mut pair = Pair::new(&start);
        pair.check();
        for step in &steps {
            pair.take(step);
            pair.check_blocks();
        }
        pair.check();
    }
}

#[test]
fn blocks_that_thin_out_are_joined() {
    let standing = |points| Standing { points, reached_at: Timestamp::EPOCH };
    let all: Vec<Step> = (0..60).map(|n| (n, 1, standing(i64::from(n)))).collect();
    let mut pair = Pair::new(&all);
    // Three quarters of the players move to the end, in an order of their own.
    for player in (0..60).filter(|n| n % 4 != 0) {
        pair.take(&(player, 2, standing(-100 - i64::from(player) * 7 % 60)));
        pair.check_blocks();
    }
    pair.check();
    let blocks = pair.order.sequence.len();
    assert!(blocks <= 60 / BLOCK_MIN, "{blocks} blocks are filled well enough");
}

#[test]
fn a_block_that_all_players_leave_is_used_again() {
    let standing = |points| Standing { points, reached_at: Timestamp::EPOCH };
    let mut pair = Pair::new(&[(0, 1, standing(9))]);
    for version in 2..50 {
        pair.take(&(0, version, standing(version)));
        pair.check();
    }
    assert_eq!(pair.order.blocks.len(), 1);
}

#[test]
fn a_player_that_is_pushed_twice_keeps_the_better_entry() {
    let mut players = Players::default();
    let player = players.hold("twice");
    let entry = |points| Ranked {
        player,
        entry: entry(1, Standing { points, reached_at: Timestamp::EPOCH }),
    };
    let mut order = Order::with_capacity(2, None);
    assert!(order.push_last(entry(2)));
    assert!(!order.push_last(entry(1)));
    order.finish();
    assert_eq!((order.len(), order.find(player)), (1, Some((1, entry(2)))));
}
