//! Reads schedules: `{ cron = "0 0 * * 1", zone = "UTC" }`.

use super::document::Node;
use crate::game::{Schedule, ScheduleError};
use crate::suggestion::did_you_mean;

/// A pattern in which nothing is wrong.
const ANY_PATTERN: &str = "0 0 * * *";
const EXAMPLE: &str = "such as { cron = \"0 0 * * 1\", zone = \"UTC\" }";

pub(super) fn read(node: &Node<'_>) -> Option<Schedule> {
    let mut table = node.table(EXAMPLE)?;
    let cron = table.need("cron", "cron = \"0 0 * * 1\"");
    let zone = table.take("zone");
    table.finish();
    let pattern = cron.as_ref().and_then(Node::text);
    let zone_name = zone.as_ref().map_or(Some("UTC"), Node::text);
    let (pattern, zone_name) = (pattern?, zone_name?);
    let mistake = |error: &ScheduleError| {
        let in_zone = matches!(error, ScheduleError::Zone { .. });
        let place = if in_zone { &zone } else { &cron };
        let suggestion = in_zone.then(|| nearest_zone(zone_name)).flatten();
        place.as_ref().unwrap_or(node).mistake_with(error.to_string(), suggestion);
        in_zone
    };
    match Schedule::new(pattern, zone_name) {
        Ok(schedule) => Some(schedule),
        Err(error) => {
            // A wrong pattern must not hide that the zone is wrong too.
            if !mistake(&error)
                && let Err(error) = Schedule::new(ANY_PATTERN, zone_name)
            {
                mistake(&error);
            }
            None
        }
    }
}

/// `"never"` or a schedule.
#[expect(clippy::option_option, reason = "a wrong reset and none are two things")]
pub(super) fn reset(node: &Node<'_>) -> Option<Option<Schedule>> {
    match node.value().as_str() {
        Some("never") => Some(None),
        Some(_) => {
            node.mistake(format!("must be \"never\" or a table {EXAMPLE}"));
            None
        }
        None => read(node).map(Some),
    }
}

pub(super) fn nearest_zone(written: &str) -> Option<String> {
    let names: Vec<String> =
        jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    did_you_mean(written, names.iter().map(String::as_str))
}
