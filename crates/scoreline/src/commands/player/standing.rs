//! `scoreline player ban|unban|void|unvoid`: who is on boards, and which events count.

use clap::Args;
use serde_json::{Map, Value, json};

use super::in_path;
use crate::local::Local;
use crate::output::say;

#[derive(Args)]
pub(super) struct Ban {
    /// The player's id
    player: String,
    /// Shows the player the boards as if there were no ban
    #[arg(long)]
    shadow: bool,
    /// When the ban ends by itself, such as 2026-12-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why, for the log of acts
    #[arg(long)]
    note: Option<String>,
}

#[derive(Args)]
pub(super) struct Unban {
    /// The player's id
    player: String,
    /// Why, for the log of acts
    #[arg(long)]
    note: Option<String>,
}

#[derive(Args)]
pub(super) struct Meant {
    /// The player's id
    player: String,
    /// Only the event of this id; may be given several times
    #[arg(long = "event", value_name = "ID", conflicts_with_all = ["event_type", "from", "until"])]
    events: Vec<String>,
    /// Only events of this type
    #[arg(long, value_name = "TYPE")]
    event_type: Option<String>,
    /// Only events of this time or later, by their own times
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only tells how many would change
    #[arg(long)]
    dry_run: bool,
    /// Why, for the log of acts
    #[arg(long)]
    note: String,
}

pub(super) fn ban(server: &Local, wanted: &Ban) -> anyhow::Result<()> {
    let Ban { player, shadow, until, note } = wanted;
    let mut body = json!({ "shadow": shadow, "note": note });
    if let Some(until) = until {
        body["until"] = json!(until);
    }
    server.post(&format!("/api/v2/players/{}/ban", in_path(player)), &body)?;
    let end = until.as_ref().map_or_else(String::new, |until| format!(" until {until}"));
    let how = if *shadow { ", and sees the boards as before" } else { "" };
    say!("{player} is on no board{end}{how}")?;
    Ok(())
}

pub(super) fn unban(server: &Local, wanted: &Unban) -> anyhow::Result<()> {
    let Unban { player, note } = wanted;
    server.post(&format!("/api/v2/players/{}/unban", in_path(player)), &json!({ "note": note }))?;
    say!("{player} is on the boards again, with all that was counted")?;
    Ok(())
}

/// Takes a player's events out, or lets them count again.
pub(super) fn count(server: &Local, wanted: &Meant, counts: bool) -> anyhow::Result<()> {
    let Meant { player, events, event_type, from, until, dry_run, note } = wanted;
    let mut filter = Map::from_iter([("user_id".to_owned(), json!(player))]);
    for (field, value) in [("event_type", event_type), ("from", from), ("until", until)] {
        filter.extend(value.as_ref().map(|value| (field.to_owned(), json!(value))));
    }
    let mut body = json!({ "filter": filter, "note": note, "dry_run": dry_run });
    if !events.is_empty() {
        body["event_ids"] = json!(events);
    }
    let path = if counts { "/api/events/unvoid" } else { "/api/events/void" };
    let answer = server.post(path, &body)?;
    let number = |field: &str| answer.get(field).and_then(Value::as_u64).unwrap_or_default();
    let (matched, changed) = (number("matched"), number("changed"));
    match (dry_run, counts) {
        (true, _) => say!("{matched} events of {player} are meant; nothing was changed"),
        (false, false) => say!("{changed} of {matched} events of {player} do not count any more"),
        (false, true) => say!("{changed} of {matched} events of {player} count again"),
    }?;
    Ok(())
}
