//! Health for people, orchestrators and Prometheus.

use serde_json::json;

use crate::client::Request;
use crate::test_app::{TestApp, hours};

#[tokio::test]
async fn a_server_without_trouble_is_healthy_in_every_part() {
    let app = TestApp::start().await;
    app.advance(hours(2));
    for path in ["/api/health", "/health"] {
        let health = app.get(path).await;
        assert_eq!(health["status"], "healthy", "{health}");
        assert_eq!(health["timestamp"], "2026-11-23T12:00:00.000Z");
        assert_eq!(health["uptime"], 7_200);
        assert!(health["version"].as_str().is_some_and(|version| version.contains('.')));
        assert_eq!(health["alerts"], json!([]));
        assert!(health["performance"].is_object());
        let services = &health["services"];
        for service in ["database", "queue", "ranks", "scheduler"] {
            assert_eq!(services[service]["status"], "healthy", "{service}: {health}");
        }
        assert!(services["database"]["responseTime"].is_u64(), "{services}");
        assert_eq!(services["redis"]["status"], "not_configured", "{services}");
    }
}

#[tokio::test]
async fn the_pool_is_told_in_words_and_numbers() {
    let app = TestApp::start().await;
    let pool = app.get("/api/health/pool").await;
    let number = |field: &str| pool[field].as_f64().unwrap_or_else(|| panic!("{field}: {pool}"));
    assert!(number("max") >= number("total") && number("total") >= number("idle"), "{pool}");
    assert!(number("waiting") <= 2.0, "at most questions of the scheduler: {pool}");
    let percent = number("utilization_percent");
    assert_eq!(pool["utilization"], format!("{percent:.2}%"));
    assert_eq!(pool["health"], "healthy");
    assert!(pool["message"].as_str().is_some_and(|text| !text.is_empty()));
}

#[tokio::test]
async fn orchestrators_hear_of_life_and_readiness() {
    let app = TestApp::start().await;
    for path in ["/livez", "/readyz", "/livez/", "/readyz/"] {
        let answer = app.send(Request::get(path)).await;
        assert_eq!((answer.status, &*answer.text()), (200, "ok"), "{path}");
    }
}

#[tokio::test]
async fn metrics_are_in_the_form_that_prometheus_reads() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    app.get("/api/v2/leaderboard/user/ann").await;
    app.get("/api/v2/leaderboard/user/ben").await;
    app.send(Request::get("/no/such/path")).await;
    let answer = app.send(Request::get("/metrics")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"));
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    for line in samples {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("scoreline_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let route = "/api/v2/leaderboard/user/{user_id}";
    let read =
        format!("scoreline_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"200\"}}");
    assert!((app.metric(&read).await - 2.0).abs() < 0.5, "by route, not by player");
    assert!(!text.contains("/no/such/path"));
}

#[tokio::test]
async fn no_request_can_grow_the_labels_of_the_metrics() {
    let app = TestApp::start().await;
    let grown = async |round: u32| {
        for n in 0..50 {
            let method = format!("ODD{round}N{n}");
            app.send(Request::new(&method, "/api/events")).await;
            app.send(Request::new(&method, &format!("/odd/{round}/{n}"))).await;
            app.send(Request::get(&format!("/api/v2/leaderboards/odd-{round}-{n}"))).await;
            app.send(Request::get(&format!("/odd-{round}-{n}?x={n}"))).await;
        }
        app.metrics().await.lines().filter(|line| line.contains("http_requests")).count()
    };
    grown(0).await;
    let once = grown(1).await;
    assert_eq!(grown(2).await, once, "{}", app.metrics().await);
}

#[tokio::test]
async fn thresholds_of_alerts_are_settings() {
    let alerts = "[alerts]\nworker_utilization = { warning = 0.0, critical = 0.0 }\n";
    let app = TestApp::with().alerts(alerts).start().await;
    app.plays("ann", 10).await;
    let health = app.get("/api/health").await;
    let alert = &health["alerts"][0];
    assert_eq!(
        (&alert["metric"], &alert["level"]),
        (&json!("worker_utilization"), &json!("critical"))
    );
    assert_eq!(health["status"], "degraded", "it still serves: {health}");
    for field in ["value", "warning", "critical"] {
        assert!(alert[field].is_f64(), "{alert}");
    }
    assert!(alert["advice"].as_str().is_some_and(|text| text.len() > 20), "{alert}");
}
