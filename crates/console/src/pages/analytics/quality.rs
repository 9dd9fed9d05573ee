//! How good the data is: what came late, twice, with a wrong clock, or not as the definition has it.

use scoreline_core::store::Totals;
use scoreline_http::parts::{Counted, Times};

use super::asked::Ask;
use crate::charts::{Cell, Sheet};
use crate::console::Console;
use crate::history::Refused;
use crate::moment::Moment;
use crate::words;

/// Fields whose flaws are added up.
const FLAWS_MAX: usize = 1_000;

/// The section.
pub(super) struct Quality {
    pub rows: Vec<Row>,
    pub since: String,
    pub csv: String,
    pub json: String,
    pub sheet: Sheet,
}

/// One flaw of the data.
pub(super) struct Row {
    pub what: &'static str,
    pub events: String,
    /// Where more of it is; empty if nowhere.
    pub path: &'static str,
    pub share: String,
    pub meaning: &'static str,
}

/// A flaw of the data, counted.
struct Flaw {
    what: &'static str,
    events: u64,
    of: u64,
    path: &'static str,
    meaning: &'static str,
}

/// The section.
pub(super) fn section(console: &Console, ask: &Ask, moment: &Moment) -> Quality {
    let counted = console.metrics.counted();
    let aside = console.metrics.flaws(FLAWS_MAX).iter().map(|flaw| flaw.count).sum();
    let totals = moment.state.totals.unwrap_or_default();
    let flaws = flaws(&counted, aside, totals);
    let csv = ask.data("quality");
    let seconds = console.clock.monotonic().saturating_duration_since(console.started);
    Quality {
        rows: flaws.iter().map(row).collect(),
        since: words::seconds(seconds.as_secs_f64()),
        json: csv.replacen(".csv", ".json", 1),
        csv,
        sheet: sheet(&flaws),
    }
}

fn flaws(counted: &Counted, aside: u64, totals: Totals) -> Vec<Flaw> {
    let Times { hour_late, day_late, corrected, replaced } = counted.times;
    let mut refused = Refused::default();
    for (code, events) in &counted.rejected {
        refused.add(*code, *events);
    }
    let (taken, came) = (counted.accepted, counted.accepted + refused.total());
    let of_node = |what, events, meaning| Flaw { what, events, of: taken, path: "", meaning };
    let refusal =
        |what, events, meaning| Flaw { what, events, of: came, path: "/console/rejected", meaning };
    vec![
        of_node(
            "Later than an hour",
            hour_late,
            "Phones that were offline. Each counts on the day it happened.",
        ),
        of_node("Later than a day", day_late, "They moved figures of days that were over."),
        of_node(
            "Clock corrected",
            corrected,
            "Devices whose clock was wrong by more than a minute, told by sent_at.",
        ),
        of_node(
            "Counted at receipt",
            replaced,
            "Their time was more than 30 days old, ahead, or no time.",
        ),
        of_node(
            "Values set aside",
            aside,
            "A value is not as the definition has it, and nothing needs it: the event counts without it.",
        ),
        refusal(
            "Refused: unknown type",
            refused.unknown_type,
            "In none of these figures until the definition has the type and they are requeued.",
        ),
        refusal(
            "Refused: a value",
            refused.values,
            "A value that something reads is missing, wrong or out of range.",
        ),
        refusal(
            "Refused: other",
            refused.other,
            "Not readable, too large, of a player that cannot be, or another event’s id.",
        ),
        Flaw {
            what: "Came again",
            events: totals.duplicates,
            of: totals.applied + totals.duplicates,
            path: "",
            meaning: "Resends, of all nodes since the database was made. They changed nothing.",
        },
        Flaw {
            what: "Waiting in quarantine",
            events: totals.quarantined,
            of: totals.applied + totals.quarantined,
            path: "/console/rejected",
            meaning: "Refused and neither requeued nor given up, of all nodes.",
        },
    ]
}

fn share(flaw: &Flaw) -> Option<f64> {
    (flaw.of > 0).then(|| flaw.events as f64 / flaw.of as f64)
}

fn row(flaw: &Flaw) -> Row {
    let percent = |share: f64| words::percent((share * 10_000.0).round() / 100.0);
    Row {
        what: flaw.what,
        events: words::count(flaw.events),
        path: if flaw.events > 0 { flaw.path } else { "" },
        share: share(flaw).map_or_else(|| "–".to_owned(), percent),
        meaning: flaw.meaning,
    }
}

fn sheet(flaws: &[Flaw]) -> Sheet {
    let row = |flaw: &Flaw| {
        vec![
            flaw.what.into(),
            Cell::Number(flaw.events as f64),
            share(flaw).into(),
            flaw.meaning.into(),
        ]
    };
    Sheet {
        name: "Data quality".to_owned(),
        about: "Accepted and refused events of this node since it started; duplicates and quarantine of all nodes.".to_owned(),
        columns: ["what", "events", "share", "meaning"].map(str::to_owned).into(),
        rows: flaws.iter().map(row).collect(),
    }
}
