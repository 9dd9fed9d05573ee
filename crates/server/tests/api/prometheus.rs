//! What Prometheus is told: the metrics, the shipped rules and the documentation stay in step.

use std::collections::BTreeSet;
use std::path::PathBuf;

use scoreline_core::alert::{Alert, Figures, Thresholds};
use serde_json::{Value, json};

use crate::test_app::TestApp;

/// Each alert: its metric, its name among the rules, and the figure it looks at.
const RULES: [(&str, &str, &str); 13] = [
    ("queue_waiting_seconds", "ScorelineQueueWaitingSeconds", "scoreline_queue_waiting_seconds"),
    (
        "queue_waiting",
        "ScorelineQueueWaiting",
        "(scoreline_queue_events{name=\"waiting\"} and on (instance) \
         scoreline_capacity_events_per_second == 0)",
    ),
    ("oldest_waiting_seconds", "ScorelineOldestWaiting", "scoreline_oldest_waiting_seconds"),
    ("queue_failed", "ScorelineEventsFailed", "scoreline_dead_alarming"),
    ("set_aside_room", "ScorelineSetAsideRoom", "scoreline_set_aside_room_percent"),
    ("review_waiting_hours", "ScorelineReviewWaiting", "scoreline_review_waiting_hours"),
    ("erasure_waiting_hours", "ScorelineErasureWaiting", "scoreline_erasure_waiting_hours"),
    ("queue_lost", "ScorelineQueueLost", "scoreline_queue_recent_losses"),
    ("queue_foreign", "ScorelineQueueForeign", "scoreline_queue_foreign"),
    ("clock_in_doubt", "ScorelineClockInDoubt", "scoreline_clock_in_doubt"),
    ("worker_utilization", "ScorelineWorkerUtilization", "scoreline_worker_load_percent"),
    ("pool_utilization", "ScorelinePoolUtilization", "scoreline_pool_utilization_percent"),
    ("database_load", "ScorelineDatabaseLoad", "scoreline_database_load_percent"),
];

const HEAD: &str = "\
# Alerts of Scoreline for Prometheus, with the thresholds and the advice of /api/health.
#
# A test compares this file with the thresholds in the code. docs/operations.md says more about
# every alert. Scrape /metrics of every node. Where a critical alert is raised, the warning of the same
# name is raised too; let Alertmanager inhibit it.
groups:
  - name: scoreline
    rules:
      - alert: ScorelineDown
        expr: up{job=\"scoreline\"} == 0
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: A node of Scoreline does not answer
          description: \"See its log and 'scoreline doctor'; what was acknowledged is stored.\"
      - alert: ScorelineJobFailing
        expr: scoreline_job_failures > 3
        for: 1m
        labels:
          severity: warning
        annotations:
          summary: The background job {{ $labels.name }} fails
          description: \"services.scheduler of /api/health says why; the job repeats by itself.\"
";

/// All alerts there are, raised by figures that could not be worse.
fn all_alerts() -> Vec<Alert> {
    let worst = Figures {
        waiting: u64::MAX,
        capacity_per_second: None,
        failed: u64::MAX,
        losses: u64::MAX,
        queue_is_foreign: true,
        clock_is_in_doubt: true,
        worker_utilization_percent: f64::MAX,
        pool_utilization_percent: f64::MAX,
        database_load_percent: Some(f64::MAX),
        oldest_waiting_seconds: f64::MAX,
        set_aside_room_percent: f64::MAX,
        review_waiting_hours: f64::MAX,
        erasure_waiting_hours: f64::MAX,
    };
    let measured = Figures { capacity_per_second: Some(1.0), ..worst };
    let thresholds = Thresholds::default();
    let mut alerts = thresholds.alerts(&worst);
    let more = thresholds.alerts(&measured);
    alerts.extend(more.into_iter().filter(|alert| alert.metric == "queue_waiting_seconds"));
    alerts
}

fn rule(name: &str, figure: &str, (severity, threshold): (&str, f64), alert: &Alert) -> String {
    // One loss is enough, and it does not pass within a minute.
    let patience = if alert.metric == "queue_lost" { "0m" } else { "1m" };
    format!(
        "      - alert: {name}\n        expr: {figure} > {threshold}\n        for: {patience}\n        \
         labels:\n          severity: {severity}\n        annotations:\n          summary: {metric} is \
         {{{{ $value }}}}, above {threshold}\n          description: {advice:?}\n",
        metric = alert.metric,
        advice = alert.advice,
    )
}

/// The rules as the thresholds of the code want them.
fn rules() -> String {
    let alerts = all_alerts();
    let mut text = HEAD.to_owned();
    for (metric, name, figure) in RULES {
        let alert = alerts.iter().find(|alert| alert.metric == metric).expect("an alert");
        // Where both are the same, a warning would only be noise.
        if alert.warning < alert.critical {
            text += &rule(name, figure, ("warning", alert.warning), alert);
        }
        text += &rule(name, figure, ("critical", alert.critical), alert);
    }
    text
}

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Every name that begins with `scoreline_` in a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("scoreline_")).map(str::to_owned).collect()
}

/// The names that `/metrics` describes; counters are sampled with `_total` behind.
async fn described(app: &TestApp) -> BTreeSet<String> {
    // What is counted by a label shows once there is something to count.
    let mut flawed = app.game("ann", 1);
    flawed["country"] = json!("419");
    app.post_events(&json!([{ "event_type": "unheard_of" }, flawed])).await;
    app.operate("/api/events/requeue-quarantined", &json!({})).await.expect(200);
    let text = app.metrics().await;
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let described = kinds.map(|line| match line.split_once(' ').expect("a name and a kind") {
        (name, "counter") => format!("{name}_total"),
        (name, _) => name.to_owned(),
    });
    described.collect()
}

#[test]
fn the_shipped_rules_have_the_thresholds_and_the_advice_of_the_code() {
    let mut covered: Vec<&str> = RULES.map(|(metric, ..)| metric).into();
    let mut all: Vec<&str> = all_alerts().iter().map(|alert| alert.metric).collect();
    covered.sort_unstable();
    all.sort_unstable();
    assert_eq!(covered, all, "every alert has its rule");
    let shipped = std::fs::read_to_string(repository("ops/prometheus-rules.yaml")).expect("rules");
    let wanted = rules();
    assert!(shipped == wanted, "ops/prometheus-rules.yaml should read:\n{wanted}");
}

#[tokio::test]
async fn the_rules_ask_for_nothing_that_is_not_measured() {
    let app = TestApp::start().await;
    let described = described(&app).await;
    let asked = names(&rules());
    assert!(asked.len() >= RULES.len() - 1, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&described).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not in {described:?}");
}

/// The queries of every panel of the dashboard, and of what it lets people choose.
fn queries_of_the_dashboard() -> Vec<String> {
    let text =
        std::fs::read_to_string(repository("ops/grafana-dashboard.json")).expect("it is there");
    let dashboard: Value = serde_json::from_str(&text).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    assert!(panels.len() > 10, "{} panels", panels.len());
    let mut queries = Vec::new();
    for panel in panels {
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{} asks for nothing", panel["title"]);
        let query = |target: &Value| target["expr"].as_str().expect("a query").to_owned();
        queries.extend(targets.iter().map(query));
    }
    let chosen = dashboard["templating"]["list"].as_array().expect("a list");
    queries.extend(chosen.iter().filter_map(|one| Some(one["query"].as_str()?.to_owned())));
    queries
}

#[tokio::test]
async fn every_panel_of_the_dashboard_asks_for_what_is_measured() {
    let app = TestApp::start().await;
    let described = described(&app).await;
    for query in queries_of_the_dashboard() {
        for name in names(&query) {
            let of_histogram = name.strip_suffix("_bucket").unwrap_or(&name);
            assert!(described.contains(of_histogram), "{name} of {query} is not in {described:?}");
        }
        let is_up = query.contains("up{") || query == "prometheus";
        assert!(is_up || !names(&query).is_empty(), "{query} asks for nothing of Scoreline");
    }
}

#[tokio::test]
async fn the_documentation_lists_every_metric_and_no_other() {
    let app = TestApp::start().await;
    let path = repository("docs/operations.md");
    let documented = names(&std::fs::read_to_string(path).expect("documentation"));
    assert_eq!(documented, described(&app).await);
}

#[test]
fn the_documentation_tells_every_alert_with_its_thresholds() {
    let path = repository("docs/operations.md");
    let text = std::fs::read_to_string(path).expect("documentation");
    for Alert { metric, warning, critical, .. } in all_alerts() {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{metric}` |")));
        let row = row.unwrap_or_else(|| panic!("{metric} has no row in docs/operations.md"));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let number = |cell: &str| cell.split(' ').next().and_then(|text| text.parse::<f64>().ok());
        assert_eq!((number(cells[2]), number(cells[3])), (Some(warning), Some(critical)), "{row}");
    }
}
