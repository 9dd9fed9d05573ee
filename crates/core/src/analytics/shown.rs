//! What is kept of one player, for people to read.

use serde_json::{Value, json};

use super::meaning::FunnelSteps;
use super::{Analytics, Context, Day, Part, PlayerDay, PlayerLife, StateError};

/// A player's parts in words and dates: days are those of the zone, times are RFC 3339.
pub fn shown(parts: &[(Part, Vec<u8>)], meaning: &Analytics) -> Result<Value, StateError> {
    let (mut life, mut days) = (PlayerLife::default(), Vec::new());
    for (part, bytes) in parts {
        match part {
            Part::Life => life.merge(&PlayerLife::from_bytes(bytes)?),
            Part::Day(day) => days.push(shown_day(*day, &PlayerDay::from_bytes(bytes)?)),
        }
    }
    let texts = |days: &super::Days| days.iter().map(|day| day.to_string()).collect::<Vec<_>>();
    let (active, paid) = (&life.active.all, &life.paid.all);
    Ok(json!({
        "zone": meaning.zone_name,
        "first_day": active.first().map(|day| day.to_string()),
        "active_days": texts(active),
        "first_paid_day": paid.first().map(|day| day.to_string()),
        "paid_days": texts(paid),
        "steps": steps(&life, meaning),
        "days": days,
    }))
}

/// The steps of funnels that were reached, and when first.
fn steps(life: &PlayerLife, meaning: &Analytics) -> Vec<Value> {
    let of_funnel = |((funnel, step), reached_at): (&(u32, u32), _)| {
        // Steps of a funnel that is not there any more mean nothing to anybody.
        let funnel = meaning.funnels.get(*funnel as usize)?;
        let title = match &funnel.steps {
            FunnelSteps::Named(steps) => Some(&steps.get((*step as usize).checked_sub(1)?)?.title),
            FunnelSteps::Levels { .. } => None,
        };
        let (funnel, step) = (&funnel.name, *step);
        Some(json!({ "funnel": funnel, "step": step, "title": title, "reached_at": reached_at }))
    };
    life.steps.iter().filter_map(of_funnel).collect()
}

/// A day with its sessions, and what the player was seen with.
fn shown_day(day: Day, of_day: &PlayerDay) -> Value {
    let runs = of_day.sessions.iter().flat_map(|(_, runs)| runs);
    let mut runs: Vec<_> = runs.collect();
    runs.sort_by_key(|run| (run.first, run.last));
    let sessions: Vec<Value> =
        runs.iter().map(|run| json!({ "first_at": run.first, "last_at": run.last })).collect();
    let seen: Vec<Value> = of_day.seen.iter().map(shown_context).collect();
    json!({ "day": day.to_string(), "sessions": sessions, "seen_with": seen })
}

fn shown_context(context: &Context) -> Value {
    let values = context.values().map(|(dimension, value)| (dimension.as_str(), value));
    values.map(|(name, value)| (name.to_owned(), Value::from(&**value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::session_key;
    use crate::time::Timestamp;

    #[test]
    fn a_player_reads_days_and_sessions_as_they_were() {
        let at = |minute: i64| Timestamp::EPOCH.plus_ms(minute * 60_000);
        let context = Context([Some("ios".into()), None, Some("DE".into())]);
        let mut day = PlayerDay::default();
        for minute in [0, 10, 100] {
            day.add(session_key(None), at(minute), &context);
        }
        let parts = [(Part::Day(Day(0)), day.to_bytes())];
        let shown = shown(&parts, &Analytics::default()).expect("it was written here");
        let seen = json!([{ "platform": "ios", "country": "DE" }]);
        let sessions = json!([
            { "first_at": at(0), "last_at": at(10) }, { "first_at": at(100), "last_at": at(100) },
        ]);
        let days = json!([{ "day": "1970-01-01", "sessions": sessions, "seen_with": seen }]);
        assert_eq!((&shown["zone"], &shown["days"]), (&json!("UTC"), &days), "{shown}");
        assert_eq!((&shown["first_day"], &shown["steps"]), (&Value::Null, &json!([])), "{shown}");
    }
}
