//! What events of each type say of analytics, worked out once for a plan.

use std::sync::Arc;

use super::facts::Fact;
use super::reading::{Fields, Reading, Target};
use crate::analytics::{Analytics, Currency, Dimension, Direction, FunnelSteps, MeasureName};
use crate::game::Measure;
use crate::limits::FLOW_AMOUNT_MAX;

/// A projection of analytics, in a plan.
#[derive(Debug, Clone)]
pub(super) struct AnalyticsTarget {
    pub target: Target,
    pub meaning: Arc<Analytics>,
}

/// What the events of one type say, with fields resolved to places in [`Fields`].
#[derive(Debug, Clone)]
pub(super) struct TypeReading {
    pub session: usize,
    pub context: [Option<usize>; 3],
    pub steps: Vec<StepReading>,
    pub purchases: Vec<Reading>,
    pub flows: Vec<FlowReading>,
}

#[derive(Debug, Clone)]
pub(super) struct StepReading {
    pub funnel: u32,
    reading: Reading,
    step: StepNumber,
}

#[derive(Debug, Clone, Copy)]
enum StepNumber {
    Always(u32),
    /// The value that is read, up to this.
    Value(u32),
}

#[derive(Debug, Clone)]
pub(super) struct FlowReading {
    pub measure: MeasureName,
    pub reading: Reading,
    pub currency: CurrencyReading,
    pub by: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum CurrencyReading {
    Field(usize),
    Named(Arc<str>),
}

impl TypeReading {
    /// What events of the type `event` say; of none in particular if it is `None`.
    pub fn new(meaning: &Analytics, event: Option<&str>, fields: &mut Fields) -> Self {
        let is_of_type = |name: &str| event == Some(name);
        let session = fields.place(&Arc::from("session_id"));
        let context = Dimension::ALL.map(|dimension| {
            let mut elsewhere = meaning.elsewhere.iter();
            let is_elsewhere = elsewhere.any(|(event, own)| is_of_type(event) && *own == dimension);
            (!is_elsewhere).then(|| fields.place(&Arc::from(dimension.as_str())))
        });
        let mut steps = Vec::new();
        for (funnel, one) in (0..).zip(&meaning.funnels) {
            let mut add = |measure: &Measure, step| {
                if is_of_type(&measure.event) {
                    steps.push(StepReading { funnel, reading: fields.reading(measure), step });
                }
            };
            match &one.steps {
                FunnelSteps::Named(steps) => (1..)
                    .zip(steps)
                    .for_each(|(number, step)| add(&step.measure, StepNumber::Always(number))),
                FunnelSteps::Levels { measure, levels } => add(measure, StepNumber::Value(*levels)),
            }
        }
        let purchases = meaning.revenue.iter().flat_map(|revenue| &revenue.measures);
        let purchases = purchases.filter(|measure| is_of_type(&measure.event));
        let purchases = purchases.map(|measure| fields.reading(measure)).collect();
        let flows = meaning.flows.iter().filter(|flow| is_of_type(&flow.measure.event));
        let flows = flows.map(|flow| FlowReading {
            measure: match flow.direction {
                Direction::Earned => MeasureName::Earned,
                Direction::Spent => MeasureName::Spent,
            },
            reading: fields.reading(&flow.measure),
            currency: match &flow.currency {
                Currency::Field(field) => CurrencyReading::Field(fields.place(field)),
                Currency::Named(name) => CurrencyReading::Named(Arc::clone(name)),
            },
            by: flow.by.as_ref().map(|field| fields.place(field)),
        });
        let flows = flows.collect();
        Self { session, context, steps, purchases, flows }
    }
}

impl StepReading {
    /// The step that an event reaches, if it reaches one.
    pub fn number(&self, facts: &[Fact<'_>]) -> Option<u32> {
        let value = self.reading.value(facts).ok().flatten()?;
        match self.step {
            StepNumber::Always(step) => Some(step),
            StepNumber::Value(most) => {
                u32::try_from(value).ok().filter(|level| (1..=most).contains(level))
            }
        }
    }
}

/// What an event pays, earns or spends, if that is something that can be counted.
pub(super) fn amount(reading: &Reading, facts: &[Fact<'_>]) -> Option<i64> {
    let amount = reading.value(facts).ok().flatten()?;
    (1..=FLOW_AMOUNT_MAX).contains(&amount).then_some(amount)
}
