//! The order against a plain sorted list, with blocks so small that they split and join often.

use proptest::prelude::*;
use scoreline_core::rank::Standing;
use scoreline_core::time::Timestamp;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Set(u8, Standing),
    Remove(u8),
}

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
    let step = prop_oneof![
        3 => (0..60_u8, any_standing()).prop_map(|(player, standing)| Step::Set(player, standing)),
        1 => (0..60_u8).prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..max)
}

/// The order and the list that it must equal.
struct Pair {
    players: Players,
    numbers: Vec<PlayerNo>,
    order: Order,
    list: Vec<(u8, Standing)>,
}

impl Pair {
    fn new(entries: &[(u8, Standing)]) -> Self {
        let mut players = Players::default();
        let numbers: Vec<PlayerNo> = (0..60).map(|n| players.hold(&format!("p{n:02}"))).collect();
        let mut pair = Self { players, numbers, order: Order::default(), list: Vec::new() };
        for (player, standing) in entries {
            pair.list.retain(|(known, _)| known != player);
            pair.list.push((*player, *standing));
        }
        pair.sort();
        for (player, standing) in &pair.list {
            let player = pair.numbers[usize::from(*player)];
            assert!(pair.order.push_last(Ranked { player, standing: *standing }));
        }
        pair.order.finish();
        pair
    }

    fn sort(&mut self) {
        self.list.sort_by(|(a, a_at), (b, b_at)| {
            (b_at.points, a_at.reached_at, a).cmp(&(a_at.points, b_at.reached_at, b))
        });
    }

    fn take(&mut self, step: &Step) {
        let (Step::Set(player, _) | Step::Remove(player)) = step;
        let known = self.list.len();
        self.list.retain(|(found, _)| found != player);
        let was_there = self.list.len() < known;
        let number = self.numbers[usize::from(*player)];
        match step {
            Step::Set(player, standing) => {
                self.list.push((*player, *standing));
                self.sort();
                let ranked = Ranked { player: number, standing: *standing };
                assert_eq!(self.order.set(ranked, &self.players), !was_there);
            }
            Step::Remove(_) => assert_eq!(self.order.remove(number), was_there),
        }
    }

    fn check(&self) {
        let order = &self.order;
        assert_eq!(order.len(), self.list.len() as u64);
        for (rank, (player, standing)) in (1..).zip(&self.list) {
            let player = self.numbers[usize::from(*player)];
            assert_eq!(order.find(player), Some((rank, Ranked { player, standing: *standing })));
        }
        for offset in 0..self.list.len() + 2 {
            let expected: Vec<(u64, String)> = (1..)
                .zip(&self.list)
                .skip(offset)
                .take(7)
                .map(|(rank, (player, _))| (rank, format!("p{player:02}")))
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
            assert_eq!(order.firsts[position], entries.get(0));
            assert_eq!(order.positions[block.index()] as usize, position);
        }
    }
}

proptest! {
    #[test]
    fn any_changes_leave_the_order_of_a_sorted_list(
        start in prop::collection::vec((0..60_u8, any_standing()), 0..60),
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

    #[test]
    fn an_order_that_is_emptied_holds_no_entries(steps in any_steps(80)) {
        let mut pair = Pair::new(&[]);
        for step in &steps {
            pair.take(step);
        }
        for player in 0..60 {
            pair.take(&Step::Remove(player));
        }
        pair.check();
        prop_assert!(pair.order.sequence.is_empty());
    }
}

#[test]
fn blocks_that_thin_out_are_joined() {
    let standing = |points| Standing { points, reached_at: Timestamp::EPOCH };
    let all: Vec<(u8, Standing)> = (0..60).map(|n| (n, standing(i64::from(n)))).collect();
    let mut pair = Pair::new(&all);
    let blocks = pair.order.sequence.len();
    for player in (0..60).filter(|n| n % 4 != 0) {
        pair.take(&Step::Remove(player));
    }
    pair.check();
    assert!(pair.order.sequence.len() * 2 <= blocks, "{} of {blocks}", pair.order.sequence.len());
}

#[test]
fn a_player_that_is_pushed_twice_keeps_the_better_entry() {
    let mut players = Players::default();
    let player = players.hold("twice");
    let entry =
        |points| Ranked { player, standing: Standing { points, reached_at: Timestamp::EPOCH } };
    let mut order = Order::with_capacity(2);
    assert!(order.push_last(entry(2)));
    assert!(!order.push_last(entry(1)));
    order.finish();
    assert_eq!((order.len(), order.find(player)), (1, Some((1, entry(2)))));
}
