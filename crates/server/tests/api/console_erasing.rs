//! Erasing and moving a player at the console.

use serde_json::json;

use crate::client::Request;
use crate::console::{Dana, hidden};
use crate::test_app::{ADMIN_TOKEN, TestApp, eventually};

#[tokio::test]
async fn a_player_is_erased_by_whoever_types_the_id_and_the_receipt_is_found_again() {
    let app = TestApp::start().await;
    let hostile = "x\u{202e}(a|b).*";
    app.post_events(&json!([app.game(hostile, 900), app.game("bob", 100)])).await;
    let dana = Dana::of(&app).await;
    let player = "/console/player?id=x%E2%80%AE(a%7Cb).*";
    let page = dana.sees(player).await;
    assert!(page.contains("Erase for good") && page.contains("x[RLO](a|b).*"), "{page}");
    let coded = hidden(&page, "id");
    let fields =
        |typed: &'static str| [("id", coded.as_str()), ("typed", typed), ("note", "asked")];
    for wrong in ["", "x", "bob"] {
        let answer = dana.posts("/console/player/erase", &fields(wrong)).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let job = dana.does("/console/player/erase", &fields("x[RLO](a|b).*")).await;
    let board = dana.sees("/console/boards").await;
    assert!(board.contains("bob") && !board.contains("RLO"), "at once: {board}");
    let done = eventually("the end", async || {
        let page = dana.sees(&job).await;
        if page.contains("Receipt") { Ok(page) } else { Err(page) }
    });
    let done = done.await;
    assert!(done.contains(">Erased<") && !done.contains("RLO"), "{done}");
    assert!(!done.contains("data-stream"), "nothing changes any more: {done}");
    let page = dana.sees(player).await;
    assert!(page.contains("This player is erased") && page.contains(&job), "{page}");
    assert!(!page.contains("Erase for good"), "{page}");
    let log = dana.sees("/console/audit?what=erasePlayer").await;
    assert!(log.contains(&job) && log.contains("asked") && !log.contains("RLO"), "{log}");
    let again = dana.does("/console/player/erase", &fields("x[RLO](a|b).*")).await;
    assert_eq!(again, job, "the same job");
    for nothing in ["", "x", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/console/erasure?job={nothing}");
        let answer = app.send(Request::get(&path).bearer(ADMIN_TOKEN)).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn a_player_is_moved_to_the_id_that_is_typed_and_the_former_page_leads_there() {
    let app = TestApp::start().await;
    app.post_events(&json!([app.game("lost", 900), app.game("found", 100)])).await;
    let dana = Dana::of(&app).await;
    let page = dana.sees("/console/player?id=lost").await;
    assert!(page.contains("Move to another id"), "{page}");
    let fields = |to: &'static str| [("id", "lost"), ("to", to), ("note", "a new phone")];
    for (to, status) in [("", 400), ("lost", 400)] {
        let answer = dana.posts("/console/player/move", &fields(to)).await;
        assert_eq!(answer.status, status, "{to}");
    }
    let there = dana.does("/console/player/move", &fields(" found ")).await;
    assert_eq!(there, "/console/player?id=found");
    let board = dana.sees("/console/boards").await;
    assert!(board.contains("found") && !board.contains("lost"), "at once: {board}");
    let former = dana.sees("/console/player?id=lost").await;
    assert!(former.contains("This player was moved") && former.contains(&there), "{former}");
    let log = dana.sees("/console/audit?what=movePlayer").await;
    assert!(log.contains("a new phone"), "{log}");
}
