//! What the definition says of analytics: in which zone days are counted, the funnels, and which events
//! are purchases, sources and sinks.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{Calendar, Dimension};
use crate::game::Measure;

/// What analytics count.
#[derive(Debug, Clone, PartialEq)]
pub struct Analytics {
    /// The name of the zone whose calendar days are counted.
    pub zone_name: String,
    /// That zone.
    pub zone: TimeZone,
    /// The funnels. A player's state knows them by their places here.
    pub funnels: Vec<Funnel>,
    /// Purchases, if the game has any.
    pub revenue: Option<Purchases>,
    /// Sources and sinks of the game's currencies.
    pub flows: Vec<Flow>,
    /// Event types that have a field of their own where others say what they were sent from.
    pub elsewhere: Vec<(Arc<str>, Dimension)>,
}

/// Steps that players take one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// Its name in addresses.
    pub name: Arc<str>,
    /// What people see.
    pub title: String,
    /// The steps.
    pub steps: FunnelSteps,
}

/// The steps of a funnel.
#[derive(Debug, Clone, PartialEq)]
pub enum FunnelSteps {
    /// Each with its own events.
    Named(Vec<Step>),
    /// The numbers from 1 in a field of one event type.
    Levels {
        /// The events, with that field; a sum, whose value is the level.
        measure: Measure,
        /// How many levels are steps.
        levels: u32,
    },
}

/// A step of a funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What people see.
    pub title: String,
    /// The events that reach it; a count.
    pub measure: Measure,
}

/// What brings money.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchases {
    /// The code of the currency, such as `USD`.
    pub currency: String,
    /// How many smallest units one of the currency has: 100 cents.
    pub scale: i64,
    /// The events; sums, in the smallest unit.
    pub measures: Vec<Measure>,
}

/// Whether a currency of the game comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Players earn it: a source.
    Earned,
    /// Players spend it: a sink.
    Spent,
}

/// Events that give or take a currency of the game.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Which way.
    pub direction: Direction,
    /// The events, with the field of the amount; a sum.
    pub measure: Measure,
    /// Which currency.
    pub currency: Currency,
    /// The field that names the source or sink; the name of the event type without one.
    pub by: Option<Arc<str>>,
}

/// Which currency an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Currency {
    /// The one that a field names.
    Field(Arc<str>),
    /// Always this one.
    Named(Arc<str>),
}

/// Days in UTC, and nothing else.
impl Default for Analytics {
    fn default() -> Self {
        Self {
            zone_name: "UTC".to_owned(),
            zone: TimeZone::UTC,
            funnels: Vec::new(),
            revenue: None,
            flows: Vec::new(),
            elsewhere: Vec::new(),
        }
    }
}

impl Analytics {
    /// The calendar that days are counted by.
    pub fn calendar(&self) -> Calendar {
        Calendar::new(self.zone.clone())
    }

    /// The names of the funnels, by their numbers.
    pub fn funnel_names(&self) -> Vec<Arc<str>> {
        self.funnels.iter().map(|funnel| Arc::clone(&funnel.name)).collect()
    }

    /// All measures, each with the event type whose fields it reads.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        let funnels = self.funnels.iter().flat_map(Funnel::measures);
        let purchases = self.revenue.iter().flat_map(|revenue| &revenue.measures);
        funnels.chain(purchases).chain(self.flows.iter().map(|flow| &flow.measure))
    }
}

impl Funnel {
    fn measures(&self) -> Vec<&Measure> {
        match &self.steps {
            FunnelSteps::Named(steps) => steps.iter().map(|step| &step.measure).collect(),
            FunnelSteps::Levels { measure, .. } => vec![measure],
        }
    }

    /// What its steps are called, in their order.
    pub fn titles(&self) -> Vec<String> {
        match &self.steps {
            FunnelSteps::Named(steps) => steps.iter().map(|step| step.title.clone()).collect(),
            FunnelSteps::Levels { levels, .. } => {
                (1..=*levels).map(|level| level.to_string()).collect()
            }
        }
    }
}
