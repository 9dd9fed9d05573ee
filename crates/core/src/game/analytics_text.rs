//! What analytics count, written as text that a store keeps beside the counters.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::meaning::{MeaningError, MeasureText, written};
use crate::analytics::{
    Analytics, Currency, Dimension, Direction, Flow, Funnel, FunnelSteps, Purchases, Step,
};
use crate::limits::SESSION_IDLE_MS;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnalyticsText {
    zone: String,
    session_idle_ms: i64,
    funnels: Vec<FunnelText>,
    revenue: Option<RevenueText>,
    flows: Vec<FlowText>,
    elsewhere: Vec<ElsewhereText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FunnelText {
    name: Arc<str>,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepText>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<LevelsText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    title: String,
    measure: MeasureText,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelsText {
    measure: MeasureText,
    levels: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevenueText {
    currency: String,
    scale: i64,
    purchases: Vec<MeasureText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowText {
    direction: DirectionText,
    measure: MeasureText,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_field: Option<Arc<str>>,
    by: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DirectionText {
    Earned,
    Spent,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ElsewhereText {
    event: Arc<str>,
    field: DimensionText,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DimensionText {
    Platform,
    AppVersion,
    Country,
}

impl Analytics {
    /// Everything it means, as a store keeps it.
    pub fn to_text(&self) -> String {
        let elsewhere = self.elsewhere.iter().map(|(event, dimension)| ElsewhereText {
            event: Arc::clone(event),
            field: match dimension {
                Dimension::Platform => DimensionText::Platform,
                Dimension::AppVersion => DimensionText::AppVersion,
                Dimension::Country => DimensionText::Country,
            },
        });
        written(&AnalyticsText {
            zone: self.zone_name.clone(),
            session_idle_ms: SESSION_IDLE_MS,
            funnels: self.funnels.iter().map(FunnelText::from).collect(),
            revenue: self.revenue.as_ref().map(|revenue| RevenueText {
                currency: revenue.currency.clone(),
                scale: revenue.scale,
                purchases: revenue.measures.iter().map(MeasureText::from).collect(),
            }),
            flows: self.flows.iter().map(FlowText::from).collect(),
            elsewhere: elsewhere.collect(),
        })
    }

    /// The meaning in one line. What people see is no part of it: another title counts the same.
    pub fn fingerprint(&self) -> String {
        let mut counted = self.clone();
        for funnel in &mut counted.funnels {
            funnel.title.clear();
            if let FunnelSteps::Named(steps) = &mut funnel.steps {
                for step in steps {
                    step.title.clear();
                }
            }
        }
        if let Some(revenue) = &mut counted.revenue {
            revenue.currency.clear();
        }
        // Its text would be too long for an index.
        let digest = Sha256::digest(counted.to_text());
        let (mut hex, first) = (String::new(), &digest[..16]);
        for byte in first {
            write!(hex, "{byte:02x}").expect("a text grows");
        }
        let (zone, funnels, flows) = (&self.zone_name, self.funnels.len(), self.flows.len());
        let purchases = self.revenue.as_ref().map_or(0, |revenue| revenue.measures.len());
        format!(
            "days in {zone}, {funnels} funnels, {purchases} kinds of purchases, {flows} sources and \
             sinks ({hex})"
        )
    }

    /// What a store has kept.
    pub fn from_text(text: &str) -> Result<Self, MeaningError> {
        let text: AnalyticsText = serde_json::from_str(text)?;
        if text.session_idle_ms != SESSION_IDLE_MS {
            return Err(MeaningError::Number(text.session_idle_ms.to_string()));
        }
        let zone = TimeZone::get(&text.zone).map_err(|_| MeaningError::Zone(text.zone.clone()))?;
        let revenue = text.revenue.map(|revenue| {
            let measures = revenue.purchases.into_iter().map(MeasureText::read);
            let measures = measures.collect::<Result<_, _>>()?;
            let RevenueText { currency, scale, .. } = revenue;
            Ok::<_, MeaningError>(Purchases { currency, scale, measures })
        });
        let elsewhere = text.elsewhere.into_iter().map(|one| {
            let dimension = match one.field {
                DimensionText::Platform => Dimension::Platform,
                DimensionText::AppVersion => Dimension::AppVersion,
                DimensionText::Country => Dimension::Country,
            };
            (one.event, dimension)
        });
        Ok(Self {
            zone_name: text.zone,
            zone,
            funnels: text.funnels.into_iter().map(FunnelText::read).collect::<Result<_, _>>()?,
            revenue: revenue.transpose()?,
            flows: text.flows.into_iter().map(FlowText::read).collect::<Result<_, _>>()?,
            elsewhere: elsewhere.collect(),
        })
    }
}

impl From<&Funnel> for FunnelText {
    fn from(funnel: &Funnel) -> Self {
        let (name, title) = (Arc::clone(&funnel.name), funnel.title.clone());
        match &funnel.steps {
            FunnelSteps::Named(steps) => {
                let step = |step: &Step| StepText {
                    title: step.title.clone(),
                    measure: MeasureText::from(&step.measure),
                };
                Self { name, title, steps: Some(steps.iter().map(step).collect()), levels: None }
            }
            FunnelSteps::Levels { measure, levels } => {
                let levels = LevelsText { measure: MeasureText::from(measure), levels: *levels };
                Self { name, title, steps: None, levels: Some(levels) }
            }
        }
    }
}

impl FunnelText {
    fn read(self) -> Result<Funnel, MeaningError> {
        let Self { name, title, steps, levels } = self;
        let steps = match (steps, levels) {
            (_, Some(LevelsText { measure, levels })) => {
                FunnelSteps::Levels { measure: measure.read()?, levels }
            }
            (steps, None) => {
                let step = |step: StepText| {
                    Ok::<_, MeaningError>(Step { title: step.title, measure: step.measure.read()? })
                };
                let steps = steps.unwrap_or_default().into_iter().map(step);
                FunnelSteps::Named(steps.collect::<Result<_, _>>()?)
            }
        };
        Ok(Funnel { name, title, steps })
    }
}

impl From<&Flow> for FlowText {
    fn from(flow: &Flow) -> Self {
        let (currency, currency_field) = match &flow.currency {
            Currency::Named(name) => (Some(Arc::clone(name)), None),
            Currency::Field(field) => (None, Some(Arc::clone(field))),
        };
        Self {
            direction: match flow.direction {
                Direction::Earned => DirectionText::Earned,
                Direction::Spent => DirectionText::Spent,
            },
            measure: MeasureText::from(&flow.measure),
            currency,
            currency_field,
            by: flow.by.clone(),
        }
    }
}

impl FlowText {
    fn read(self) -> Result<Flow, MeaningError> {
        let named = self.currency.map(Currency::Named);
        let currency = named.or(self.currency_field.map(Currency::Field));
        Ok(Flow {
            direction: match self.direction {
                DirectionText::Earned => Direction::Earned,
                DirectionText::Spent => Direction::Spent,
            },
            measure: self.measure.read()?,
            currency: currency.unwrap_or_else(|| Currency::Named(Arc::from(""))),
            by: self.by,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Definition;

    #[test]
    fn what_analytics_mean_comes_back_as_it_was() {
        for analytics in [Analytics::default(), Definition::sample().analytics] {
            let text = analytics.to_text();
            assert_eq!(Analytics::from_text(&text).expect("reads"), analytics);
            let unknown = text.replacen('{', "{\"weeks\":1,", 1);
            assert!(Analytics::from_text(&unknown).is_err());
        }
        let other = Analytics::default().to_text().replace("UTC", "Europe/Nowhere");
        assert!(Analytics::from_text(&other).is_err());
    }

    #[test]
    fn another_title_counts_the_same_and_another_zone_does_not() {
        let sample = Definition::sample().analytics;
        let mut renamed = sample.clone();
        renamed.funnels[0].title = "Another".to_owned();
        assert_eq!(renamed.fingerprint(), sample.fingerprint());
        let mut moved = sample.clone();
        moved.zone_name = "Asia/Tokyo".to_owned();
        assert_ne!(moved.fingerprint(), sample.fingerprint());
        let mut fewer = sample.clone();
        fewer.flows.pop();
        assert_ne!(fewer.fingerprint(), sample.fingerprint());
    }
}
