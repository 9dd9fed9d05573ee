//! What an operator does at the console.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::accessibility::faults;
use crate::browser::{Browser, DEADLINE};
use crate::site::{Site, boss, game, signed_in};

/// All pages that the menu leads to, and those behind them.
const PAGES: [&str; 18] = [
    "/console",
    "/console?range=24h",
    "/console?range=7d",
    "/console/live",
    "/console/analytics?by=country",
    "/console/analytics?active=stickiness&retention=players&funnel=first_purchase&currency=gems",
    "/console/rejected",
    "/console/rejected?reason=unknown_event_type&type=boss_defeated",
    "/console/players?q=a",
    "/console/player?id=ann",
    "/console/voiding?player=ann",
    "/console/names",
    "/console/boards?player=ann",
    "/console/tournaments",
    "/console/definition?plan=1",
    "/console/queue",
    "/console/keys",
    "/console/audit",
];

/// A site with something on every page.
async fn played() -> Site {
    let site = Site::start().await;
    let hostile = "x\u{202e}gnp.<img src=x onerror=document.title='hacked'>";
    let events: Vec<Value> = vec![
        game("ann", 900),
        game("anton", 700),
        game(hostile, 650),
        boss("ann"),
        boss("anton"),
        json!({ "event_type": hostile, "user_id": hostile, "payload": hostile }),
    ];
    site.post("/api/events", &json!({ "events": events })).await;
    site
}

#[tokio::test]
async fn figures_move_under_load_while_nobody_touches_the_page() {
    let site = Site::start().await;
    let browser = signed_in(&site).await;
    browser.reads("Ready: no event has come in yet.").await;
    browser.reads("Live").await;
    let rate = "parseFloat(document.querySelector('#figures .v').textContent)";
    browser.sees("a rate of zero", &format!("{rate} === 0")).await;
    for round in 0..20 {
        let events: Vec<Value> = (0..50).map(|n| game("ann", round * 50 + n)).collect();
        site.post("/api/events", &json!({ "events": events })).await;
    }
    browser.sees("a rate above zero", &format!("{rate} > 0")).await;
    browser.reads("what devices send is on the boards").await;
    // The stream ends with the server, which waits for nobody.
    site.stops().await;
    browser.reads("Reconnecting").await;
}

#[tokio::test]
async fn what_was_rejected_counts_after_a_reload_and_a_requeue() {
    let site = played().await;
    let browser = signed_in(&site).await;
    browser.clicks("a[href='/console/rejected']").await;
    browser.reads("boss_defeated").await;
    browser.clicks("a.sum[href*='boss']").await;
    browser.reads("none names the type").await;
    browser.reads("Of the first 2 events, 0 would pass").await;
    let snippet = browser.asks("return document.getElementById('paste').textContent").await;
    site.adds_to_game(snippet.as_str().expect("a text"));
    browser.opens(&site.at("/console/definition?plan=1")).await;
    browser.reads("boss_defeated is accepted").await;
    browser.clicks("form[action='/console/definition/reload'] button").await;
    browser.reads("is in force on every node").await;
    browser.opens(&site.at("/console/rejected?reason=unknown_event_type&type=boss_defeated")).await;
    browser.reads("Of the first 2 events, 2 would pass").await;
    browser.clicks("details.confirm > summary").await;
    browser.clicks("details.confirm form[action='/console/rejected/replay'] button").await;
    browser.reads("2 events were tried again: 2 count now").await;
    browser.opens(&site.at("/console/live")).await;
    browser.sees("the event applied", "[...document.querySelectorAll('#tail tr')].some(row => row.innerText.includes('boss_defeated') && row.innerText.includes('Applied'))").await;
}

#[tokio::test]
async fn events_show_on_the_live_page_as_they_come_in() {
    let site = Site::start().await;
    let browser = signed_in(&site).await;
    browser.opens(&site.at("/console/live")).await;
    browser.reads("Live").await;
    browser
        .sees(
            "the word of the script",
            "document.querySelector('[data-live-state]').textContent === 'Live'",
        )
        .await;
    site.post("/api/events", &game("ann", 900)).await;
    site.post("/api/events", &boss("anton")).await;
    browser.sees("two rows", "document.querySelectorAll('#tail tr').length === 2").await;
    browser.clicks("[data-pause]").await;
    browser.reads("Paused").await;
}

#[tokio::test]
async fn a_ban_moves_up_whoever_was_behind() {
    let site = played().await;
    let browser = signed_in(&site).await;
    let rank = "document.querySelector('tr.me td').textContent";
    browser.opens(&site.at("/console/boards?player=anton")).await;
    browser.sees("the second rank", &format!("{rank} === '2'")).await;
    browser.opens(&site.at("/console/player?id=ann")).await;
    browser.clicks("details.confirm > summary").await;
    browser.types("#note", "speed hack").await;
    browser.clicks("form[action='/console/player/ban'] button").await;
    browser.reads("Banned, unseen").await;
    browser.opens(&site.at("/console/boards?player=anton")).await;
    browser.sees("the first rank", &format!("{rank} === '1'")).await;
}

#[tokio::test]
async fn a_player_is_erased_by_typing_the_id_with_and_without_a_script() {
    let site = played().await;
    let browser = signed_in(&site).await;
    let erase = "form[action='/console/player/erase']";
    let opens = "details.confirm:has(form[action='/console/player/erase']) > summary";
    browser.opens(&site.at("/console/player?id=ann")).await;
    browser.clicks(opens).await;
    browser.types("#note-erase", "asked for it by mail").await;
    browser.types("#typed-erase", "an").await;
    let armed = format!("!document.querySelector(\"{erase} button\").disabled");
    browser.sees("the word is not whole", &format!("!({armed})")).await;
    browser.types("#typed-erase", "n").await;
    browser.sees("the word is whole", &armed).await;
    browser.clicks(&format!("{erase} button")).await;
    // The page tells of the end by itself, or had it already when it was made.
    browser.reads("what was erased, in numbers").await;
    browser.opens(&site.at("/console/boards?player=anton")).await;
    let rank = "document.querySelector('tr.me td').textContent";
    browser.sees("the first rank", &format!("{rank} === '1'")).await;
    browser.opens(&site.at("/console/player?id=ann")).await;
    browser.reads("This player is erased").await;

    browser.runs_scripts(false).await;
    browser.opens(&site.at("/console/player?id=anton")).await;
    browser.clicks(opens).await;
    browser.types("#note-erase", "asked for it, too").await;
    browser.types("#typed-erase", "anton").await;
    browser.follows(&format!("{erase} button")).await;
    let start = Instant::now();
    loop {
        assert!(start.elapsed() < DEADLINE, "the job is not done");
        browser.runs_scripts(true).await;
        browser.reads("Erasing a player").await;
        let text = browser.asks("return document.body.innerText").await;
        browser.runs_scripts(false).await;
        if text.as_str().expect("a text").contains("what was erased, in numbers") {
            break;
        }
        browser.follows("[data-live-state] a").await;
    }
}

#[tokio::test]
async fn an_event_is_voided_from_the_timeline_and_counts_again() {
    let site = played().await;
    let browser = signed_in(&site).await;
    browser.opens(&site.at("/console/player?id=ann")).await;
    browser.clicks(".timeline a[href*='act=void']").await;
    browser.reads("1 event is meant").await;
    browser.types("#note", "a changed app").await;
    browser.clicks("form[action='/console/voiding'] button.danger").await;
    browser.reads("do not count any more").await;
    browser.opens(&site.at("/console/player?id=ann")).await;
    browser.reads("was voided and does not count").await;
    browser.clicks(".timeline a[href*='act=unvoid']").await;
    browser.types("#note", "it was fair").await;
    browser.clicks("form[method=post][action='/console/voiding'] button").await;
    browser.reads("count again.").await;
}

#[tokio::test]
async fn without_a_script_everything_that_matters_still_works() {
    let site = played().await;
    let browser = Browser::start().await;
    browser.runs_scripts(false).await;
    browser.opens(&site.link()).await;
    let reads = async |text: &str| {
        browser.runs_scripts(true).await;
        browser.reads(text).await;
        browser.runs_scripts(false).await;
    };
    reads("what devices send is on the boards").await;
    reads("Load again").await;
    browser.opens(&site.at("/console/rejected?reason=unknown_event_type&type=boss_defeated")).await;
    browser.clicks("details.confirm.red > summary").await;
    browser.types("#note", "a test of the last build").await;
    browser.follows("details.confirm.red button").await;
    reads("2 events were given up").await;
    browser
        .opens(
            &site.at("/console/rejected?tab=given_up&reason=unknown_event_type&type=boss_defeated"),
        )
        .await;
    reads("a test of the last build").await;
    browser.opens(&site.at("/console")).await;
    browser.follows("form[action='/console/sign-out'] button").await;
    reads("Sign in to Sample Flight").await;
    browser.opens(&site.at("/console/players")).await;
    reads("Sign in to Sample Flight").await;
}

#[tokio::test]
async fn what_a_client_sent_is_text_on_every_page_and_nothing_comes_from_elsewhere() {
    let site = played().await;
    let browser = signed_in(&site).await;
    for path in PAGES {
        browser.opens(&site.at(path)).await;
        browser.sees("a heading", "!!document.querySelector('h1')").await;
        let title = browser.asks("return document.title").await;
        assert!(
            title.as_str().is_some_and(|title| title.ends_with("Scoreline")),
            "{path}: {title}"
        );
        let images = browser.asks("return document.querySelectorAll('img, script:not([src]), style, [style], [onerror]').length").await;
        assert_eq!(images, 0, "{path}");
        let turning = browser.asks("return /[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008]/.test(document.documentElement.outerHTML)").await;
        assert_eq!(turning, false, "{path}");
        let elsewhere = browser
            .asks("return performance.getEntriesByType('resource').filter(one => new URL(one.name).origin !== location.origin).length")
            .await;
        assert_eq!(elsewhere, 0, "{path}");
    }
}

#[tokio::test]
async fn every_page_is_accessible_in_light_and_dark_and_fits_a_phone() {
    let site = played().await;
    let browser = signed_in(&site).await;
    let mut found = Vec::new();
    for path in PAGES {
        for scheme in ["light", "dark"] {
            browser.prefers(scheme).await;
            browser.is_as_wide_as(1_280).await;
            browser.opens(&site.at(path)).await;
            browser.sees("a heading", "!!document.querySelector('h1')").await;
            found.extend(faults(&browser, &format!("{path} in {scheme}")).await);
        }
        browser.is_as_wide_as(375).await;
        browser.opens(&site.at(path)).await;
        browser.sees("a heading", "!!document.querySelector('h1')").await;
        found.extend(faults(&browser, &format!("{path} on a phone")).await);
        let width = browser.asks("return document.documentElement.scrollWidth").await;
        if width != 375 {
            found.push(format!("{path} is {width} wide on a phone"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
