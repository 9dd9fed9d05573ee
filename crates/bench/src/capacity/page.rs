//! The report of a capacity run as one page of HTML: nothing is loaded from anywhere, and it is readable in
//! light and in dark.

use super::plot::{Plot, drawn, escaped, words};
use super::verdict::{Rung, Step};
use super::{Capacity, HEADS};

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1b1f24; --faint: #5b6570; --line: #d5dae0; --page: #ffffff;
  --s0: #0b62b8; --s1: #a8480b; --s2: #1a7d3c; --s3: #7a3cb0; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ed; --faint: #a2acb8; --line: #3a424c; --page: #14181d;
  --s0: #6db3ff; --s1: #ffab6b; --s2: #6fd38d; --s3: #cfa0ff; --bad: #ff8a80; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { white-space: nowrap; padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child, td.word, th.word { text-align: left; }
svg { width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 15px; }
.grid { stroke: var(--line); } .bound { stroke: var(--bad); stroke-dasharray: 5 4; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 7 3; } .s2 { stroke: var(--s2); stroke-dasharray: 2 3; }
.s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; }
.curve { fill: none; stroke-width: 2; } figure { margin: 0; }
.d0 { fill: var(--s0); } .d1 { fill: var(--s1); } .d2 { fill: var(--s2); } .d3 { fill: var(--s3); } .s4, .d4 { stroke: var(--faint); fill: var(--faint); }
polyline.s4 { fill: none; } .key { display: inline-block; margin-right: 1.2rem; }
.key svg { width: 2rem; height: .6rem; vertical-align: middle; margin-right: .3rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem 2rem; }
.bad { color: var(--bad); }
";

/// The page.
pub fn page(capacity: &Capacity) -> String {
    let mut page =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<title>Capacity of this machine</title>\n<style>");
    page.push_str(STYLE);
    page.push_str("</style>\n</head>\n<body>\n<main>\n<h1>Capacity of this machine</h1>\n");
    let words = capacity.words();
    for words in &words {
        put(&mut page, &format!("<p>{}</p>\n", escaped(words)));
    }
    page.push_str("<h2>What that means</h2>\n<div class=\"wide\"><table>\n<tr>");
    for (place, head) in HEADS.iter().enumerate() {
        let class = if place + 1 == HEADS.len() { " class=\"word\"" } else { "" };
        put(&mut page, &format!("<th scope=\"col\"{class}>{}</th>", escaped(head)));
    }
    page.push_str("</tr>\n");
    for rung in &capacity.rungs {
        row(&mut page, rung);
    }
    page.push_str("</table></div>\n<h2>How it was found</h2>\n<div class=\"plots\">\n");
    for plot in &plots(capacity) {
        put(&mut page, &drawn(&capacity.steps, plot));
    }
    page.push_str("</div>\n<h2>All steps</h2>\n<div class=\"wide\"><table>\n");
    steps(&mut page, &capacity.steps);
    page.push_str("</table></div>\n</main>\n</body>\n</html>\n");
    page
}

fn put(page: &mut String, text: &str) {
    page.push_str(text);
}

fn row(page: &mut String, rung: &Rung) {
    let cells = super::cells(rung);
    page.push_str("<tr>");
    for (place, cell) in cells.iter().enumerate() {
        let class = if place + 1 == cells.len() { " class=\"word\"" } else { "" };
        put(page, &format!("<td{class}>{}</td>", escaped(cell)));
    }
    page.push_str("</tr>\n");
}

fn steps(page: &mut String, steps: &[Step]) {
    let heads = [
        "offered, events/s",
        "accepted",
        "p50 ms",
        "p99 ms",
        "freshness p99 ms",
        "waiting",
        "broke",
    ];
    page.push_str("<tr>");
    for (place, head) in heads.iter().enumerate() {
        let class = if place + 1 == heads.len() { " class=\"word\"" } else { "" };
        put(page, &format!("<th scope=\"col\"{class}>{head}</th>"));
    }
    page.push_str("</tr>\n");
    for step in steps {
        let broke = escaped(step.broke.as_deref().unwrap_or(""));
        let numbers = [
            step.offered,
            step.accepted,
            step.p50_ms,
            step.p99_ms,
            step.freshness_ms,
            step.backlog,
        ];
        page.push_str("<tr>");
        for number in numbers {
            put(page, &format!("<td>{}</td>", words(number)));
        }
        put(page, &format!("<td class=\"word bad\">{broke}</td></tr>\n"));
    }
}

fn plots(capacity: &Capacity) -> Vec<Plot<'static>> {
    let steps = &capacity.steps;
    let of = |figure: fn(&Step) -> f64| steps.iter().map(figure).collect::<Vec<f64>>();
    let by_name = |list: fn(&Step) -> &Vec<(String, f64)>, times: f64| {
        let names = steps.first().map(list).into_iter().flatten().map(|(name, _)| name.clone());
        let series = names.enumerate().map(|(place, name)| {
            let values =
                steps.iter().map(|step| times * list(step).get(place).map_or(0.0, |one| one.1));
            (name, values.collect::<Vec<f64>>())
        });
        series.collect::<Vec<_>>()
    };
    let one = |name: &str, values| (name.to_owned(), values);
    let latency = vec![one("p50", of(|step| step.p50_ms)), one("p99", of(|step| step.p99_ms))];
    let fresh = vec![one("p99", of(|step| step.freshness_ms))];
    let bounds = capacity.bounds;
    let plot = |title, unit, series, bound| Plot { title, unit, series, bound };
    vec![
        plot("Answers", "ms", latency, Some(bounds.p99_ms)),
        plot("From the answer to the board", "ms", fresh, Some(bounds.freshness_ms)),
        plot("Waiting", "events", vec![one("most", of(|step| step.backlog))], None),
        plot("Processors", "% of all", by_name(|step| &step.processors, 100.0), None),
        plot("Memory", "MB", by_name(|step| &step.memory_mb, 1.0), None),
        plot("Disk", "bytes", vec![one("all files", of(|step| step.disk_bytes))], None),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::verdict::{Bounds, Costs, rungs};
    use super::*;

    #[test]
    fn the_page_loads_nothing_and_shows_every_step_and_rung() {
        let step = |offered: f64| Step {
            offered,
            accepted: offered,
            p99_ms: offered / 100.0,
            processors: vec![("server <1>".to_owned(), 0.5)],
            memory_mb: vec![("server <1>".to_owned(), 50.0)],
            ..Step::default()
        };
        let capacity = Capacity {
            profile: "embedded".to_owned(),
            steps: vec![step(500.0), step(12_345.0)],
            reached: 500.0,
            bounds: Bounds::default(),
            costs: Costs::default(),
            rungs: rungs(500.0, &Costs::default()),
            ends_first: "the processors".to_owned(),
            cores: 2,
        };
        let page = page(&capacity);
        for outside in ["http:", "https:", "src=", "url(", "@import", "<script", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("prefers-color-scheme: dark"));
        assert_eq!(page.matches("<polyline").count(), 7);
        assert!(page.contains("server &lt;1&gt;") && page.contains("<td>12.3 k</td>"));
        assert_eq!(page.matches("<tr>").count(), 1 + 5 + 1 + 2);
    }
}
