//! `scoreline review`: events that broke a rule, by the server that runs.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use scoreline_server::Config;
use serde_json::{Value, json};

use super::player::in_path;
use crate::local::Local;
use crate::output::say;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Lists events that wait for review, or that were decided
    List {
        /// Where they stand
        #[arg(long, value_enum, default_value_t = State::Waiting)]
        state: State,
        /// Of this player only
        #[arg(long)]
        player: Option<String>,
        /// That broke this kind of rule only: plausibility, improvement, interval, predecessor, clock or ticket
        #[arg(long)]
        rule: Option<String>,
        /// That were held before this time only, such as 2026-11-01T00:00:00Z
        #[arg(long)]
        held_before: Option<String>,
    },
    /// Makes events count, as if they had never been held
    Accept(Decision),
    /// Leaves events out for good
    Refuse(Decision),
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Waiting,
    Accepted,
    Refused,
}

#[derive(Args)]
struct Decision {
    /// The numbers of entries, as the list has them
    #[arg(required_unless_present_any = ["player", "rule", "held_before"])]
    ids: Vec<i64>,
    /// All that wait of this player
    #[arg(long)]
    player: Option<String>,
    /// All that wait because they broke this kind of rule
    #[arg(long)]
    rule: Option<String>,
    /// All that wait and were held before this time, such as 2026-11-01T00:00:00Z
    #[arg(long)]
    held_before: Option<String>,
    /// Why, for the log of acts
    #[arg(long)]
    note: String,
}

pub fn run(config: &Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let server = Local::running(config)?;
    match arguments.what {
        What::List { state, player, rule, held_before } => {
            let state = match state {
                State::Waiting => "waiting",
                State::Accepted => "accepted",
                State::Refused => "refused",
            };
            let mut asked = format!("/api/admin/review?limit=1000&state={state}");
            let conditions = [("user_id", player), ("rule", rule), ("held_before", held_before)];
            for (name, value) in conditions {
                if let Some(value) = value {
                    write!(asked, "&{name}={}", in_path(&value))?;
                }
            }
            list(&server, &asked)?;
        }
        What::Accept(decision) => decide(&server, &decision, "accept", "counts now")?,
        What::Refuse(decision) => decide(&server, &decision, "refuse", "does not count")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(server: &Local, asked: &str) -> anyhow::Result<()> {
    let mut cursor = String::new();
    loop {
        let answer = server.get(&format!("{asked}{cursor}"))?;
        for one in answer["reviews"].as_array().into_iter().flatten() {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let (held, player, event) = (text("held_at"), text("user_id"), text("event_type"));
            let (rule, reason) = (text("rule"), text("reason"));
            say!("{}  {held}  {player}  {event}  {rule}: {reason}", one["id"])?;
        }
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(()),
        }
    }
}

fn decide(server: &Local, wanted: &Decision, decision: &str, done: &str) -> anyhow::Result<()> {
    let Decision { ids, player, rule, held_before, note } = wanted;
    let mut body = json!({ "decision": decision, "ids": ids, "note": note });
    let conditions = [("user_id", player), ("rule", rule), ("held_before", held_before)];
    for (name, value) in conditions {
        if let Some(value) = value {
            body[name] = Value::from(value.as_str());
        }
    }
    let is_narrow = conditions.iter().any(|(_, value)| value.is_some());
    let mut total = 0;
    loop {
        let answer = server.post("/api/admin/review", &body)?;
        let changed = answer["changed"].as_u64().unwrap_or_default();
        total += changed;
        // A request decides about some of those that fit.
        if !is_narrow || changed == 0 {
            break;
        }
    }
    say!("{total} of the events {done}")?;
    Ok(())
}
