//! What a board or a statistic counts, written as text that a store keeps beside its rows.
//!
//! The text is JSON with a fixed set of keys, all of them written, and outlives the definition it
//! came from: a tournament is counted, verified and paid by it for ever. A key that this program
//! does not know is an error: it would mean something that this program would count wrongly.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Beside, Board, Condition, Filter, FilterTest, Literal, Measure, Operator, Order, Schedule,
    ScheduleError,
};

/// Why a kept meaning cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MeaningError {
    /// It is not the text that some version of this program wrote, or that of a newer one.
    #[error("what a board counts is kept in a form that this program does not know: {0}")]
    Text(#[from] serde_json::Error),
    /// A number in it is none.
    #[error("what a board counts is kept with {0:?}, which is no number")]
    Number(String),
    /// Its schedule cannot be used, perhaps because a time zone is gone from this machine.
    #[error("the schedule of a kept board cannot be used: {0}")]
    Schedule(#[from] ScheduleError),
    /// Its time zone is gone from this machine.
    #[error("analytics are kept for the time zone {0:?}, which this machine does not know")]
    Zone(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardText {
    name: Arc<str>,
    title: String,
    measure: MeasureText,
    order: OrderText,
    ties: TiesText,
    reset: Option<ScheduleText>,
    beside: Vec<BesideText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasureText {
    event: Arc<str>,
    filter: Vec<TestText>,
    operator: OperatorText,
    field: Option<Arc<str>>,
    scale: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestText {
    field: Arc<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<LiteralText>>,
    /// As text: JSON readers differ in the last digit of a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum LiteralText {
    Boolean(bool),
    Integer(i64),
    Text(Arc<str>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OperatorText {
    Best,
    Latest,
    Sum,
    Count,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrderText {
    Descending,
    Ascending,
}

/// Which of two players with equal scores ranks higher.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TiesText {
    /// Whoever reached the score first, then the lower player id.
    FirstReached,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleText {
    cron: String,
    zone: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BesideText {
    name: Arc<str>,
    field: Arc<str>,
}

impl Board {
    /// Everything it means, as a store keeps it.
    pub fn to_text(&self) -> String {
        let beside = self
            .beside
            .iter()
            .map(|sum| BesideText { name: Arc::clone(&sum.name), field: Arc::clone(&sum.field) });
        let text = BoardText {
            name: Arc::clone(&self.name),
            title: self.title.clone(),
            measure: MeasureText::from(&self.measure),
            order: match self.order {
                Order::Descending => OrderText::Descending,
                Order::Ascending => OrderText::Ascending,
            },
            ties: TiesText::FirstReached,
            reset: self.reset.as_ref().map(|reset| ScheduleText {
                cron: reset.pattern().to_owned(),
                zone: reset.zone_name().to_owned(),
            }),
            beside: beside.collect(),
        };
        written(&text)
    }

    /// The board that a store has kept.
    pub fn from_text(text: &str) -> Result<Self, MeaningError> {
        let text: BoardText = serde_json::from_str(text)?;
        let TiesText::FirstReached = text.ties;
        let reset = text.reset.map(|reset| Schedule::new(&reset.cron, &reset.zone)).transpose()?;
        let beside = text.beside.into_iter().map(|sum| Beside { name: sum.name, field: sum.field });
        Ok(Self {
            name: text.name,
            title: text.title,
            measure: text.measure.read()?,
            order: match text.order {
                OrderText::Descending => Order::Descending,
                OrderText::Ascending => Order::Ascending,
            },
            reset,
            beside: beside.collect(),
        })
    }
}

impl Measure {
    /// Everything it means, as a store keeps it.
    pub fn to_text(&self) -> String {
        written(&MeasureText::from(self))
    }

    /// The measure that a store has kept.
    pub fn from_text(text: &str) -> Result<Self, MeaningError> {
        serde_json::from_str::<MeasureText>(text)?.read()
    }
}

pub(super) fn written(text: &impl Serialize) -> String {
    serde_json::to_string(text).expect("names, numbers and lists are always JSON")
}

impl From<&Measure> for MeasureText {
    fn from(measure: &Measure) -> Self {
        Self {
            event: Arc::clone(&measure.event),
            filter: measure.filter.tests.iter().map(TestText::from).collect(),
            operator: match measure.operator {
                Operator::Best => OperatorText::Best,
                Operator::Latest => OperatorText::Latest,
                Operator::Sum => OperatorText::Sum,
                Operator::Count => OperatorText::Count,
            },
            field: measure.field.clone(),
            scale: measure.scale,
        }
    }
}

impl MeasureText {
    pub(super) fn read(self) -> Result<Measure, MeaningError> {
        let tests = self.filter.into_iter().map(TestText::read).collect::<Result<_, _>>()?;
        Ok(Measure {
            event: self.event,
            filter: Filter { tests },
            operator: match self.operator {
                OperatorText::Best => Operator::Best,
                OperatorText::Latest => Operator::Latest,
                OperatorText::Sum => Operator::Sum,
                OperatorText::Count => Operator::Count,
            },
            field: self.field,
            scale: self.scale,
        })
    }
}

impl From<&FilterTest> for TestText {
    fn from(test: &FilterTest) -> Self {
        let field = Arc::clone(&test.field);
        match &test.condition {
            Condition::OneOf(values) => {
                let values = values.iter().map(|value| match value {
                    Literal::Text(known) => LiteralText::Text(Arc::clone(known)),
                    Literal::Integer(number) => LiteralText::Integer(*number),
                    Literal::Boolean(truth) => LiteralText::Boolean(*truth),
                });
                let one_of = Some(values.collect());
                Self { field, one_of, at_least: None, at_most: None }
            }
            Condition::Between { at_least, at_most } => {
                let written = |number: &f64| format!("{number:?}");
                let (at_least, at_most) =
                    (at_least.as_ref().map(written), at_most.as_ref().map(written));
                Self { field, one_of: None, at_least, at_most }
            }
        }
    }
}

impl TestText {
    fn read(self) -> Result<FilterTest, MeaningError> {
        let number = |text: String| text.parse::<f64>().map_err(|_| MeaningError::Number(text));
        let condition = match self.one_of {
            Some(values) => {
                let values = values.into_iter().map(|value| match value {
                    LiteralText::Text(text) => Literal::Text(text),
                    LiteralText::Integer(number) => Literal::Integer(number),
                    LiteralText::Boolean(truth) => Literal::Boolean(truth),
                });
                Condition::OneOf(values.collect())
            }
            None => Condition::Between {
                at_least: self.at_least.map(number).transpose()?,
                at_most: self.at_most.map(number).transpose()?,
            },
        };
        Ok(FilterTest { field: self.field, condition })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Definition;

    const GAME: &str = r#"
[game]
name = "Kept"
platforms = ["web"]
main_leaderboard = "quick"
[events.raced.fields]
seconds = { type = "number", min = 0 }
laps = { type = "integer" }
won = { type = "boolean" }
track = { type = "string" }
[leaderboards.quick]
title = "Quick \"ones\""
event = "raced"
operator = "best"
score = "seconds"
scale = 1000
order = "ascending"
reset = { cron = "0 0 * * 1", zone = "Europe/Berlin" }
beside = { laps = "laps" }
[leaderboards.quick.where]
won = true
laps = [1, 2]
track = ["a", "ü"]
seconds = { at_least = 0.1, at_most = 1e300 }
[statistics.races]
event = "raced"
operator = "count"
"#;

    fn game() -> Definition {
        Definition::parse(GAME).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
    }

    #[test]
    fn what_a_board_means_comes_back_as_it_was() {
        for definition in [game(), Definition::sample()] {
            for board in definition.boards.values() {
                assert_eq!(Board::from_text(&board.to_text()).expect("reads"), *board);
            }
            for statistic in definition.statistics.values() {
                let kept = statistic.measure.to_text();
                assert_eq!(Measure::from_text(&kept).expect("reads"), statistic.measure);
            }
        }
    }

    #[test]
    fn the_form_that_is_kept_never_changes() {
        let expected = r#"{"name":"quick","title":"Quick \"ones\"","measure":{"event":"raced","filter":[{"field":"won","one_of":[true]},{"field":"laps","one_of":[1,2]},{"field":"track","one_of":["a","ü"]},{"field":"seconds","at_least":"0.1","at_most":"1e300"}],"operator":"best","field":"seconds","scale":1000},"order":"ascending","ties":"first_reached","reset":{"cron":"0 0 * * 1","zone":"Europe/Berlin"},"beside":[{"name":"laps","field":"laps"}]}"#;
        assert_eq!(game().boards["quick"].to_text(), expected);
    }

    #[test]
    fn what_this_program_does_not_know_is_refused_rather_than_counted_wrongly() {
        let kept = game().boards["quick"].to_text();
        for (known, unknown) in [
            ("\"ties\":\"first_reached\"", "\"ties\":\"last_reached\""),
            ("\"scale\":1000", "\"scale\":1000,\"weight\":2"),
            ("\"operator\":\"best\"", "\"operator\":\"median\""),
            ("\"at_least\":\"0.1\"", "\"at_least\":\"much\""),
            ("Europe/Berlin", "Europe/Nowhere"),
        ] {
            let other = kept.replace(known, unknown);
            assert_ne!(other, kept);
            assert!(Board::from_text(&other).is_err(), "{unknown}");
        }
        assert!(Board::from_text("").is_err());
    }
}
