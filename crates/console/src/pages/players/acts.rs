//! What operators do to one player: ban, unban, rename, unbind, move. The store writes each down with what it
//! changes.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::ban::Ban;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::session::Unbinding;
use scoreline_http::parts::new_joining;
use scoreline_http::{Problem, Slug};
use serde::Deserialize;

use crate::console::Console;
use crate::forms;
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;

/// Who is banned, how and why.
#[derive(Debug, Deserialize)]
pub(crate) struct BanForm {
    /// The player's id as an address carries it.
    id: String,
    note: String,
    #[serde(default)]
    how: How,
    /// When it ends by itself, in UTC; never if empty.
    #[serde(default)]
    until: String,
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

/// Bans a player: boards and prizes pass over them.
pub(crate) async fn ban(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<BanForm>,
) -> Result<Response, Trouble> {
    let until = forms::moment("until", &form.until)?;
    let ban = Ban { shadow: form.how == How::Unseen, until };
    if ban.is_over(console.clock.now()) {
        return Err(Problem::field("until", "must be in the future").into());
    }
    let meant = Meant::of(&form.id, &form.note)?;
    set(&console, &operator, meant, Some(ban), "banPlayer").await
}

/// Lifts a ban: the player has the places again that their events give.
pub(crate) async fn unban(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<Plain>,
) -> Result<Response, Trouble> {
    let meant = Meant::of(&form.id, &form.note)?;
    set(&console, &operator, meant, None, "unbanPlayer").await
}

/// Who is meant, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct Plain {
    id: String,
    note: String,
}

/// The same, read.
struct Meant {
    player: PlayerId,
    note: String,
}

impl Meant {
    fn of(id: &str, note: &str) -> Result<Self, Problem> {
        Ok(Self { player: forms::player(id)?, note: forms::note(note)? })
    }
}

async fn set(
    console: &Console,
    operator: &Operator,
    Meant { player, note }: Meant,
    ban: Option<Ban>,
    what: &str,
) -> Result<Response, Trouble> {
    let act = forms::act(operator, what, &player, note, console.clock.now());
    console.acts.ban(player.clone(), ban, act).await?;
    Ok(shown(console, &player).await)
}

/// How a player is to be called, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct RenameForm {
    id: String,
    nickname: String,
    note: String,
    /// Whether nobody may choose the former name any more.
    block: Option<String>,
    /// The former name as an address carries it.
    #[serde(default)]
    former: String,
}

/// Names a player, and blocks the name before where that is wanted.
pub(crate) async fn rename(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<RenameForm>,
) -> Result<Response, Trouble> {
    let Meant { player, note } = Meant::of(&form.id, &form.note)?;
    let definition = console.operations.definition();
    let name = NewName::given(&form.nickname, &definition.game.nicknames)
        .map_err(|error| Problem::field("nickname", error.to_string()))?;
    let (nickname, now) = (name.nickname.clone(), console.clock.now());
    let act = forms::act(&operator, "renamePlayer", &player, note.clone(), now);
    if console.acts.rename(player.clone(), name, act).await? != Named::Given {
        let reason = format!("another player is called {nickname:?}, or nearly so");
        return Err(Problem::new(Slug::Conflict, reason).into());
    }
    let former = forms::decoded(&form.former);
    if form.block.is_some() && !former.is_empty() {
        let act = forms::act(&operator, "blockNickname", &former, note, now);
        console.acts.block_name(former, act).await?;
    }
    Ok(shown(&console, &player).await)
}

/// Whose sessions end, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct UnbindForm {
    id: String,
    note: String,
    #[serde(default)]
    how: Bond,
}

/// What is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bond {
    /// The secret of the device: the next one that asks is bound.
    #[default]
    Secret,
    /// The sessions alone.
    Sessions,
}

/// Takes a device's secret away, or its sessions alone.
pub(crate) async fn unbind(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<UnbindForm>,
) -> Result<Response, Trouble> {
    let Meant { player, note } = Meant::of(&form.id, &form.note)?;
    let unbinding = match form.how {
        Bond::Secret => Unbinding::Secret,
        Bond::Sessions => Unbinding::Sessions,
    };
    let act = forms::act(&operator, "unbindPlayer", &player, note, console.clock.now());
    console.acts.unbind(player.clone(), unbinding, act).await?;
    Ok(shown(&console, &player).await)
}

/// Who is moved, to whom, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct MoveForm {
    id: String,
    /// The other's id, as it was typed.
    to: String,
    note: String,
}

/// Moves a player to another id: the page is that of who they are since.
pub(crate) async fn move_to(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<MoveForm>,
) -> Result<Response, Trouble> {
    let Meant { player, note } = Meant::of(&form.id, &form.note)?;
    let to = PlayerId::new(form.to.trim());
    let to = to.map_err(|error| Problem::field("to", error.to_string()))?;
    let act = forms::act(&operator, "movePlayer", &player, note, console.clock.now());
    let joining = new_joining(player, to, false);
    let joined = console.operations.move_player(joining, act).await.map_err(Problem::from)?;
    Ok(shown(&console, &joined.to).await)
}

/// The player's page, once it shows what was done.
async fn shown(console: &Console, player: &PlayerId) -> Response {
    console.boards.show_at_once().await;
    console.look_again().await;
    Redirect::to(&player_path(player)).into_response()
}
