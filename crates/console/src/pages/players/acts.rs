//! `POST /console/player/ban` and `unban`: acts on one player. The store writes them down with what they
//! change.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::percent_decode_str;
use scoreline_core::audit::Act;
use scoreline_core::ban::Ban;
use scoreline_core::id::PlayerId;
use scoreline_http::Problem;
use serde::Deserialize;

use crate::console::Console;
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;

/// Characters of a note.
const NOTE_CHARS_MAX: usize = 500;

/// Who is meant, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    /// The player's id as an address carries it.
    id: String,
    note: String,
    #[serde(default)]
    how: How,
}

/// How a ban is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// The player is told.
    #[default]
    Seen,
    /// The player is shown the boards as if there were no ban.
    Unseen,
}

impl Posted {
    fn player(&self) -> Result<PlayerId, Problem> {
        let id = percent_decode_str(&self.id).decode_utf8_lossy();
        PlayerId::new(&id).map_err(|error| Problem::field("id", error.to_string()))
    }

    fn note(&self) -> Result<String, Problem> {
        let note = self.note.trim();
        if note.is_empty() || note.chars().count() > NOTE_CHARS_MAX {
            let reason = format!("must have 1 to {NOTE_CHARS_MAX} characters");
            return Err(Problem::field("note", reason));
        }
        Ok(note.to_owned())
    }
}

/// Bans a player: boards and prizes pass over them.
pub(crate) async fn ban(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    let ban = Ban { shadow: posted.how == How::Unseen, until: None };
    set(&console, &operator, &posted, Some(ban), "banPlayer").await
}

/// Lifts a ban: the player has the places again that their events give.
pub(crate) async fn unban(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    set(&console, &operator, &posted, None, "unbanPlayer").await
}

async fn set(
    console: &Console,
    operator: &Operator,
    posted: &Posted,
    ban: Option<Ban>,
    what: &str,
) -> Result<Response, Trouble> {
    let (player, note) = (posted.player()?, posted.note()?);
    let (by, what, target) = (operator.actor(), what.to_owned(), player.to_string());
    let act = Act { by, what, target, note: Some(note), at: console.clock.now() };
    console.acts.ban(player.clone(), ban, act).await?;
    console.boards.show_at_once().await;
    console.look_again().await;
    Ok(Redirect::to(&player_path(&player)).into_response())
}
