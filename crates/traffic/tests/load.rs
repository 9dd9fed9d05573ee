//! The load generator against servers that stall, refuse and hang up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::routing::{any, get, post};
use scoreline_core::error::ErrorKind;
use scoreline_core::time::Timestamp;
use scoreline_traffic::client::{Connection, Target};
use scoreline_traffic::load::{DRAIN, Load, Pace, SystemClock};
use scoreline_traffic::report::Phase;
use scoreline_traffic::workload::{Ingest, Request, Workload};
use tokio::time::Instant;

mod support;

use support::serve;

/// Asks for one page again and again.
struct Page;

impl Workload for Page {
    fn request(&self, n: u64, _now: Timestamp) -> Request {
        Request::Get { path: format!("/page?n={n}") }
    }

    fn events_per_request(&self) -> u64 {
        0
    }
}

fn load(target: Target, pace: Pace, duration: Duration) -> Load {
    Load {
        name: "test".to_owned(),
        target,
        pace,
        connections: 1,
        warm_up: Duration::ZERO,
        duration,
        drain: DRAIN,
        requests_max: None,
        clock: Arc::new(SystemClock),
    }
}

async fn run(load: Load, workload: impl Workload) -> Phase {
    load.run(Arc::new(workload)).await.expect("the server is there")
}

/// A page whose first request takes `stall`, as if the server paused; the others take no time.
fn stalls_once(stall: Duration) -> Router {
    let requests = Arc::new(AtomicU64::new(0));
    Router::new().route(
        "/page",
        get(move || async move {
            if requests.fetch_add(1, Ordering::Relaxed) == 0 {
                tokio::time::sleep(stall).await;
            }
            "here"
        }),
    )
}

#[tokio::test]
async fn a_stall_is_charged_with_all_requests_that_waited_meanwhile() {
    let stall = Duration::from_millis(400);
    let target = serve(stalls_once(stall)).await;
    let pace = Pace::Open { per_second: 200.0 };
    let phase = run(load(target, pace, Duration::from_millis(500)), Page).await;
    assert_eq!((phase.requests, phase.errors, phase.unsent), (100, 0, 0), "{phase:?}");
    // 80 of the 100 were meant to be sent during the stall. Counted from when they were sent, all
    // but one of them would seem to be answered at once.
    assert!(phase.max_us >= 400_000, "{phase:?}");
    assert!(phase.p50_us >= 100_000, "{phase:?}");
    assert!(phase.p90_us >= 300_000, "{phase:?}");
}

#[tokio::test]
async fn an_open_loop_sends_what_its_schedule_says_and_no_more() {
    let seen = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seen);
    let page = move || async move {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    let target = serve(Router::new().route("/page", get(page))).await;
    let begun = Instant::now();
    let wanted = Load {
        connections: 8,
        warm_up: Duration::from_millis(100),
        ..load(target, Pace::Open { per_second: 1_000.0 }, Duration::from_millis(300))
    };
    let phase = run(wanted, Page).await;
    assert!(begun.elapsed() >= Duration::from_millis(390), "it keeps to its schedule");
    assert_eq!(seen.load(Ordering::Relaxed), 400);
    assert_eq!(phase.requests, 300, "the warm-up is not measured");
    assert!(phase.per_second <= 1_000.0, "{phase:?}");
}

#[tokio::test]
async fn what_no_connection_came_to_is_an_error_and_not_forgotten() {
    let target = serve(stalls_once(Duration::from_millis(600))).await;
    let wanted = Load {
        drain: Duration::from_millis(50),
        ..load(target, Pace::Open { per_second: 100.0 }, Duration::from_millis(200))
    };
    let phase = run(wanted, Page).await;
    assert_eq!((phase.requests, phase.unsent, phase.errors), (1, 19, 19), "{phase:?}");
    assert_eq!(phase.first_error.as_deref(), Some("not sent in time"));
}

#[tokio::test]
async fn a_closed_loop_ends_with_its_count() {
    let target = serve(stalls_once(Duration::ZERO)).await;
    let wanted = Load {
        connections: 4,
        requests_max: Some(100),
        ..load(target, Pace::Closed, Duration::from_secs(60))
    };
    let phase = run(wanted, Page).await;
    assert_eq!((phase.requests, phase.errors), (100, 0));
    assert!(phase.seconds < 60.0 && phase.per_second > 0.0, "{phase:?}");
}

#[tokio::test]
async fn a_closed_loop_ends_with_its_time() {
    let target = serve(stalls_once(Duration::ZERO)).await;
    let phase = run(load(target, Pace::Closed, Duration::from_millis(100)), Page).await;
    assert!(phase.requests > 0 && phase.errors == 0, "{phase:?}");
    assert!(phase.seconds >= 0.1, "{phase:?}");
}

#[tokio::test]
async fn accepted_rejected_and_duplicate_events_are_counted_from_the_answers() {
    let answer = r#"{"success":true,"count":20,"received":20,"accepted":17,"duplicates":2,
        "rejected":[{"index":2,"code":"out_of_range"},{"index":3},{"index":4}]}"#;
    let target =
        serve(Router::new().route("/api/events", post(move || async move { answer }))).await;
    let wanted =
        Load { requests_max: Some(50), ..load(target, Pace::Closed, Duration::from_secs(60)) };
    let phase = run(wanted, Ingest::new(20, 10, 1)).await;
    assert_eq!((phase.requests, phase.events), (50, 1_000));
    assert_eq!((phase.accepted, phase.rejected, phase.duplicates), (850, 150, 100));
}

#[tokio::test]
async fn refusals_are_errors_with_their_status() {
    let requests = Arc::new(AtomicU64::new(0));
    let page = move || async move {
        match requests.fetch_add(1, Ordering::Relaxed) % 5 {
            0 => (StatusCode::SERVICE_UNAVAILABLE, "too busy"),
            _ => (StatusCode::OK, "here"),
        }
    };
    let target = serve(Router::new().route("/page", get(page))).await;
    let wanted =
        Load { requests_max: Some(100), ..load(target, Pace::Closed, Duration::from_secs(60)) };
    let phase = run(wanted, Page).await;
    assert_eq!((phase.requests, phase.errors), (100, 20));
    assert_eq!(phase.by_status.into_iter().collect::<Vec<_>>(), [(200, 80), (503, 20)]);
    assert_eq!(phase.first_error.as_deref(), Some("503: too busy"));
}

#[tokio::test]
async fn a_server_that_hangs_up_after_each_answer_is_called_again() {
    let page = || async { ([(CONNECTION, "close")], "here") };
    let target = serve(Router::new().route("/page", get(page))).await;
    let wanted =
        Load { requests_max: Some(30), ..load(target, Pace::Closed, Duration::from_secs(60)) };
    let phase = run(wanted, Page).await;
    assert_eq!((phase.requests, phase.errors), (30, 0), "{phase:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let target = Target::parse(&address.to_string()).expect("an address");
    let load = load(target, Pace::Closed, Duration::from_secs(60));
    let error = load.run(Arc::new(Page)).await.expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Busy);
}

#[tokio::test]
async fn a_token_goes_with_every_request_and_bodies_arrive_whole() {
    let echo = |headers: axum::http::HeaderMap, body: String| async move {
        let token = headers.get("authorization").and_then(|value| value.to_str().ok());
        format!("{} {body}", token.unwrap_or_default())
    };
    let target = serve(Router::new().route("/echo", any(echo))).await;
    let mut connection = Connection::new(target.with_token("secret").expect("a token"));
    let answer = connection.post_json("/echo", &[1, 2]).await.expect("an answer");
    assert_eq!((answer.status, &*answer.body), (200, &b"Bearer secret [1,2]"[..]));
    let answer = connection.get("/nowhere").await.expect("an answer");
    assert_eq!((answer.status, answer.is_success()), (404, false));
}
