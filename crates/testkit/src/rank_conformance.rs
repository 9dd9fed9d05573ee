//! What every [`RankIndex`] must do, in executable form.
//!
//! Each case gets an index of its own, without boards. [`crate::rank_conformance!`] makes a test of each:
//!
//! ```text
//! scoreline_testkit::rank_conformance!(async { MyIndex::new() });
//! ```

use scoreline_core::error::ErrorKind;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{
    Place, PlayerStanding, RankError, RankIndex, Standing, Update, Version,
};
use scoreline_core::time::Timestamp;

mod model;
mod versions;

use model::Model;
pub use versions::*;

/// Makes one test of each case. The argument is a future of a new index without boards. With
/// `one_by_one:` in front, it goes through them where it stands, in an async function.
#[macro_export]
macro_rules! rank_conformance {
    (one_by_one: $new_index:expr) => {
        $crate::rank_conformance! { @list calls $new_index }
    };
    (@list $form:ident $new_index:expr) => {
        $crate::rank_conformance! { @$form $new_index;
            a_board_answers_once_it_is_loaded,
            more_points_rank_first_then_who_was_earlier_then_the_smaller_id,
            a_set_moves_a_player_up_and_down,
            a_set_that_repeats_itself_changes_nothing,
            the_newest_of_several_updates_of_a_player_counts,
            an_older_version_never_overwrites_a_newer_one,
            a_newer_version_of_the_same_standing_counts,
            versions_of_every_size_are_told_apart,
            an_update_kept_for_a_load_counts_only_if_it_is_newer,
            a_load_may_bring_versions_lower_than_those_it_replaces,
            writers_at_once_in_any_order_leave_the_newest,
            any_interleaving_of_commits_and_publications_leaves_the_newest,
            boards_that_are_not_loaded_are_passed_over,
            updates_since_the_announcement_survive_the_load,
            a_second_announcement_loses_no_updates,
            a_loaded_board_is_read_while_it_is_loaded_again,
            a_load_replaces_everything,
            a_load_that_was_not_announced_is_refused,
            an_unloaded_board_is_forgotten,
            ranges_end_where_the_board_ends,
            neighbours_end_where_the_board_ends,
            places_come_in_the_order_of_the_question,
            the_greatest_and_smallest_numbers_keep_their_order,
            ids_of_every_kind_come_back_as_they_were,
            boards_and_their_periods_are_apart,
            any_changes_leave_the_order_of_a_sorted_list,
        }
    };
    (@calls $new_index:expr; $($case:ident,)*) => {{$(
        let index = $new_index.await;
        $crate::rank_conformance::$case(&index).await;
    )*}};
    (@tests $new_index:expr; $($case:ident,)*) => {$(
        #[tokio::test]
        async fn $case() {
            let index = $new_index.await;
            $crate::rank_conformance::$case(&index).await;
        }
    )*};
    ($new_index:expr) => {
        $crate::rank_conformance! { @list tests $new_index }
    };
}

/// The board of cases that need no other.
const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };

fn player(id: &str) -> PlayerId {
    PlayerId::new(id).expect("a player id")
}

fn standing(points: i64, ms: i64) -> Standing {
    Standing { points, reached_at: Timestamp::EPOCH.plus_ms(ms) }
}

fn update(id: &str, version: i64, standing: Standing) -> Update {
    Update { board: BOARD, player: player(id), standing, version: Version(version) }
}

/// A standing as the store has it, of the first version.
fn stored(id: &str, standing: Standing) -> PlayerStanding {
    PlayerStanding { player: player(id), standing, version: Version(1) }
}

/// `n` players `p00`, `p01`, …, the first with the most points, all in their first version.
fn row(n: i64) -> Vec<PlayerStanding> {
    (0..n).map(|place| stored(&format!("p{place:02}"), standing(n - place, 0))).collect()
}

async fn load(index: &dyn RankIndex, standings: Vec<PlayerStanding>) {
    index.begin_load(BOARD).await.expect("announced");
    index.load(BOARD, standings).await.expect("loaded");
}

/// Sets standings of players, each with its version.
async fn set(index: &dyn RankIndex, updates: &[(&str, i64, Standing)]) {
    let updates: Vec<Update> =
        updates.iter().map(|(id, version, at)| update(id, *version, *at)).collect();
    index.set(&updates).await.expect("taken over");
}

/// The whole board as ids and points, after a check that ranks count from 1 without a gap.
async fn whole(index: &dyn RankIndex, board: BoardKey) -> Vec<(String, i64)> {
    let places = index.range(board, 0, 10_000).await.expect("loaded");
    assert_eq!(index.len(board).await.expect("loaded"), places.len() as u64);
    for (rank, place) in (1..).zip(&places) {
        assert_eq!(place.rank, rank);
    }
    places.into_iter().map(|place| (place.player.to_string(), place.standing.points)).collect()
}

fn ids(places: &[Place]) -> Vec<(u64, &str)> {
    places.iter().map(|place| (place.rank, place.player.as_str())).collect()
}

fn pairs(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(id, points)| ((*id).to_owned(), *points)).collect()
}

async fn assert_not_loaded(index: &dyn RankIndex, board: BoardKey) {
    let id = player("a");
    let answers = [
        index.len(board).await.map(drop),
        index.range(board, 0, 10).await.map(drop),
        index.places(board, std::slice::from_ref(&id)).await.map(drop),
        index.around(board, &id, 2).await.map(drop),
    ];
    for answer in answers {
        let error = answer.expect_err("the board is not loaded");
        assert!(matches!(error, RankError::NotLoaded), "{error}");
        assert_eq!(error.kind(), ErrorKind::Busy);
    }
}

/// Neither an unknown nor an announced board can be read; an empty one can.
pub async fn a_board_answers_once_it_is_loaded(index: &dyn RankIndex) {
    assert_not_loaded(index, BOARD).await;
    assert_eq!(index.loaded().await.expect("a list"), []);
    index.begin_load(BOARD).await.expect("announced");
    assert_not_loaded(index, BOARD).await;
    assert_eq!(index.loaded().await.expect("a list"), []);
    index.load(BOARD, Vec::new()).await.expect("loaded");
    assert_eq!(whole(index, BOARD).await, []);
    assert_eq!(index.loaded().await.expect("a list"), [(BOARD, 0)]);
    assert_eq!(index.places(BOARD, &[player("a")]).await.expect("loaded"), [None]);
    assert_eq!(index.around(BOARD, &player("a"), 2).await.expect("loaded"), []);
}

/// The order of ranks is total, for what is loaded and for what is set.
pub async fn more_points_rank_first_then_who_was_earlier_then_the_smaller_id(
    index: &dyn RankIndex,
) {
    let entries = [
        ("b", standing(5, 20)),
        ("c", standing(5, 20)),
        ("a", standing(5, 20)),
        ("d", standing(5, 10)),
        ("e", standing(-3, 0)),
        ("f", standing(6, 99)),
        ("B", standing(5, 20)),
        ("é", standing(5, 20)),
    ];
    let expected =
        pairs(&[("f", 6), ("d", 5), ("B", 5), ("a", 5), ("b", 5), ("c", 5), ("é", 5), ("e", -3)]);
    load(index, entries.iter().map(|(id, at)| stored(id, *at)).collect()).await;
    assert_eq!(whole(index, BOARD).await, expected);
    load(index, Vec::new()).await;
    set(index, &entries.map(|(id, at)| (id, 1, at))).await;
    assert_eq!(whole(index, BOARD).await, expected);
}

/// Standings are absolute: what is worse than before counts as well.
pub async fn a_set_moves_a_player_up_and_down(index: &dyn RankIndex) {
    load(index, row(3)).await;
    set(index, &[("p02", 2, standing(9, 1))]).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p02", 9), ("p00", 3), ("p01", 2)]));
    set(index, &[("p02", 3, standing(-9, 2))]).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p00", 3), ("p01", 2), ("p02", -9)]));
    // The same points, reached later: behind who was first.
    set(index, &[("p00", 2, standing(2, 1))]).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p01", 2), ("p00", 2), ("p02", -9)]));
}

/// As after a redelivery.
pub async fn a_set_that_repeats_itself_changes_nothing(index: &dyn RankIndex) {
    load(index, row(3)).await;
    for _ in 0..3 {
        set(index, &[("p01", 1, standing(2, 0)), ("new", 1, standing(0, 0))]).await;
        let expected = pairs(&[("p00", 3), ("p01", 2), ("p02", 1), ("new", 0)]);
        assert_eq!(whole(index, BOARD).await, expected);
    }
}

/// An index holds what was asked for; a batch touches much more.
pub async fn boards_that_are_not_loaded_are_passed_over(index: &dyn RankIndex) {
    set(index, &[("a", 1, standing(1, 0))]).await;
    assert_not_loaded(index, BOARD).await;
    load(index, Vec::new()).await;
    assert_eq!(whole(index, BOARD).await, []);
}

/// What is committed while the store is being read may be missing in what was read.
pub async fn updates_since_the_announcement_survive_the_load(index: &dyn RankIndex) {
    index.begin_load(BOARD).await.expect("announced");
    set(index, &[("p00", 2, standing(1, 5)), ("new", 1, standing(1, 0))]).await;
    set(index, &[("new", 2, standing(50, 0)), ("p01", 2, standing(0, 0))]).await;
    assert_not_loaded(index, BOARD).await;
    index.load(BOARD, row(3)).await.expect("loaded");
    let kept = pairs(&[("new", 50), ("p02", 1), ("p00", 1), ("p01", 0)]);
    assert_eq!(whole(index, BOARD).await, kept);
    set(index, &[("p01", 3, standing(8, 0))]).await;
    let later = pairs(&[("new", 50), ("p01", 8), ("p02", 1), ("p00", 1)]);
    assert_eq!(whole(index, BOARD).await, later);
}

/// A load that was announced and never came must not harm the next one.
pub async fn a_second_announcement_loses_no_updates(index: &dyn RankIndex) {
    index.begin_load(BOARD).await.expect("announced");
    set(index, &[("a", 1, standing(1, 0))]).await;
    index.begin_load(BOARD).await.expect("announced");
    set(index, &[("b", 1, standing(2, 0))]).await;
    index.load(BOARD, Vec::new()).await.expect("loaded");
    assert_eq!(whole(index, BOARD).await, pairs(&[("b", 2), ("a", 1)]));
}

/// Until the new standings are there, the old ones are as good as ever.
pub async fn a_loaded_board_is_read_while_it_is_loaded_again(index: &dyn RankIndex) {
    load(index, row(2)).await;
    index.begin_load(BOARD).await.expect("announced");
    set(index, &[("p01", 2, standing(9, 0))]).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p01", 9), ("p00", 2)]));
    assert_eq!(index.loaded().await.expect("a list"), [(BOARD, 2)]);
    index.load(BOARD, row(3)).await.expect("loaded");
    assert_eq!(whole(index, BOARD).await, pairs(&[("p01", 9), ("p00", 3), ("p02", 1)]));
}

/// Nobody stays who is not in the store.
pub async fn a_load_replaces_everything(index: &dyn RankIndex) {
    load(index, row(5)).await;
    load(index, vec![stored("p04", standing(2, 0)), stored("new", standing(1, 0))]).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p04", 2), ("new", 1)]));
    let places = index.places(BOARD, &[player("p00")]).await.expect("loaded");
    assert_eq!(places, [None]);
}

/// Without an announcement, updates may have been missed since the store was read.
pub async fn a_load_that_was_not_announced_is_refused(index: &dyn RankIndex) {
    let refused = |answer: Result<(), RankError>| {
        assert!(matches!(answer, Err(RankError::NotLoaded)), "{answer:?}");
    };
    refused(index.load(BOARD, row(2)).await);
    assert_not_loaded(index, BOARD).await;
    index.begin_load(BOARD).await.expect("announced");
    index.unload(BOARD).await.expect("forgotten");
    refused(index.load(BOARD, row(2)).await);
    assert_not_loaded(index, BOARD).await;
    load(index, row(3)).await;
    refused(index.load(BOARD, row(2)).await);
    assert_eq!(index.len(BOARD).await.expect("loaded"), 3);
}

/// Forgetting what is not there is no error.
pub async fn an_unloaded_board_is_forgotten(index: &dyn RankIndex) {
    index.unload(BOARD).await.expect("nothing to forget");
    load(index, row(2)).await;
    index.unload(BOARD).await.expect("forgotten");
    assert_not_loaded(index, BOARD).await;
    assert_eq!(index.loaded().await.expect("a list"), []);
    set(index, &[("a", 1, standing(1, 0))]).await;
    load(index, row(1)).await;
    assert_eq!(whole(index, BOARD).await, pairs(&[("p00", 1)]));
}

/// No offset and no limit is an error.
pub async fn ranges_end_where_the_board_ends(index: &dyn RankIndex) {
    load(index, row(5)).await;
    for (offset, limit, expected) in [
        (0, 2, vec![(1, "p00"), (2, "p01")]),
        (3, 10, vec![(4, "p03"), (5, "p04")]),
        (2, 0, vec![]),
        (5, 10, vec![]),
        (u64::MAX, 10, vec![]),
        (4, usize::MAX, vec![(5, "p04")]),
    ] {
        let places = index.range(BOARD, offset, limit).await.expect("loaded");
        assert_eq!(ids(&places), expected, "{limit} from {offset} on");
    }
}

/// No number of neighbours is an error.
pub async fn neighbours_end_where_the_board_ends(index: &dyn RankIndex) {
    load(index, row(5)).await;
    let all = vec![(1, "p00"), (2, "p01"), (3, "p02"), (4, "p03"), (5, "p04")];
    for (id, neighbours, expected) in [
        ("p02", 1, all[1..4].to_vec()),
        ("p00", 2, all[..3].to_vec()),
        ("p04", 2, all[2..].to_vec()),
        ("p03", 0, all[3..4].to_vec()),
        ("p01", usize::MAX, all.clone()),
        ("nobody", 3, vec![]),
    ] {
        let places = index.around(BOARD, &player(id), neighbours).await.expect("loaded");
        assert_eq!(ids(&places), expected, "{neighbours} around {id}");
    }
}

/// Each question has its answer at its own place.
pub async fn places_come_in_the_order_of_the_question(index: &dyn RankIndex) {
    load(index, row(4)).await;
    let asked = ["p03", "nobody", "p00", "p03"].map(player);
    let places = index.places(BOARD, &asked).await.expect("loaded");
    let place = |rank: u64, id: &str| {
        let points = 5 - i64::try_from(rank).expect("small");
        Some(Place { rank, player: player(id), standing: standing(points, 0) })
    };
    assert_eq!(places, [place(4, "p03"), None, place(1, "p00"), place(4, "p03")]);
    assert_eq!(index.places(BOARD, &[]).await.expect("loaded"), []);
}

/// Nothing is rounded, nothing overflows.
pub async fn the_greatest_and_smallest_numbers_keep_their_order(index: &dyn RankIndex) {
    let at = |points, reached_at| Standing { points, reached_at };
    let entries = [
        ("most", at(i64::MAX, Timestamp::MIN)),
        ("most, late", at(i64::MAX, Timestamp::MAX)),
        ("nearly", at(i64::MAX - 1, Timestamp::EPOCH)),
        ("beyond 2^53", at((1 << 53) + 1, Timestamp::EPOCH)),
        ("at 2^53", at(1 << 53, Timestamp::EPOCH)),
        ("nothing", at(0, Timestamp::EPOCH)),
        ("nothing, late", at(0, Timestamp::EPOCH.plus_ms(1))),
        ("negative", at(-1, Timestamp::EPOCH)),
        ("nearly least", at(i64::MIN + 1, Timestamp::EPOCH)),
        ("least", at(i64::MIN, Timestamp::EPOCH)),
    ];
    load(index, entries.iter().rev().map(|(id, at)| stored(id, *at)).collect()).await;
    let places = index.range(BOARD, 0, 100).await.expect("loaded");
    let found: Vec<(&str, Standing)> =
        places.iter().map(|place| (place.player.as_str(), place.standing)).collect();
    assert_eq!(found, entries);
}

/// UUIDs in every spelling, every script, the longest and the shortest.
pub async fn ids_of_every_kind_come_back_as_they_were(index: &dyn RankIndex) {
    let uuid = "0193f0a2-1111-7abc-8def-00000000abcd";
    let (upper, simple) = (uuid.to_uppercase(), uuid.replace('-', ""));
    let (longest, emoji) = ("ü".repeat(255), "🎮".repeat(255));
    let all = [uuid, &upper, &simple, &longest, &emoji, "a", "a b", " a", "名前", "a:b{c}", "%00"];
    load(index, Vec::new()).await;
    set(index, &all.map(|id| (id, 1, standing(1, 0)))).await;
    let mut expected = all.to_vec();
    expected.sort_unstable();
    let places = index.range(BOARD, 0, 100).await.expect("loaded");
    let found: Vec<&str> = places.iter().map(|place| place.player.as_str()).collect();
    assert_eq!(found, expected);
    for (rank, id) in (1..).zip(expected) {
        let places = index.places(BOARD, &[player(id)]).await.expect("loaded");
        assert_eq!(places[0].as_ref().map(|place| place.rank), Some(rank), "{id}");
    }
}

/// One batch may touch many boards, in any order.
pub async fn boards_and_their_periods_are_apart(index: &dyn RankIndex) {
    let later = BoardKey { period: Timestamp::EPOCH.plus_ms(1), ..BOARD };
    let other = BoardKey { slot: Slot(2), ..BOARD };
    let baseline = BoardKey { slot: Slot(-1), ..BOARD };
    let boards = [baseline, BOARD, later, other];
    for board in boards {
        index.begin_load(board).await.expect("announced");
        index.load(board, Vec::new()).await.expect("loaded");
    }
    let on = |board, id: &str, points| Update {
        board,
        player: player(id),
        standing: standing(points, 0),
        version: Version(1),
    };
    let updates = [
        on(other, "a", 1),
        on(BOARD, "a", 2),
        on(other, "b", 3),
        on(later, "a", 4),
        on(baseline, "c", 5),
    ];
    index.set(&updates).await.expect("taken over");
    assert_eq!(whole(index, BOARD).await, pairs(&[("a", 2)]));
    assert_eq!(whole(index, later).await, pairs(&[("a", 4)]));
    assert_eq!(whole(index, other).await, pairs(&[("b", 3), ("a", 1)]));
    assert_eq!(whole(index, baseline).await, pairs(&[("c", 5)]));
    let mut loaded = index.loaded().await.expect("a list");
    loaded.sort_unstable();
    assert_eq!(loaded, [(baseline, 1), (BOARD, 1), (later, 1), (other, 2)]);
    index.unload(other).await.expect("forgotten");
    assert_eq!(whole(index, BOARD).await, pairs(&[("a", 2)]));
    assert_not_loaded(index, other).await;
}

/// A long walk of sets, announcements, loads and questions, compared with a list that is
/// sorted again after every step.
pub async fn any_changes_leave_the_order_of_a_sorted_list(index: &dyn RankIndex) {
    for seed in 0..8 {
        let mut model = Model::new(seed, BOARD);
        for _ in 0..120 {
            model.step(index).await;
        }
        index.unload(BOARD).await.expect("forgotten");
    }
}
