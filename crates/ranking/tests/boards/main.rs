//! What boards in memory answer, whatever order they are told things in.

mod model;
mod versions;

use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Entry, Place, PlayerEntry, PlayerName, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::{Boards, NotLoaded};

use model::Model;

/// The board of cases that need no other.
const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };

fn player(id: &str) -> PlayerId {
    PlayerId::new(id).expect("a player id")
}

fn standing(points: i64, ms: i64) -> Standing {
    Standing { points, reached_at: Timestamp::EPOCH.plus_ms(ms) }
}

/// An entry whose other numbers follow from its version and standing.
fn entry(version: i64, standing: Standing) -> Entry {
    let last_at = Timestamp::EPOCH.plus_ms(version % 1_000_003 * 60_000);
    let mut sums = [0; BOARD_SUMS_MAX];
    sums[1] = version.wrapping_mul(17).wrapping_sub(standing.points);
    Entry { standing, attempts: version, last_at, sums, taken_back: 0 }
}

fn update(id: &str, version: i64, standing: Standing) -> Update {
    Update { board: BOARD, player: player(id), entry: entry(version, standing) }
}

/// An entry as the store has it, of the first version.
fn stored(id: &str, standing: Standing) -> PlayerEntry {
    PlayerEntry { player: player(id), entry: entry(1, standing) }
}

/// `n` players `p00`, `p01`, …, the first with the most points, all in their first version.
fn row(n: i64) -> Vec<PlayerEntry> {
    (0..n).map(|place| stored(&format!("p{place:02}"), standing(n - place, 0))).collect()
}

async fn load(boards: &Boards, entries: Vec<PlayerEntry>) {
    boards.begin_load(BOARD);
    boards.load(BOARD, entries).await.expect("loaded");
}

/// Sets standings of players, each with its version.
async fn set(boards: &Boards, updates: &[(&str, i64, Standing)]) {
    let updates: Vec<Update> =
        updates.iter().map(|(id, version, at)| update(id, *version, *at)).collect();
    boards.set(&updates).await;
}

/// The whole board as ids and points, after a check that ranks count from 1 without a gap.
fn whole(boards: &Boards, board: BoardKey) -> Vec<(String, i64)> {
    let places = boards.range(board, 0, 10_000).expect("loaded");
    assert_eq!(boards.len(board).expect("loaded"), places.len() as u64);
    for (rank, place) in (1..).zip(&places) {
        assert_eq!(place.rank, rank);
    }
    places
        .into_iter()
        .map(|place| (place.player.to_string(), place.entry.standing.points))
        .collect()
}

fn ids(places: &[Place]) -> Vec<(u64, &str)> {
    places.iter().map(|place| (place.rank, place.player.as_str())).collect()
}

fn pairs(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(id, points)| ((*id).to_owned(), *points)).collect()
}

fn assert_not_loaded(boards: &Boards, board: BoardKey) {
    let id = player("a");
    let answers = [
        boards.len(board).map(drop),
        boards.range(board, 0, 10).map(drop),
        boards.places(board, std::slice::from_ref(&id)).map(drop),
        boards.around(board, &id, 2).map(drop),
    ];
    for answer in answers {
        assert_eq!(answer, Err(NotLoaded));
    }
}

/// Neither an unknown nor an announced board can be read; an empty one can.
#[tokio::test]
async fn a_board_answers_once_it_is_loaded() {
    let boards = &Boards::new();
    assert_not_loaded(boards, BOARD);
    assert_eq!(boards.loaded(), []);
    boards.begin_load(BOARD);
    assert_not_loaded(boards, BOARD);
    assert_eq!(boards.loaded(), []);
    boards.load(BOARD, Vec::new()).await.expect("loaded");
    assert_eq!(whole(boards, BOARD), []);
    assert_eq!(boards.loaded(), [(BOARD, 0)]);
    assert_eq!(boards.places(BOARD, &[player("a")]).expect("loaded"), [None]);
    assert_eq!(boards.around(BOARD, &player("a"), 2).expect("loaded"), []);
}

/// The order of ranks is total, for what is loaded and for what is set.
#[tokio::test]
async fn more_points_rank_first_then_who_was_earlier_then_the_smaller_id() {
    let boards = &Boards::new();
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
    load(boards, entries.iter().map(|(id, at)| stored(id, *at)).collect()).await;
    assert_eq!(whole(boards, BOARD), expected);
    load(boards, Vec::new()).await;
    set(boards, &entries.map(|(id, at)| (id, 1, at))).await;
    assert_eq!(whole(boards, BOARD), expected);
}

/// Standings are absolute: what is worse than before counts as well.
#[tokio::test]
async fn a_set_moves_a_player_up_and_down() {
    let boards = &Boards::new();
    load(boards, row(3)).await;
    set(boards, &[("p02", 2, standing(9, 1))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p02", 9), ("p00", 3), ("p01", 2)]));
    set(boards, &[("p02", 3, standing(-9, 2))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p00", 3), ("p01", 2), ("p02", -9)]));
    // The same points, reached later: behind who was first.
    set(boards, &[("p00", 2, standing(2, 1))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p01", 2), ("p00", 2), ("p02", -9)]));
}

/// As after a redelivery.
#[tokio::test]
async fn a_set_that_repeats_itself_changes_nothing() {
    let boards = &Boards::new();
    load(boards, row(3)).await;
    for _ in 0..3 {
        set(boards, &[("p01", 1, standing(2, 0)), ("new", 1, standing(0, 0))]).await;
        let expected = pairs(&[("p00", 3), ("p01", 2), ("p02", 1), ("new", 0)]);
        assert_eq!(whole(boards, BOARD), expected);
    }
}

/// An index holds what was asked for; a batch touches much more.
#[tokio::test]
async fn boards_that_are_not_loaded_are_passed_over() {
    let boards = &Boards::new();
    set(boards, &[("a", 1, standing(1, 0))]).await;
    assert_not_loaded(boards, BOARD);
    load(boards, Vec::new()).await;
    assert_eq!(whole(boards, BOARD), []);
}

/// What is committed while the store is being read may be missing in what was read.
#[tokio::test]
async fn updates_since_the_announcement_survive_the_load() {
    let boards = &Boards::new();
    boards.begin_load(BOARD);
    set(boards, &[("p00", 2, standing(1, 5)), ("new", 1, standing(1, 0))]).await;
    set(boards, &[("new", 2, standing(50, 0)), ("p01", 2, standing(0, 0))]).await;
    assert_not_loaded(boards, BOARD);
    boards.load(BOARD, row(3)).await.expect("loaded");
    let kept = pairs(&[("new", 50), ("p02", 1), ("p00", 1), ("p01", 0)]);
    assert_eq!(whole(boards, BOARD), kept);
    set(boards, &[("p01", 3, standing(8, 0))]).await;
    let later = pairs(&[("new", 50), ("p01", 8), ("p02", 1), ("p00", 1)]);
    assert_eq!(whole(boards, BOARD), later);
}

/// A load that was announced and never came must not harm the next one.
#[tokio::test]
async fn a_second_announcement_loses_no_updates() {
    let boards = &Boards::new();
    boards.begin_load(BOARD);
    set(boards, &[("a", 1, standing(1, 0))]).await;
    boards.begin_load(BOARD);
    set(boards, &[("b", 1, standing(2, 0))]).await;
    boards.load(BOARD, Vec::new()).await.expect("loaded");
    assert_eq!(whole(boards, BOARD), pairs(&[("b", 2), ("a", 1)]));
}

/// Until the new standings are there, the old ones are as good as ever.
#[tokio::test]
async fn a_loaded_board_is_read_while_it_is_loaded_again() {
    let boards = &Boards::new();
    load(boards, row(2)).await;
    boards.begin_load(BOARD);
    set(boards, &[("p01", 2, standing(9, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p01", 9), ("p00", 2)]));
    assert_eq!(boards.loaded(), [(BOARD, 2)]);
    boards.load(BOARD, row(3)).await.expect("loaded");
    assert_eq!(whole(boards, BOARD), pairs(&[("p01", 9), ("p00", 3), ("p02", 1)]));
}

/// Nobody stays who is not in the store.
#[tokio::test]
async fn a_load_replaces_everything() {
    let boards = &Boards::new();
    load(boards, row(5)).await;
    load(boards, vec![stored("p04", standing(2, 0)), stored("new", standing(1, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p04", 2), ("new", 1)]));
    let places = boards.places(BOARD, &[player("p00")]).expect("loaded");
    assert_eq!(places, [None]);
}

/// Without an announcement, updates may have been missed since the store was read.
#[tokio::test]
async fn a_load_that_was_not_announced_is_refused() {
    let boards = &Boards::new();
    let refused = |answer| assert_eq!(answer, Err(NotLoaded));
    refused(boards.load(BOARD, row(2)).await);
    assert_not_loaded(boards, BOARD);
    boards.begin_load(BOARD);
    boards.unload(BOARD).await;
    refused(boards.load(BOARD, row(2)).await);
    assert_not_loaded(boards, BOARD);
    load(boards, row(3)).await;
    refused(boards.load(BOARD, row(2)).await);
    assert_eq!(boards.len(BOARD).expect("loaded"), 3);
}

/// Forgetting what is not there is no error.
#[tokio::test]
async fn an_unloaded_board_is_forgotten() {
    let boards = &Boards::new();
    boards.unload(BOARD).await;
    load(boards, row(2)).await;
    boards.unload(BOARD).await;
    assert_not_loaded(boards, BOARD);
    assert_eq!(boards.loaded(), []);
    set(boards, &[("a", 1, standing(1, 0))]).await;
    load(boards, row(1)).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p00", 1)]));
}

/// No offset and no limit is an error.
#[tokio::test]
async fn ranges_end_where_the_board_ends() {
    let boards = &Boards::new();
    load(boards, row(5)).await;
    for (offset, limit, expected) in [
        (0, 2, vec![(1, "p00"), (2, "p01")]),
        (3, 10, vec![(4, "p03"), (5, "p04")]),
        (2, 0, vec![]),
        (5, 10, vec![]),
        (u64::MAX, 10, vec![]),
        (4, usize::MAX, vec![(5, "p04")]),
    ] {
        let places = boards.range(BOARD, offset, limit).expect("loaded");
        assert_eq!(ids(&places), expected, "{limit} from {offset} on");
    }
}

/// No number of neighbours is an error.
#[tokio::test]
async fn neighbours_end_where_the_board_ends() {
    let boards = &Boards::new();
    load(boards, row(5)).await;
    let all = vec![(1, "p00"), (2, "p01"), (3, "p02"), (4, "p03"), (5, "p04")];
    for (id, neighbours, expected) in [
        ("p02", 1, all[1..4].to_vec()),
        ("p00", 2, all[..3].to_vec()),
        ("p04", 2, all[2..].to_vec()),
        ("p03", 0, all[3..4].to_vec()),
        ("p01", usize::MAX, all.clone()),
        ("nobody", 3, vec![]),
    ] {
        let places = boards.around(BOARD, &player(id), neighbours).expect("loaded");
        assert_eq!(ids(&places), expected, "{neighbours} around {id}");
    }
}

/// Each question has its answer at its own place.
#[tokio::test]
async fn places_come_in_the_order_of_the_question() {
    let boards = &Boards::new();
    load(boards, row(4)).await;
    let asked = ["p03", "nobody", "p00", "p03"].map(player);
    let places = boards.places(BOARD, &asked).expect("loaded");
    let place = |rank: u64, id: &str| {
        let points = 5 - i64::try_from(rank).expect("small");
        let entry = entry(1, standing(points, 0));
        Some(Place { rank, player: player(id), nickname: None, entry })
    };
    assert_eq!(places, [place(4, "p03"), None, place(1, "p00"), place(4, "p03")]);
    assert_eq!(boards.places(BOARD, &[]).expect("loaded"), []);
}

/// Nothing is rounded, nothing overflows.
#[tokio::test]
async fn the_greatest_and_smallest_numbers_keep_their_order() {
    let boards = &Boards::new();
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
    load(boards, entries.iter().rev().map(|(id, at)| stored(id, *at)).collect()).await;
    let places = boards.range(BOARD, 0, 100).expect("loaded");
    let found: Vec<(&str, Standing)> =
        places.iter().map(|place| (place.player.as_str(), place.entry.standing)).collect();
    assert_eq!(found, entries);
}

/// UUIDs in every spelling, every script, the longest and the shortest.
#[tokio::test]
async fn ids_of_every_kind_come_back_as_they_were() {
    let boards = &Boards::new();
    let uuid = "0193f0a2-1111-7abc-8def-00000000abcd";
    let (upper, simple) = (uuid.to_uppercase(), uuid.replace('-', ""));
    let (longest, emoji) = ("ü".repeat(255), "🎮".repeat(255));
    let all = [uuid, &upper, &simple, &longest, &emoji, "a", "a b", " a", "名前", "a:b{c}", "%00"];
    load(boards, Vec::new()).await;
    set(boards, &all.map(|id| (id, 1, standing(1, 0)))).await;
    let mut expected = all.to_vec();
    expected.sort_unstable();
    let places = boards.range(BOARD, 0, 100).expect("loaded");
    let found: Vec<&str> = places.iter().map(|place| place.player.as_str()).collect();
    assert_eq!(found, expected);
    for (rank, id) in (1..).zip(expected) {
        let places = boards.places(BOARD, &[player(id)]).expect("loaded");
        assert_eq!(places[0].as_ref().map(|place| place.rank), Some(rank), "{id}");
    }
}

/// One batch may touch many boards, in any order.
#[tokio::test]
async fn boards_and_their_periods_are_apart() {
    let boards = &Boards::new();
    let later = BoardKey { period: Timestamp::EPOCH.plus_ms(1), ..BOARD };
    let other = BoardKey { slot: Slot(2), ..BOARD };
    let baseline = BoardKey { slot: Slot(-1), ..BOARD };
    for board in [baseline, BOARD, later, other] {
        boards.begin_load(board);
        boards.load(board, Vec::new()).await.expect("loaded");
    }
    let on = |board, id: &str, points| Update {
        board,
        player: player(id),
        entry: entry(1, standing(points, 0)),
    };
    let updates = [
        on(other, "a", 1),
        on(BOARD, "a", 2),
        on(other, "b", 3),
        on(later, "a", 4),
        on(baseline, "c", 5),
    ];
    boards.set(&updates).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("a", 2)]));
    assert_eq!(whole(boards, later), pairs(&[("a", 4)]));
    assert_eq!(whole(boards, other), pairs(&[("b", 3), ("a", 1)]));
    assert_eq!(whole(boards, baseline), pairs(&[("c", 5)]));
    let mut loaded = boards.loaded();
    loaded.sort_unstable();
    assert_eq!(loaded, [(baseline, 1), (BOARD, 1), (later, 1), (other, 2)]);
    boards.unload(other).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("a", 2)]));
    assert_not_loaded(boards, other);
}

/// A long walk of sets, announcements, loads and questions, compared with a list that is
/// sorted again after every step.
#[tokio::test]
async fn any_changes_leave_the_order_of_a_sorted_list() {
    for seed in 0..8 {
        let boards = &Boards::new();
        let mut model = Model::new(seed, BOARD);
        for _ in 0..120 {
            model.step(boards).await;
        }
        boards.unload(BOARD).await;
    }
}

#[tokio::test]
async fn a_row_shows_the_newest_name_whenever_it_was_heard() {
    let boards = &Boards::new();
    let name = |id: &str, nickname: &str, version| PlayerName {
        player: player(id),
        nickname: nickname.to_owned(),
        version: Version(version),
    };
    let names = || {
        let places = boards.range(BOARD, 0, 10).expect("loaded");
        places.into_iter().map(|place| place.nickname.unwrap_or_default()).collect::<Vec<_>>()
    };
    boards.set_names(&[name("p01", "before the board", 3), name("nowhere", "Nobody", 1)]);
    load(boards, row(3)).await;
    assert_eq!(names(), ["", "before the board", ""]);
    boards.set_names(&[name("p00", "Ada", 2), name("p01", "old", 2), name("p00", "older", 1)]);
    assert_eq!(names(), ["Ada", "before the board", ""]);
    boards.unload(BOARD).await;
    load(boards, row(2)).await;
    assert_eq!(names(), ["Ada", "before the board"], "names outlive the boards");
    assert_eq!(boards.players(), 3, "who is on no board is named all the same");
}

#[tokio::test]
async fn a_newer_row_of_the_same_standing_is_shown_with_all_its_numbers() {
    let boards = &Boards::new();
    load(boards, row(2)).await;
    for version in [2, 300, 70_000, i64::MAX] {
        let newer = update("p00", version, standing(2, 0));
        boards.set(&[&newer, &update("p00", version - 1, standing(2, 0))]).await;
        let places = boards.places(BOARD, &[player("p00")]).expect("loaded");
        assert_eq!(places[0].as_ref().map(|place| place.entry), Some(newer.entry));
    }
}
