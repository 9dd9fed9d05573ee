//! Versions: whoever publishes first or last, the newest standing stays.

use std::collections::BTreeMap;

use scoreline_core::rank::{PlayerEntry, Standing, Update};
use scoreline_ranking::Boards;

use super::{BOARD, Model, entry, load, pairs, player, row, set, standing, update, whole};

fn stored_as(id: &str, version: i64, points: i64) -> PlayerEntry {
    PlayerEntry { player: player(id), entry: entry(version, standing(points, 0)) }
}

/// A batch may bring a player several times, in any order.
#[tokio::test]
async fn the_newest_of_several_updates_of_a_player_counts() {
    let boards = &Boards::new();
    load(boards, row(2)).await;
    set(
        boards,
        &[
            ("new", 1, standing(9, 0)),
            ("new", 3, standing(7, 0)),
            ("new", 2, standing(8, 0)),
            ("p00", 4, standing(5, 0)),
            ("p00", 3, standing(50, 0)),
            ("p01", 1, standing(1, 0)),
            ("p01", 2, standing(6, 0)),
        ],
    )
    .await;
    assert_eq!(whole(boards, BOARD), pairs(&[("new", 7), ("p01", 6), ("p00", 5)]));
}

/// Whether it came with a load or an update, and whichever of the two standings is better.
#[tokio::test]
async fn an_older_version_never_overwrites_a_newer_one() {
    let boards = &Boards::new();
    load(boards, row(2)).await;
    set(boards, &[("p00", 5, standing(1, 0)), ("p01", 5, standing(7, 0))]).await;
    let newest = pairs(&[("p01", 7), ("p00", 1)]);
    for version in [0, 1, 3, 4] {
        set(boards, &[("p00", version, standing(9, 0)), ("p01", version, standing(0, 0))]).await;
        assert_eq!(whole(boards, BOARD), newest, "after version {version}");
    }
    set(boards, &[("p00", 6, standing(2, 0)), ("p00", 5, standing(1, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p01", 7), ("p00", 2)]));
}

/// A game that brought no better score still counts, and what was committed before it is older.
#[tokio::test]
async fn a_newer_version_of_the_same_standing_counts() {
    let boards = &Boards::new();
    load(boards, row(1)).await;
    set(boards, &[("p00", 4, standing(1, 0))]).await;
    set(boards, &[("p00", 3, standing(8, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p00", 1)]));
    set(boards, &[("p00", 5, standing(8, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p00", 8)]));
}

/// An index may keep a part of a version, as long as that tells which of two is newer.
#[tokio::test]
async fn versions_of_every_size_are_told_apart() {
    let boards = &Boards::new();
    for edge in [1 << 31, 1 << 32, (1 << 32) + (1 << 31), 1 << 53, 1 << 62, i64::MAX - 3] {
        load(boards, vec![stored_as("a", edge - 3, 0)]).await;
        for (version, points, expected) in [
            (edge - 4, 1, 0),
            (edge + 1, 2, 2),
            (edge - 1, 3, 2),
            (edge, 4, 2),
            (edge + 2, 5, 5),
            (edge + 1, 6, 5),
            (edge + 3, 7, 7),
        ] {
            set(boards, &[("a", version, standing(points, 0))]).await;
            let found = whole(boards, BOARD);
            assert_eq!(found, pairs(&[("a", expected)]), "after version {version}");
        }
    }
}

/// What was published after the announcement may have been committed before the store was read.
#[tokio::test]
async fn an_update_kept_for_a_load_counts_only_if_it_is_newer() {
    let boards = &Boards::new();
    boards.begin_load(BOARD);
    set(boards, &[("old", 2, standing(9, 0)), ("new", 4, standing(4, 0))]).await;
    set(boards, &[("old", 1, standing(8, 0)), ("new", 2, standing(2, 0))]).await;
    let read = vec![stored_as("old", 3, 3), stored_as("new", 3, 1)];
    boards.load(BOARD, read).await.expect("loaded");
    assert_eq!(whole(boards, BOARD), pairs(&[("new", 4), ("old", 3)]));
    set(boards, &[("old", 2, standing(9, 0)), ("new", 3, standing(1, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("new", 4), ("old", 3)]));
}

/// The store is the truth: after it was restored from a backup, its versions begin lower.
#[tokio::test]
async fn a_load_may_bring_versions_lower_than_those_it_replaces() {
    let boards = &Boards::new();
    load(boards, row(2)).await;
    set(boards, &[("p00", 100, standing(9, 0)), ("p01", 100, standing(8, 0))]).await;
    load(boards, row(2)).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p00", 2), ("p01", 1)]));
    set(boards, &[("p01", 2, standing(3, 0))]).await;
    assert_eq!(whole(boards, BOARD), pairs(&[("p01", 3), ("p00", 2)]));
}

/// Several writers, each with its own share of what was committed, and none waits for another.
#[tokio::test]
async fn writers_at_once_in_any_order_leave_the_newest() {
    const WRITERS: usize = 4;
    const VERSIONS: i64 = 40;
    let boards = &Boards::new();
    load(boards, Vec::new()).await;
    let ids: Vec<String> = (0..30).map(|n| format!("p{n:02}")).collect();
    let points = |n: usize, version: i64| (version * 37 + i64::try_from(n).expect("small")) % 101;
    let mut shares: Vec<Vec<Update>> = vec![Vec::new(); WRITERS];
    for (n, id) in ids.iter().enumerate() {
        for version in 1..=VERSIONS {
            let share = (n + usize::try_from(version * version).expect("small")) % WRITERS;
            shares[share].push(update(id, version, standing(points(n, version), version)));
        }
    }
    for (writer, share) in (0..).zip(&mut shares) {
        share.sort_by_key(|one| (one.entry.attempts * (2 * writer + 3)) % 41);
    }
    let write = async |share: &[Update]| {
        for batch in share.chunks(7) {
            boards.set(batch).await;
            tokio::task::yield_now().await;
        }
    };
    let [first, second, third, fourth] = &shares[..] else { panic!("one share a writer") };
    tokio::join!(write(first), write(second), write(third), write(fourth));
    let found: BTreeMap<String, i64> = whole(boards, BOARD).into_iter().collect();
    let newest = ids.iter().enumerate().map(|(n, id)| (id.clone(), points(n, VERSIONS)));
    assert_eq!(found, newest.collect());
}

/// A store that commits, nodes that publish what they committed when they come to it, sometimes
/// twice, and readers that load the board in between. Once all is published, the index holds what
/// the store holds.
#[tokio::test]
async fn any_interleaving_of_commits_and_publications_leaves_the_newest() {
    for seed in 100..116 {
        let boards = &Boards::new();
        let mut model = Model::new(seed, BOARD);
        for _ in 0..60 {
            model.step(boards).await;
        }
        model.come_to_rest(boards).await;
        let places = boards.range(BOARD, 0, 10_000).expect("loaded");
        let found: BTreeMap<String, Standing> =
            places.into_iter().map(|one| (one.player.to_string(), one.entry.standing)).collect();
        assert_eq!(found, model.stored(), "seed {seed}");
        boards.unload(BOARD).await;
    }
}
