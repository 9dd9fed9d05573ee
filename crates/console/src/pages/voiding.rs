//! `/console/voiding`: events that are not to count, or to count again: which, how many, and the act.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::id::PlayerId;
use scoreline_core::operations::VoidOrder;
use scoreline_core::void::Voided;
use scoreline_http::Problem;
use serde::Deserialize;
use uuid::Uuid;

use crate::console::Console;
use crate::forms::{self, TYPED_ABOVE, confirmation};
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert_attribute};
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Which events, as addresses and forms write it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    /// The player's id as it is; any player if empty.
    #[serde(default)]
    player: String,
    /// One event alone, by its id.
    #[serde(default)]
    event: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    act: What,
    /// How many were changed by what was just done.
    done: Option<u64>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// They are not to count.
    #[default]
    Void,
    /// They are to count again.
    Unvoid,
}

impl What {
    fn name(self) -> &'static str {
        if self == Self::Void { "void" } else { "unvoid" }
    }
}

impl Asked {
    fn player(&self) -> Result<Option<PlayerId>, Problem> {
        let text = self.player.trim();
        let read = (!text.is_empty()).then(|| PlayerId::new(text)).transpose();
        read.map_err(|error| Problem::field("player", error.to_string()))
    }

    /// What is meant; `None` if nothing narrows it down.
    fn order(&self, dry_run: bool) -> Result<Option<VoidOrder>, Problem> {
        let given = |text: &str| {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let ids = given(&self.event).map(|event| {
            Uuid::try_parse(&event).map_err(|_| Problem::field("event", "must be an event's id"))
        });
        let order = VoidOrder {
            player: self.player()?,
            ids: ids.transpose()?.map(|id| vec![id]),
            event_type: given(&self.r#type),
            from: forms::moment("from", &self.from)?,
            until: forms::moment("until", &self.until)?,
            void: self.act == What::Void,
            dry_run,
        };
        let is_wide = order.player.is_none() && order.ids.is_none() && order.event_type.is_none();
        Ok((!is_wide).then_some(order))
    }

    /// What stands in an address, of all that is given.
    fn query(&self) -> String {
        let all = [
            ("act", self.act.name()),
            ("player", self.player.trim()),
            ("event", self.event.trim()),
            ("type", self.r#type.trim()),
            ("from", self.from.trim()),
            ("until", self.until.trim()),
        ];
        let given = all.iter().filter(|(_, value)| !value.is_empty());
        let given = given.map(|(name, value)| format!("{name}={}", words::in_address(value)));
        given.collect::<Vec<_>>().join("&")
    }
}

#[derive(Template)]
#[template(path = "voiding.html")]
struct Page {
    frame: Frame,
    /// As fields show it.
    player: String,
    event: String,
    event_type: String,
    from: String,
    until: String,
    is_void: bool,
    /// The player's id and page, where one is named.
    whose: Option<(Html, String)>,
    counted: Option<Counted>,
    done: Option<String>,
}

/// How many are meant.
struct Counted {
    matched: String,
    changed: u64,
    changed_in_words: String,
    /// What must be typed; empty if nothing.
    typed: String,
    /// What the form carries, as an address writes it.
    query: String,
}

/// The page: which events, and how many they are.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (_, frame) = framed(&console, &operator, Place::Players).await;
    let counted = match asked.order(true)? {
        Some(order) => Some(counted(&carry_out(&console, &operator, order, "-").await?, &asked)),
        None => None,
    };
    let whose = asked.player()?.map(|player| (id(player.as_str(), "w36"), player_path(&player)));
    let shown = |text: &str| inert_attribute(text.trim());
    Ok(page(&Page {
        player: shown(&asked.player),
        event: shown(&asked.event),
        event_type: shown(&asked.r#type),
        from: shown(&asked.from),
        until: shown(&asked.until),
        is_void: asked.act == What::Void,
        whose,
        counted,
        done: asked.done.map(|done| words::how_many(done, "event", "events")),
        frame,
    }))
}

fn counted(found: &Voided, asked: &Asked) -> Counted {
    Counted {
        matched: words::how_many(found.matched, "event is meant", "events are meant"),
        changed: found.changed,
        changed_in_words: words::how_many(found.changed, "event", "events"),
        typed: match found.changed {
            many if many > TYPED_ABOVE => confirmation(asked.act.name(), many),
            _ => String::new(),
        },
        query: asked.query(),
    }
}

/// What the form of the act carries.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    /// Which events, as the address of the page says it.
    what: String,
    note: String,
    typed: Option<String>,
}

impl Posted {
    fn asked(&self) -> Result<Asked, Problem> {
        let wrong = || Problem::field("what", "must be as the page wrote it".to_owned());
        let address = format!("/?{}", self.what).parse::<Uri>().map_err(|_| wrong())?;
        Query::try_from_uri(&address).map(|asked| asked.0).map_err(|_| wrong())
    }
}

/// The act. What came in since the page was made is counted, too: the count is taken again.
pub(crate) async fn act(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    let (asked, note) = (posted.asked()?, forms::note(&posted.note)?);
    let narrowed = || Problem::field("type", "name a player, a type or an event");
    let found =
        carry_out(&console, &operator, asked.order(true)?.ok_or_else(narrowed)?, &note).await?;
    forms::confirmed(asked.act.name(), found.changed, posted.typed.as_deref())?;
    let done =
        carry_out(&console, &operator, asked.order(false)?.ok_or_else(narrowed)?, &note).await?;
    console.boards.show_at_once().await;
    console.look_again().await;
    let path = format!("/console/voiding?{}&done={}", asked.query(), done.changed);
    Ok(Redirect::to(&path).into_response())
}

async fn carry_out(
    console: &Console,
    operator: &Operator,
    order: VoidOrder,
    note: &str,
) -> Result<Voided, Trouble> {
    let what = if order.void { "voidEvents" } else { "unvoidEvents" };
    let target = order.player.as_ref().map_or_else(String::new, ToString::to_string);
    let act = forms::act(operator, what, &target, note.to_owned(), console.clock.now());
    Ok(console.operations.void(order, act).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_meant_before_something_narrows_it_down() {
        let asked = Asked { from: "2026-11-29T19:41".to_owned(), ..Asked::default() };
        assert!(matches!(asked.order(true), Ok(None)));
        let asked = Asked { r#type: " game_ended ".to_owned(), ..asked };
        let order = asked.order(true).ok().flatten().expect("an order");
        assert_eq!(order.event_type.as_deref(), Some("game_ended"));
        assert!(order.void && order.dry_run && order.from.is_some());
        assert_eq!(asked.query(), "act=void&type=game%5Fended&from=2026%2D11%2D29T19%3A41");
        let wrong = Asked { event: "x".to_owned(), ..Asked::default() };
        assert!(wrong.order(true).is_err());
    }
}
