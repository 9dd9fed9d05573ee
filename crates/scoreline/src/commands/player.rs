//! `scoreline player`: acts on players, by the server that runs.

mod standing;

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use scoreline_core::limits::{PRIZE_AMOUNT_MAX, PRIZE_HISTORY_MAX};
use scoreline_core::store::Progress;
use scoreline_server::Config;
use serde_json::{Value, json};

use crate::local::Local;
use crate::output::{note, say};
use crate::private_file;
use crate::progress::Bar;

/// How long a command waits until it asks again how a job is doing.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Gives a player another name
    Rename {
        /// The player's id
        player: String,
        /// The new name
        nickname: String,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Writes everything that is kept of a player as one JSON document
    Export {
        /// The player's id
        player: String,
        /// Where to; standard output otherwise
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Overwrites a file that is there
        #[arg(long, requires = "output")]
        force: bool,
    },
    /// Erases a player for good, and waits until that is done
    Erase {
        /// The player's id
        player: String,
        /// Does it: it cannot be taken back
        #[arg(long)]
        yes: bool,
        /// Why, for the log of acts; write no name into it
        #[arg(long)]
        note: Option<String>,
    },
    /// Lists who asked to be erased without having proved who they are
    Requests,
    /// Takes such a request off the list; nobody is erased
    Dismiss {
        /// The player's id
        player: String,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Moves a player to another id: from then on the two are one
    ///
    /// Events, boards, tournaments that run, prizes, statistics, analytics, bans and the name are joined, and what
    /// still comes under the former id counts for the other. It cannot be taken back.
    Move {
        /// The player's id
        player: String,
        /// The id of who they become
        to: String,
        /// Does it; otherwise it is told what would change
        #[arg(long)]
        yes: bool,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Takes the secret of a player's device away and revokes all sessions
    ///
    /// The next device that asks for a session is bound: make sure who is asking before you do this.
    Unbind {
        /// The player's id
        player: String,
        /// Only revoke the sessions: the device gets the next one for the secret it has
        #[arg(long)]
        keep_secret: bool,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Blocks a name, and whatever looks like it, for everybody who does not have it yet
    BlockName {
        /// The name
        nickname: String,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Lifts the block of a name
    UnblockName {
        /// The name
        nickname: String,
        /// Why, for the log of acts
        #[arg(long)]
        note: Option<String>,
    },
    /// Lists the blocked names
    BlockedNames,
    /// Lists a player's prizes with their ids, newest first
    Prizes {
        /// The player's id
        player: String,
    },
    /// Takes a player off boards, tournaments and prizes; what they play goes on being counted
    Ban(standing::Ban),
    /// Lifts a ban
    Unban(standing::Unban),
    /// Takes events of a player out of everything that is counted; they stay stored
    Void(standing::Meant),
    /// Lets voided events count again
    Unvoid(standing::Meant),
    /// Awards a prize by hand
    Award(Award),
    /// Takes a prize back; the player cannot claim it any more
    Revoke {
        /// The prize's id
        prize: String,
        /// Why, for the log of acts
        #[arg(long)]
        note: String,
    },
}

#[derive(Args)]
struct Award {
    /// The player's id
    player: String,
    /// Coins
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=PRIZE_AMOUNT_MAX))]
    coins: i64,
    /// Gems
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=PRIZE_AMOUNT_MAX))]
    gems: i64,
    /// Why, for the log of acts. The same prize for the same reason is given once
    #[arg(long)]
    note: String,
    /// The prize's id, a UUID, so that the same prize can be given for the same reason once more
    #[arg(long)]
    prize_id: Option<String>,
}

pub fn run(config: &Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let server = Local::running(config)?;
    match arguments.what {
        What::Rename { player, nickname, note } => {
            let path = format!("/api/v2/players/{}/nickname", in_path(&player));
            let answer = server.post(&path, &json!({ "nickname": nickname, "note": note }))?;
            say!("{player} is called {} now", text(&answer, "nickname"))?;
        }
        What::Export { player, output, force } => {
            export(&server, &player, output.as_deref(), force)?;
        }
        What::Erase { player, yes, note } => return erase(&server, &player, yes, note.as_deref()),
        What::Requests => requests(&server)?,
        What::Dismiss { player, note } => {
            let body = json!({ "user_id": player, "note": note });
            let answer = server.post("/api/admin/erasure-requests/dismiss", &body)?;
            let is_news = answer["changed"] == true;
            let is = if is_news { "is off the list" } else { "is not on the list" };
            say!("{player} {is}; nobody was erased")?;
        }
        What::Move { player, to, yes, note } => {
            return move_to(&server, &player, &to, yes, note.as_deref());
        }
        What::Unbind { player, keep_secret, note } => {
            let path = format!("/api/v2/players/{}/secret", in_path(&player));
            let body = json!({ "keep_secret": keep_secret, "note": note });
            let answer = server.delete_with(&path, &body)?;
            let is = match (answer["changed"] == true, keep_secret) {
                (false, _) => "was bound to no device",
                (true, true) => "needs a new session, for the same secret",
                (true, false) => "is bound to the next device that asks for a session",
            };
            say!("{player} {is}")?;
        }
        What::BlockName { nickname, note } => block(&server, &nickname, note.as_deref())?,
        What::UnblockName { nickname, note } => {
            let body = json!({ "nickname": nickname, "note": note });
            let answer = server.post("/api/v2/nicknames/unblock", &body)?;
            let is_news = answer["changed"] == true;
            say!("{nickname} {}", if is_news { "can be chosen again" } else { "was not blocked" })?;
        }
        What::BlockedNames => list(&server)?,
        What::Prizes { player } => prizes(&server, &player)?,
        What::Ban(wanted) => standing::ban(&server, &wanted)?,
        What::Unban(wanted) => standing::unban(&server, &wanted)?,
        What::Void(wanted) => standing::count(&server, &wanted, false)?,
        What::Unvoid(wanted) => standing::count(&server, &wanted, true)?,
        What::Award(wanted) => award(&server, &wanted)?,
        What::Revoke { prize, note } => revoke(&server, &prize, &note)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn export(
    server: &Local,
    player: &str,
    output: Option<&Path>,
    overwrite: bool,
) -> anyhow::Result<()> {
    let path = format!("/api/v2/players/{}/export", in_path(player));
    let Some(file) = output else {
        server.download(&path, &mut std::io::stdout().lock())?;
        return Ok(());
    };
    let mut writer = BufWriter::new(private_file::create(file, overwrite)?);
    let bytes = server.download(&path, &mut writer)?;
    writer.flush()?;
    note!("{bytes} bytes of {player} are in {}", file.display());
    Ok(())
}

fn erase(
    server: &Local,
    player: &str,
    is_meant: bool,
    note: Option<&str>,
) -> anyhow::Result<ExitCode> {
    if !is_meant {
        note!(
            "This erases everything of {player} and cannot be taken back: scoreline player export \
             writes it down before. --yes does it."
        );
        return Ok(ExitCode::from(2));
    }
    let body = json!({ "confirm": player, "note": note });
    let begun = server.delete_with(&format!("/api/v2/players/{}", in_path(player)), &body)?;
    let job = text(&begun, "job_id");
    note!("job {job}: nothing of the player is taken in or shown any more");
    let bar = Bar::new("per cent");
    loop {
        let state = server.get(&format!("/api/admin/jobs/{job}"))?;
        if state["status"] == "done" {
            bar.done();
            say!("{}", state["receipt"])?;
            return Ok(ExitCode::SUCCESS);
        }
        let percent = format!("{:.0}", state["progress"].as_f64().unwrap_or_default() * 100.0);
        let done = percent.parse().unwrap_or_default();
        bar.show(Progress { done, total: 100, finished: false });
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn move_to(
    server: &Local,
    player: &str,
    to: &str,
    is_meant: bool,
    note: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let path = format!("/api/v2/players/{}/move", in_path(player));
    let body = json!({ "to": to, "note": note, "dry_run": !is_meant });
    let answer = server.post(&path, &body)?;
    let to = text(&answer, "to");
    if answer["changed"] == false {
        say!("{player} is {to} already")?;
        return Ok(ExitCode::SUCCESS);
    }
    for (name, of) in [
        ("events", "events"),
        ("repeated", "events that both have, which count once"),
        ("conflicting", "events whose ids the other used for something else, to quarantine"),
        ("dead", "dead events"),
        ("rejected", "entries of the quarantine"),
        ("prizes", "prizes"),
        ("places_apart", "places of closed tournaments that stay, as both took part"),
    ] {
        let count = answer[name].as_u64().unwrap_or_default();
        if name == "events" || count > 0 {
            say!("  {count} {of}")?;
        }
    }
    if is_meant {
        say!("{player} is {to} now")?;
        return Ok(ExitCode::SUCCESS);
    }
    note!("This makes {player} and {to} one player and cannot be taken back. --yes does it.");
    Ok(ExitCode::from(2))
}

fn block(server: &Local, nickname: &str, note: Option<&str>) -> anyhow::Result<()> {
    let body = json!({ "nickname": nickname, "note": note });
    let answer = server.post("/api/v2/nicknames/block", &body)?;
    let is_news = answer["changed"] == true;
    say!("{nickname} {}", if is_news { "is blocked" } else { "was blocked already" })?;
    for player in answer["players"].as_array().into_iter().flatten() {
        say!("  still called so: {}", player.as_str().unwrap_or_default())?;
    }
    Ok(())
}

fn list(server: &Local) -> anyhow::Result<()> {
    let mut cursor = String::new();
    loop {
        let answer = server.get(&format!("/api/v2/nicknames/blocked?limit=1000{cursor}"))?;
        for one in answer["nicknames"].as_array().into_iter().flatten() {
            say!("{}  {}  {}", text(one, "blocked_at"), text(one, "nickname"), text(one, "note"))?;
        }
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", in_path(next)),
            None => return Ok(()),
        }
    }
}

fn requests(server: &Local) -> anyhow::Result<()> {
    let answer = server.get("/api/admin/erasure-requests")?;
    for one in answer["requests"].as_array().into_iter().flatten() {
        say!("{}  {}  {}", text(one, "asked_at"), text(one, "user_id"), text(one, "message"))?;
    }
    Ok(())
}

fn prizes(server: &Local, player: &str) -> anyhow::Result<()> {
    let path =
        format!("/api/v2/prizes/history?limit={PRIZE_HISTORY_MAX}&user_id={}", in_path(player));
    for one in server.get(&path)?["prizes"].as_array().into_iter().flatten() {
        let (id, at, from) =
            (text(one, "prize_id"), text(one, "awarded_at"), text(one, "tournament_name"));
        let state = if one["claimed"] == true { "claimed" } else { "pending" };
        say!("{id}  {at}  {state}  {}  {from}", amounts(one))?;
    }
    Ok(())
}

fn award(server: &Local, wanted: &Award) -> anyhow::Result<()> {
    let Award { player, coins, gems, note, prize_id } = wanted;
    let items = json!({ "coins": coins, "gems": gems });
    let mut body = json!({ "user_id": player, "items": items, "note": note });
    if let Some(id) = prize_id {
        body["prize_id"] = json!(id);
    }
    let answer = server.post("/api/v2/prizes", &body)?;
    let (id, amounts) = (text(&answer, "prize_id"), amounts(&answer));
    match (answer["changed"] == true, answer["revoked_at"].is_null()) {
        (true, _) => say!("{player} has a prize of {amounts}: {id}")?,
        (false, true) => say!("{player} had this prize of {amounts} already: {id}")?,
        (false, false) => say!(
            "{player} had this prize of {amounts}, and it was revoked: {id}; give another note or --prize-id \
             to award it anew"
        )?,
    }
    Ok(())
}

fn revoke(server: &Local, prize: &str, note: &str) -> anyhow::Result<()> {
    let path = format!("/api/v2/prizes/{}/revoke", in_path(prize));
    let answer = server.post(&path, &json!({ "note": note }))?;
    let (player, amounts) = (text(&answer, "user_id"), amounts(&answer));
    let is = if answer["changed"] == true { "is revoked" } else { "was revoked already" };
    say!("the prize of {player}, {amounts}, {is}")?;
    if let Some(claimed) = answer["claimed_at"].as_str() {
        say!("  it was claimed {claimed}: what the game gave for it is the game's to take back")?;
    }
    Ok(())
}

/// What is in a prize, in words.
fn amounts(prize: &Value) -> String {
    format!("{} coins and {} gems", prize["coins"], prize["gems"])
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap_or_default()
}

/// A text as part of an address, every byte but letters and digits in hexadecimal.
pub(super) fn in_path(text: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            written.push(char::from(byte));
        } else {
            write!(written, "%{byte:02X}").expect("a String takes everything");
        }
    }
    written
}
