//! All figures of the page, of one moment: the counters are read at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::analytics::figures::{
    self, ActiveDay, Cohort, FunnelStep, RevenueDay, SessionDay,
};
use scoreline_core::analytics::{
    Analytics as Meaning, By, CounterQuery, CounterRow, Day, DayRange, Funnel, MeasureName,
};
use scoreline_core::time::Timestamp;
use scoreline_http::Problem;
use scoreline_http::parts::Inquiry;

use super::asked::Ask;

/// Everything that is shown.
pub(super) struct Found {
    /// What the counters mean.
    pub meaning: Arc<Meaning>,
    /// Whether all of history is counted.
    pub is_complete: bool,
    /// When they were read.
    pub as_of: Timestamp,
    pub active: BTreeMap<Day, ActiveDay>,
    pub sessions: BTreeMap<Day, SessionDay>,
    pub revenue: BTreeMap<Day, RevenueDay>,
    pub cohorts: BTreeMap<Day, Cohort>,
    /// The funnel that is shown, with its steps.
    pub funnel: Option<(Funnel, Vec<FunnelStep>)>,
    /// What players earned, of all currencies.
    pub earned: Vec<CounterRow>,
    /// What they spent.
    pub spent: Vec<CounterRow>,
    /// The last whole day by the values of a dimension, those with the most players first.
    pub split: Vec<Part>,
}

/// What one value of a dimension has of a day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub value: Arc<str>,
    pub players: i64,
    pub new: i64,
    pub sessions: i64,
    pub payers: i64,
    /// In the smallest unit of the currency.
    pub revenue: i64,
}

/// Reads what is asked for.
pub(super) async fn read(inquiry: &Inquiry<'_>, ask: &Ask) -> Result<Found, Problem> {
    let meaning = Arc::clone(&inquiry.meaning);
    let (days, wide, today) = (ask.days, ask.wide(), ask.today);
    // Lengths of sessions are many counters a day: those of the days before are not shown.
    let recent = DayRange { from: days.from.min(days.until.plus(-8)), until: days.until };
    let funnel = chosen(&meaning, &ask.asked.funnel);
    let name = funnel.map_or_else(|| Arc::from(""), |funnel| Arc::clone(&funnel.name));
    let of_funnel = if funnel.is_some() { figures::funnel_queries(&name, days) } else { vec![] };
    let asked = [
        figures::active_queries(By::All, wide),
        figures::sessions_queries(By::All, recent),
        figures::revenue_queries(By::All, wide),
        figures::retention_queries(wide),
        of_funnel,
        flow_queries(days),
        split_queries(ask),
    ];
    let lengths = asked.each_ref().map(Vec::len);
    let mut answers = inquiry.counters(asked.concat()).await?;
    let [active, sessions, revenue, cohorts, steps, mut flows, split] =
        lengths.map(|length| answers.drain(..length).collect::<Vec<_>>());
    let scale = meaning.revenue.as_ref().map_or(1, |revenue| revenue.scale);
    let spent = flows.pop().unwrap_or_default();
    Ok(Found {
        is_complete: inquiry.is_complete(),
        as_of: inquiry.as_of,
        active: by_day(figures::active(By::All, wide, &active).0, |one| one.day),
        sessions: by_day(figures::sessions(By::All, recent, &sessions).0, |one| one.day),
        revenue: by_day(figures::revenue(By::All, wide, scale, &revenue).0, |one| one.day),
        cohorts: by_day(figures::retention(wide, today, &cohorts), |one| one.day),
        funnel: funnel.map(|funnel| (funnel.clone(), figures::funnel(funnel, &steps))),
        earned: flows.pop().unwrap_or_default(),
        spent,
        split: parts(&split),
        meaning,
    })
}

impl Found {
    /// The currencies of the game that came or went on these days.
    pub fn currencies(&self) -> Vec<Arc<str>> {
        let rows = self.earned.iter().chain(&self.spent);
        let names: BTreeSet<&Arc<str>> = rows.map(|row| &row.value).collect();
        names.into_iter().cloned().collect()
    }
}

/// The funnel of this name, or the first one of levels, or the first.
fn chosen<'m>(meaning: &'m Meaning, name: &str) -> Option<&'m Funnel> {
    let named = meaning.funnels.iter().find(|funnel| &*funnel.name == name);
    let levels = || meaning.funnels.iter().max_by_key(|funnel| funnel.titles().len());
    named.or_else(levels)
}

fn by_day<T>(figures: Vec<T>, day: impl Fn(&T) -> Day) -> BTreeMap<Day, T> {
    figures.into_iter().map(|one| (day(&one), one)).collect()
}

fn flow_queries(days: DayRange) -> Vec<CounterQuery> {
    let flow = |measure| CounterQuery { measure, by: By::Currency, value: None, days };
    [MeasureName::Earned, MeasureName::Spent].map(flow).into()
}

/// What a split tells of the last whole day.
const SPLIT: [MeasureName; 5] = [
    MeasureName::Active,
    MeasureName::New,
    MeasureName::Sessions,
    MeasureName::Payers,
    MeasureName::Revenue,
];

fn split_queries(ask: &Ask) -> Vec<CounterQuery> {
    let day = ask.whole_day();
    let (by, days) = (By::Dimension(ask.asked.by.dimension()), DayRange { from: day, until: day });
    SPLIT.map(|measure| CounterQuery { measure, by, value: None, days }).into()
}

fn parts(answers: &[Vec<CounterRow>]) -> Vec<Part> {
    let mut by_value: BTreeMap<&Arc<str>, [i64; SPLIT.len()]> = BTreeMap::new();
    for (n, rows) in answers.iter().enumerate().take(SPLIT.len()) {
        for row in rows {
            by_value.entry(&row.value).or_default()[n] += row.count;
        }
    }
    let part = |(value, counts): (&Arc<str>, [i64; SPLIT.len()])| {
        let [players, new, sessions, paying, revenue] = counts;
        Part { value: Arc::clone(value), players, new, sessions, payers: paying, revenue }
    };
    let mut parts: Vec<Part> =
        by_value.into_iter().map(part).filter(|part| part.players > 0).collect();
    parts.sort_by(|a, b| (b.players, &a.value).cmp(&(a.players, &b.value)));
    parts
}
