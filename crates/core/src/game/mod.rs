//! The game definition: which events exist, what they must contain and what is made of them.
//!
//! A game is data. Everything the server knows of a game is in a [`Definition`], read from a TOML
//! file by [`Definition::parse`], which reports every mistake at once with its line. These types
//! are the checked result: a reference to an unknown event, field or board cannot occur in them.

mod analytics_text;
mod choice;
pub(crate) mod deciding;
mod meaning;
mod measure;
mod pattern;
mod read;
mod schedule;
mod suspicion;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::analytics::Analytics;
use crate::nickname::Nicknames;

pub use choice::{ChoiceError, Chosen, choose};
pub use meaning::MeaningError;
pub use measure::{Beside, Board, Condition, Filter, FilterTest, Measure, Operator, Order};
pub use read::{Mistake, SAMPLE};
pub use schedule::{Period, Schedule, ScheduleError};
pub use suspicion::{Consequence, SuspicionRule, SuspicionTest, Tickets};

/// A checked game definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What concerns the game as a whole.
    pub game: Game,
    /// The event types by name, in the order of the file.
    pub events: IndexMap<Arc<str>, EventType>,
    /// The leaderboards by name.
    pub boards: IndexMap<Arc<str>, Board>,
    /// The series of tournaments by name.
    pub tournaments: IndexMap<Arc<str>, TournamentSeries>,
    /// The player statistics by name.
    pub statistics: IndexMap<Arc<str>, Statistic>,
    /// What analytics count.
    pub analytics: Analytics,
    /// Tickets for runs, if the game has them.
    pub tickets: Option<Tickets>,
    /// The text it was read from.
    pub source: Arc<str>,
}

/// What concerns the game as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// What the game is called.
    pub name: String,
    /// How a player is called who has not chosen a nickname.
    pub default_nickname: String,
    /// The platforms an event may come from.
    pub platforms: BTreeSet<String>,
    /// The board that `/api/v2/leaderboard/global` shows.
    pub main_board: Arc<str>,
    /// Ids that identify nobody, in lower case: what broken clients send instead of a player's id.
    pub nobody_ids: BTreeSet<String>,
    /// What becomes of events that are older than events are kept.
    pub old_events: OldEvents,
    /// What players may be called.
    pub nicknames: Nicknames,
}

/// What becomes of an event that is older than events are kept: whether it was counted already, nobody can
/// tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldEvents {
    /// It goes to quarantine.
    Reject,
    /// It counts, as of its receipt.
    Count,
}

impl Game {
    /// Whether an id identifies nobody: blank, nothing but zeros, or one of [`Game::nobody_ids`] in
    /// whatever case. Many devices send such an id, so their events must never be those of one
    /// player.
    pub fn is_nobody(&self, id: &str) -> bool {
        let id = id.trim();
        // Zeros may stand in groups, as in the nil UUID and in addresses.
        let zeros = id.bytes().all(|byte| matches!(byte, b'0' | b'-' | b':' | b'{' | b'}'));
        zeros || self.nobody_ids.contains(&*id.to_lowercase())
    }
}

/// How urgent an event is when there is more work than workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Decides ranks and prizes.
    Critical,
    /// Matters to the player soon.
    Normal,
    /// Analytics.
    Bulk,
}

impl Class {
    /// All classes, most urgent first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Normal, Self::Bulk];

    /// The class as the definition and the API write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }
}

/// One type of event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventType {
    /// Its name, the `event_type` of the event.
    pub name: Arc<str>,
    /// How urgent it is.
    pub class: Class,
    /// The common fields that its payload holds, as they are for this type. Those that it declares
    /// itself are not among them.
    pub common: Vec<Field>,
    /// The fields of its own, beside the common ones. At most [`crate::limits::EVENT_FIELDS_MAX`].
    pub fields: Vec<Field>,
    /// Whether a flaw in any field costs the event.
    pub strict: bool,
    /// What happens to a field that is not declared.
    pub unknown_fields: UnknownFields,
    /// Bytes of such fields that an event of it keeps.
    pub unknown_bytes_max: usize,
    /// Rules that a believable event keeps.
    pub plausibility: Vec<PlausibilityRule>,
    /// Rules that a believable player keeps, over several events.
    pub suspicion: Vec<SuspicionRule>,
}

impl EventType {
    /// Its own fields and the common ones.
    pub fn all_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.common)
    }

    /// The field of this name, its own or a common one.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.all_fields().find(|field| *field.name == *name)
    }

    /// Whether the file says the same of two types, whatever else reads their fields.
    pub fn is_written_like(&self, other: &Self) -> bool {
        let as_written = |one: &Self| {
            let mut one = one.clone();
            for field in one.fields.iter_mut().chain(&mut one.common) {
                field.decides = false;
                field.counted_times = 0;
            }
            one
        };
        as_written(self) == as_written(other)
    }
}

/// What happens to fields the definition does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// They are stored with the event.
    Keep,
    /// The event is quarantined.
    Reject,
}

/// One declared field of an event type, or a common field.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the definition of its own")]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the event is invalid without it.
    pub required: bool,
    /// Whether `null` is a value. A `null` in a field that is neither nullable nor required counts
    /// as absent.
    pub nullable: bool,
    /// The smallest number allowed.
    pub min: Option<f64>,
    /// The greatest number allowed.
    pub max: Option<f64>,
    /// The smallest number of characters of a string, or of items of an array.
    pub min_length: Option<usize>,
    /// The greatest number of characters of a string, or of items of an array.
    pub max_length: Option<usize>,
    /// The only values allowed; empty means any.
    pub one_of: Vec<Literal>,
    /// The JSON text that stands in for an absent field.
    pub default: Option<String>,
    /// The case in which a text is kept and compared; `None` keeps it as it came.
    pub case: Option<LetterCase>,
    /// Whether the definition says, for this field or its type, that a flaw in the field costs the
    /// event.
    pub strict: bool,
    /// Whether a flaw in it costs the event: because it is required or strict, or because a board,
    /// a tournament, a statistic or a plausibility rule reads it. In any other field a value that is
    /// not as defined is set aside, and the event counts.
    pub decides: bool,
    /// By how much its number is multiplied at most where it is counted; 0 where it is not.
    pub counted_times: i64,
}

/// The case of plain letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// As codes of countries are written.
    Upper,
    /// As platforms are written.
    Lower,
}

impl LetterCase {
    /// The text in this case.
    pub fn of(self, text: &str) -> Cow<'_, str> {
        let differs = |byte: u8| match self {
            Self::Upper => byte.is_ascii_lowercase(),
            Self::Lower => byte.is_ascii_uppercase(),
        };
        if !text.bytes().any(differs) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match self {
            Self::Upper => text.to_ascii_uppercase(),
            Self::Lower => text.to_ascii_lowercase(),
        })
    }

    /// The case of a common field.
    pub fn of_field(name: &str) -> Option<Self> {
        match name {
            "platform" => Some(Self::Lower),
            "country" => Some(Self::Upper),
            _ => None,
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    String,
    /// A whole number within ±[`crate::limits::INTEGER_MAX`].
    Integer,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A point in time.
    Timestamp,
    /// A UUID.
    Uuid,
    /// A list of values of one kind.
    Array(Box<FieldKind>),
    /// A JSON object, kept as it is.
    Object,
    /// Any JSON value, kept as it is.
    Any,
}

/// A value written in the definition.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text.
    Text(Arc<str>),
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
}

/// `field` must be at most `factor` × `of`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlausibilityRule {
    /// The field that is limited.
    pub field: Arc<str>,
    /// By how much.
    pub factor: f64,
    /// The field it is measured by.
    pub of: Arc<str>,
    /// What becomes of an event that breaks it: [`Consequence::Quarantine`] or [`Consequence::Review`].
    pub then: Consequence,
}

impl PlausibilityRule {
    /// What is wrong with this number beside that one, if anything is.
    pub fn broken_by(&self, found: f64, measure: f64) -> Option<String> {
        let Self { factor, of, .. } = self;
        let limit = factor * measure;
        let told = || {
            format!(
                "must be at most {factor} × {of} ({factor} × {measure} = {limit}), but is {found}"
            )
        };
        (found > limit).then(told)
    }
}

/// A series of tournaments: a board that starts over by a schedule, with prizes at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct TournamentSeries {
    /// Its name in the definition.
    pub name: Arc<str>,
    /// The board whose measure, order and sums each of its tournaments takes over.
    pub board: Arc<str>,
    /// When one starts; each lasts until the next starts.
    pub schedule: Schedule,
    /// The id of one, with `{year}`, `{month}`, `{day}`, `{hour}`, `{minute}`, `{week}` and `{week_year}` of its start.
    pub id_pattern: String,
    /// The name that players see, with the same patterns.
    pub name_pattern: String,
    /// What is won, best rank first; the ranges do not overlap.
    pub prizes: Vec<PrizeTier>,
}

/// What the ranks of one range win.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PrizeTier {
    /// The best rank of the range, from 1.
    pub first_rank: u64,
    /// The worst rank of the range.
    pub last_rank: u64,
    /// Coins won by each.
    #[serde(default)]
    pub coins: i64,
    /// Gems won by each.
    #[serde(default)]
    pub gems: i64,
}

/// A number kept for each player.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// Its name in answers.
    pub name: Arc<str>,
    /// What counts. Never [`Operator::Latest`].
    pub measure: Measure,
}

/// Whether the name of an event type stands for all types that begin with it: `conversion_*`.
pub fn is_pattern(name: &str) -> bool {
    name.ends_with('*')
}

impl Definition {
    /// The type of an event that was sent as one of this name: the one of exactly that name, or else
    /// of the patterns that fit the longest. What stands for the star has at least one character.
    pub fn event_type(&self, sent: &str) -> Option<&EventType> {
        // Nobody sends a star in earnest, and a pattern has no name of its own.
        if let Some(exact) = self.events.get(sent).filter(|_| !is_pattern(sent)) {
            return Some(exact);
        }
        let fits = |name: &str| {
            let prefix = name.strip_suffix('*')?;
            sent.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(|_| prefix.len())
        };
        let fitting = self.events.values().filter(|one| fits(&one.name).is_some());
        fitting.max_by_key(|one| one.name.len())
    }

    /// The definition that is compiled in: a small endless-flight game with 28 event types.
    ///
    /// # Panics
    ///
    /// Never in a release: a test reads the sample.
    pub fn sample() -> Self {
        Self::parse(SAMPLE).expect("the compiled-in sample has no mistakes; a test reads it")
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
        }
    }
}
