//! What putting a definition in force changes, thing by thing, in words.

use std::sync::Arc;

use crate::fold::ProjectionKind;

/// Days of which a preview counts the events: what comes every week is among them.
pub const RECENT_DAYS: i64 = 30;

/// One thing that putting the definition in force would change, or would leave as it is although
/// one might expect otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is the definition of another game.
    Game {
        /// The game of the data.
        from: String,
        /// The game of the definition.
        to: String,
    },
    /// An event type that was not known. Quarantined events of it can be requeued.
    EventTypeAdded {
        /// Its name.
        name: Arc<str>,
    },
    /// An event type whose fields or class differ.
    EventTypeChanged {
        /// Its name.
        name: Arc<str>,
    },
    /// An event type that is gone: new events of it are quarantined, stored ones stay.
    EventTypeRemoved {
        /// Its name.
        name: Arc<str>,
        /// Stored events of it from the last [`RECENT_DAYS`].
        recent: u64,
    },
    /// A board or statistic that was not there.
    Added {
        /// `Board` or `Statistic`.
        kind: ProjectionKind,
        /// Its name.
        name: Arc<str>,
        /// Whether it starts without the history that there is.
        starts_empty: bool,
    },
    /// A board or statistic that counts something else from then on.
    MeaningChanged {
        /// `Board` or `Statistic`.
        kind: ProjectionKind,
        /// Its name.
        name: Arc<str>,
        /// What it counts now, in one line.
        from: String,
        /// What it will count.
        to: String,
        /// Whether the former rows are shown, marked as outdated, until a rebuild is done.
        shows_former: bool,
    },
    /// A board or statistic of which an unfinished change is taken back: it is whole at once.
    TakenBack {
        /// `Board` or `Statistic`.
        kind: ProjectionKind,
        /// Its name.
        name: Arc<str>,
    },
    /// A board or statistic that is gone, with its rows. Events stay, so it can be rebuilt.
    Removed {
        /// `Board` or `Statistic`.
        kind: ProjectionKind,
        /// Its name.
        name: Arc<str>,
    },
    /// Another board is behind `/api/v2/leaderboard/global`.
    MainBoard {
        /// The board now.
        from: Arc<str>,
        /// The board then.
        to: Arc<str>,
    },
    /// A series that starts.
    SeriesAdded {
        /// Its name.
        name: Arc<str>,
        /// The tournaments that are created at once.
        creates: Vec<Arc<str>>,
    },
    /// A series whose board, schedule, names or prizes differ. That holds for tournaments created
    /// from then on.
    SeriesChanged {
        /// Its name.
        name: Arc<str>,
        /// The tournaments that are created at once.
        creates: Vec<Arc<str>>,
    },
    /// A series that ends: no further tournament is created.
    SeriesRemoved {
        /// Its name.
        name: Arc<str>,
    },
    /// A tournament that goes on by what was promised, although its board or series changes.
    TournamentKept {
        /// Its id.
        id: Arc<str>,
        /// What becomes of its board or series, as the end of a sentence.
        although: String,
    },
    /// A tournament that gains nothing more, because its event type is gone. It closes and pays.
    TournamentStarved {
        /// Its id.
        id: Arc<str>,
        /// The event type.
        event: Arc<str>,
    },
}

impl Change {
    /// What kind of change it is, as answers write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Game { .. } => "game_replaced",
            Self::EventTypeAdded { .. } => "event_type_added",
            Self::EventTypeChanged { .. } => "event_type_changed",
            Self::EventTypeRemoved { .. } => "event_type_removed",
            Self::Added { kind: ProjectionKind::Statistic, .. } => "statistic_added",
            Self::Added { .. } => "board_added",
            Self::MeaningChanged { kind: ProjectionKind::Statistic, .. } => "statistic_changed",
            Self::MeaningChanged { .. } => "board_changed",
            Self::TakenBack { kind: ProjectionKind::Statistic, .. } => "statistic_restored",
            Self::TakenBack { .. } => "board_restored",
            Self::Removed { kind: ProjectionKind::Statistic, .. } => "statistic_removed",
            Self::Removed { .. } => "board_removed",
            Self::MainBoard { .. } => "main_board_changed",
            Self::SeriesAdded { .. } => "series_added",
            Self::SeriesChanged { .. } => "series_changed",
            Self::SeriesRemoved { .. } => "series_removed",
            Self::TournamentKept { .. } => "tournament_kept",
            Self::TournamentStarved { .. } => "tournament_starved",
        }
    }

    /// What it is about: the name of a board, an event type, a tournament.
    pub fn subject(&self) -> &str {
        match self {
            Self::Game { to, .. } => to,
            Self::MainBoard { to, .. } => to,
            Self::EventTypeAdded { name }
            | Self::EventTypeChanged { name }
            | Self::EventTypeRemoved { name, .. }
            | Self::Added { name, .. }
            | Self::MeaningChanged { name, .. }
            | Self::TakenBack { name, .. }
            | Self::Removed { name, .. }
            | Self::SeriesAdded { name, .. }
            | Self::SeriesChanged { name, .. }
            | Self::SeriesRemoved { name }
            | Self::TournamentKept { id: name, .. }
            | Self::TournamentStarved { id: name, .. } => name,
        }
    }

    /// Whether a rebuild has something to fill afterwards.
    pub fn lacks_history(&self) -> bool {
        matches!(
            self,
            Self::Added { starts_empty: true, .. }
                | Self::MeaningChanged { shows_former: true, .. }
        )
    }

    /// The change in a sentence or two.
    pub fn words(&self) -> String {
        match self {
            Self::Game { from, to } => {
                format!("the data is that of the game {from:?}, the definition that of {to:?}")
            }
            Self::EventTypeAdded { name } => {
                format!("event type {name} is accepted; quarantined events of it can be requeued")
            }
            Self::EventTypeChanged { name } => {
                format!("event type {name} changes; stored events stay as they are")
            }
            Self::EventTypeRemoved { name, recent: 0 } => format!(
                "event type {name} is no longer accepted; none came in the last {RECENT_DAYS} days"
            ),
            Self::EventTypeRemoved { name, recent } => format!(
                "event type {name} is no longer accepted: new ones are quarantined; the {recent} of \
                 the last {RECENT_DAYS} days stay, like all that are stored"
            ),
            Self::Added { kind, name, starts_empty: true } => format!(
                "{} {name} starts empty: it counts from now on, and a rebuild fills it from history",
                titled(*kind)
            ),
            Self::Added { kind, name, starts_empty: false } => {
                format!("{} {name} starts with the first event", titled(*kind))
            }
            Self::MeaningChanged { kind, name, from, to, shows_former } => {
                let until = if *shows_former {
                    "; the former values are shown, marked as outdated, until a rebuild has filled \
                     the new ones"
                } else {
                    ""
                };
                format!("{} {name} counts {to} instead of {from}{until}", titled(*kind))
            }
            Self::TakenBack { kind, name } => format!(
                "{} {name} is again what it was before an unfinished change; nothing is missing",
                titled(*kind)
            ),
            Self::Removed { kind, name } => format!(
                "{} {name} is gone with its values; the events stay, so it can be added and rebuilt",
                titled(*kind)
            ),
            Self::MainBoard { from, to } => {
                format!("/api/v2/leaderboard/global shows {to} instead of {from}")
            }
            Self::SeriesAdded { name, creates } => {
                format!("tournament series {name} starts{}", created(creates))
            }
            Self::SeriesChanged { name, creates } => format!(
                "tournament series {name} changes for tournaments created from now on{}",
                created(creates)
            ),
            Self::SeriesRemoved { name } => {
                format!("tournament series {name} ends: no further tournament is created")
            }
            Self::TournamentKept { id, although } => format!(
                "tournament {id} is untouched, although {although}: it counts, closes and pays by \
                 what was promised"
            ),
            Self::TournamentStarved { id, event } => format!(
                "tournament {id} gains nothing more, because {event} is no longer accepted; it \
                 closes and pays by what it has"
            ),
        }
    }
}

fn titled(kind: ProjectionKind) -> &'static str {
    match kind {
        ProjectionKind::Statistic => "statistic",
        ProjectionKind::Analytics => "exact",
        ProjectionKind::Board | ProjectionKind::Tournament | ProjectionKind::Figures => {
            "leaderboard"
        }
    }
}

fn created(ids: &[Arc<str>]) -> String {
    if ids.is_empty() { String::new() } else { format!("; {} is created at once", ids.join(", ")) }
}
