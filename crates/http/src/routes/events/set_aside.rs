//! Events that were set aside: dead ones and those in quarantine. Both are listed, tried again and
//! given up in the same way; here is what that way is made of.

use scoreline_core::event::RejectCode;
use scoreline_core::limits::ERROR_TEXT_CHARS_MAX;
use scoreline_core::store::{DeadFilter, EventFilter, Page, QuarantineFilter, Text as Listed};
use scoreline_core::suggestion::did_you_mean;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::problem::Problem;
use crate::request::Fields;
use crate::request::cursor::{self, Cursor};
use crate::request::kinds::{ListLimit, Note, Text, Time, UserId, Whole};
use crate::routes::events::reject_reason::RejectReason;

/// Which events are meant, as parameters or in a body. What is absent excludes nothing.
#[derive(Deserialize, Default, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[schema(as = EventFilter)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    event_type: Option<String>,
    #[param(inline)]
    user_id: Option<UserId>,
    /// Not before this time: the event's own, and in quarantine that of its receipt.
    #[param(inline)]
    from: Option<Time>,
    /// Before this time, likewise.
    #[param(inline)]
    until: Option<Time>,
    /// Why events are dead; for quarantine the same as `code`.
    reason: Option<String>,
    /// What is wrong with quarantined events: a code of docs/api.md. Dead events have none.
    #[param(inline)]
    code: Option<Code>,
    /// Those that were given up instead of those that wait.
    #[serde(default)]
    discarded: bool,
}

impl Fields for Filter {}

/// What is wrong with a quarantined event. A code that does not exist is a mistake: it would find nothing, and
/// that would look as if all were well.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Code(RejectCode);

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = RejectCode::ALL.into_iter().find(|code| code.as_str() == text);
        found.map(Self).ok_or_else(|| {
            let known = RejectCode::ALL.map(RejectCode::as_str);
            let hint = did_you_mean(&text, known)
                .unwrap_or_else(|| format!("there are {}", known.join(", ")));
            format!("must be a code, but is {text:?}; {hint}")
        })
    }
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        RejectReason::schema()
    }
}

impl ToSchema for Code {}

impl TryFrom<Filter> for DeadFilter {
    type Error = Problem;

    /// A code would exclude nothing, and mean all dead events.
    fn try_from(filter: Filter) -> Result<Self, Problem> {
        if filter.code.is_some() {
            return Err(Problem::field("code", "is for quarantine; dead events have a reason"));
        }
        Ok(Self {
            event: EventFilter {
                event_type: filter.event_type,
                player: filter.user_id.map(|user| user.0),
                from: filter.from.map(|time| time.0),
                until: filter.until.map(|time| time.0),
            },
            reason: filter.reason,
            discarded: filter.discarded,
            only: None,
        })
    }
}

impl TryFrom<Filter> for QuarantineFilter {
    type Error = Problem;

    fn try_from(filter: Filter) -> Result<Self, Problem> {
        let reason = filter.reason.map(Code::try_from).transpose();
        let reason = reason.map_err(|reason| Problem::field("reason", reason))?;
        Ok(Self {
            event_type: filter.event_type,
            code: filter.code.or(reason).map(|code| code.0.as_str().to_owned()),
            player: filter.user_id.map(|user| user.0),
            from: filter.from.map(|time| time.0),
            until: filter.until.map(|time| time.0),
            discarded: filter.discarded,
            only: None,
        })
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Rows of the page.
    #[serde(default)]
    #[param(inline)]
    pub limit: ListLimit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Text>,
    /// Also the beginning of each event's own text, which may be large.
    #[serde(default)]
    pub raw: bool,
}

impl Fields for PageQuery {}

impl PageQuery {
    /// Where the page starts, if it is not the first one.
    pub fn after<C: Cursor>(&self) -> Result<Option<C>, Problem> {
        cursor::after(self.cursor.as_ref())
    }
}

/// The rows of a page of the store, and the cursor of the next one, as they are answered.
pub(super) fn answered<E, R, C: Cursor>(
    page: Page<R, C>,
    of: impl FnMut(R) -> E,
) -> (Vec<E>, Option<String>) {
    let events = page.rows.into_iter().map(of).collect();
    (events, page.next.map(|next| next.text()))
}

/// How much of events' own texts is read for a list.
pub(super) fn text(raw: bool) -> Listed {
    if raw { Listed::Beginning } else { Listed::Nothing }
}

/// The beginning of an event's own text. It stays text: numbers of any size and keys that stand
/// twice would not survive being parsed.
pub(super) fn as_sent(raw: &str) -> String {
    raw.chars().take(ERROR_TEXT_CHARS_MAX).collect()
}

/// Events to be given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "filter": { "event_type": "game_ended" }, "note": "a test device" }))]
pub(super) struct Discard {
    /// Which events; all that wait if it is absent.
    #[serde(default)]
    filter: Filter,
    /// Why they are given up.
    note: Note,
    /// How many to give up, the oldest first; all that fit if it is absent.
    #[schema(value_type = Option<u64>, minimum = 1)]
    limit: Option<DiscardLimit>,
}

/// How many events to give up in one call.
type DiscardLimit = Whole<1, { usize::MAX }, { usize::MAX }>;

impl Discard {
    /// Which events to give up, why, and how many at most.
    pub fn order<F>(self) -> Result<(F, String, usize), Problem>
    where
        F: TryFrom<Filter, Error = Problem>,
    {
        let Self { filter, note, limit } = self;
        Ok((filter.try_into()?, note.0, limit.unwrap_or_default().0))
    }
}

impl Fields for Discard {}

/// How many events were given up.
#[derive(Serialize, ToSchema)]
pub(super) struct DiscardedEvents {
    success: bool,
    discarded: u64,
}

impl DiscardedEvents {
    /// The answer.
    pub fn of(discarded: u64) -> Self {
        Self { success: true, discarded }
    }
}
