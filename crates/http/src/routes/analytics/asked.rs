//! What questions about analytics have in common: which days, and by what they are split.

use scoreline_core::analytics::{By, Day, DayRange, Dimension};
use scoreline_core::limits::{ANALYTICS_DAYS_DEFAULT, ANALYTICS_DAYS_MAX};
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::problem::Problem;
use crate::request::Fields;

/// A calendar day in the game's zone.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct CalendarDay(pub Day);

impl TryFrom<String> for CalendarDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = Day::parse(&text).map(Self);
        day.ok_or_else(|| format!("must be a day such as 2026-11-29, but is {text:?}"))
    }
}

impl PartialSchema for CalendarDay {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A calendar day in the game's zone"))
            .examples([json!("2026-11-29")])
            .into()
    }
}

impl ToSchema for CalendarDay {}

/// What figures are split by.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Split {
    /// The platform of the device.
    Platform,
    /// The version of the app.
    AppVersion,
    /// The country.
    Country,
}

impl Split {
    /// What counters are split by.
    pub fn by(split: Option<Self>) -> By {
        match split {
            None => By::All,
            Some(Self::Platform) => By::Dimension(Dimension::Platform),
            Some(Self::AppVersion) => By::Dimension(Dimension::AppVersion),
            Some(Self::Country) => By::Dimension(Dimension::Country),
        }
    }
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedDays {
    /// The first day; 29 days before the last if absent.
    #[param(inline)]
    pub from: Option<CalendarDay>,
    /// The last day, which belongs to them; today if absent. At most 400 days together.
    #[param(inline)]
    pub until: Option<CalendarDay>,
}

impl Fields for AskedDays {}

/// Which days, and by what they are split.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedSplit {
    /// The first day; 29 days before the last if absent.
    #[param(inline)]
    pub from: Option<CalendarDay>,
    /// The last day, which belongs to them; today if absent. At most 400 days together.
    #[param(inline)]
    pub until: Option<CalendarDay>,
    /// Each value of this apart, those with the most first, at most 100.
    #[param(inline)]
    pub by: Option<Split>,
}

impl Fields for AskedSplit {}

/// The days that are asked for, where it is the day `today`.
pub(super) fn days(
    from: Option<CalendarDay>,
    until: Option<CalendarDay>,
    today: Day,
) -> Result<DayRange, Problem> {
    let until = until.map_or(today, |day| day.0);
    let from = from.map_or(until.plus(1 - ANALYTICS_DAYS_DEFAULT), |day| day.0);
    let days = DayRange { from, until };
    if days.is_empty() {
        return Err(Problem::field("from", format!("must not be after {until}")));
    }
    if days.len() > ANALYTICS_DAYS_MAX {
        let asked = days.len();
        let reason = format!("there must be at most {ANALYTICS_DAYS_MAX} days, but are {asked}");
        return Err(Problem::field("from", reason));
    }
    Ok(days)
}
