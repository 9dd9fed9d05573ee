//! A game being played against a running server, for people to watch.
//!
//! Simulated players play in accelerated time with the real time in their events, choose nicknames,
//! take part in tournaments that last minutes, and claim what they win. Everything goes through the
//! public HTTP interface. What happens is reported to the caller; this module prints nothing.

use std::collections::HashSet;
use std::time::Duration;

use scoreline_core::game::PrizeTier;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use tokio::sync::watch;

use crate::client::{ClientError, Connection, Target};
use crate::load::SystemClock;
use crate::simulation::{Request, Simulation};

mod beginning;
mod watcher;

use watcher::Watcher;

/// How long a device waits after a request that the server did not take, at least and at most.
const RETRY: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(200)..=Duration::from_secs(5);

/// What is played, and where.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The server.
    pub target: Target,
    /// The token that may create tournaments; without one players meet in the game's own.
    pub admin_token: Option<String>,
    /// The same seed plays the same games.
    pub seed: u64,
    /// How many players.
    pub players: usize,
    /// How much faster than life they play.
    pub pace: u32,
    /// The board that tournaments are played on.
    pub board: String,
    /// How long a tournament lasts.
    pub tournament: Duration,
    /// How many players came in the month before, on a server that knows nothing yet.
    pub past_players: usize,
}

impl DemoOptions {
    /// Sixty players, an hour of theirs each minute, a tournament of three minutes.
    pub fn new(target: Target, admin_token: Option<String>) -> Self {
        Self {
            target,
            admin_token,
            seed: 28,
            players: 60,
            pace: 60,
            board: "global".to_owned(),
            tournament: Duration::from_secs(180),
            past_players: 500,
        }
    }
}

/// Something worth telling.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// The server was told what happened in the month before.
    PastTold {
        /// How many players.
        players: usize,
        /// How many events.
        events: usize,
    },
    /// A tournament has begun.
    TournamentOpened {
        /// Its name.
        name: String,
        /// When it ends.
        ends_at: Timestamp,
    },
    /// Someone rose among the first of the main board.
    Climbed {
        /// Who.
        nickname: String,
        /// The new rank.
        rank: u64,
        /// The rank before, if they were among the first.
        before: Option<u64>,
        /// The score.
        score: i64,
    },
    /// A tournament is over and its prizes are awarded.
    TournamentClosed {
        /// Its name.
        name: String,
        /// Nickname and score of the first three.
        winners: Vec<(String, i64)>,
    },
    /// A player found a prize and claimed it.
    PrizeClaimed {
        /// Who.
        nickname: String,
        /// With which rank it was won.
        rank: u64,
        /// Coins won.
        coins: i64,
        /// Gems won.
        gems: i64,
    },
    /// The number of events that were sent so far.
    EventsSent {
        /// All since the start.
        events: u64,
    },
    /// Something did not work. It will be tried again.
    Trouble {
        /// What.
        what: String,
    },
}

/// The body of `POST /api/v2/tournaments`.
#[derive(Debug, Clone, Serialize)]
pub struct NewTournament {
    /// Its id.
    pub id: String,
    /// What players see.
    pub name: String,
    /// The board whose measure it uses.
    pub board: String,
    /// The first moment that counts.
    pub starts_at: Timestamp,
    /// The first moment that no longer counts.
    pub ends_at: Timestamp,
    /// What is won.
    pub prizes: Vec<PrizeTier>,
}

impl NewTournament {
    /// A tournament from now on, with the prizes of the sample game's weekly one.
    pub fn from_now(board: &str, now: Timestamp, lasts: Duration) -> Self {
        let tier =
            |(first_rank, last_rank, coins, gems)| PrizeTier { first_rank, last_rank, coins, gems };
        let prizes = [
            (1, 1, 5_000, 250),
            (2, 2, 3_000, 150),
            (3, 3, 2_000, 100),
            (4, 10, 1_000, 50),
            (11, 50, 500, 25),
        ];
        Self {
            id: format!("demo-{}", now.as_ms()),
            name: format!("Demo Cup {}", &now.to_string()[11..19]),
            board: board.to_owned(),
            starts_at: now,
            ends_at: now.plus_ms(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX)),
            prizes: prizes.map(tier).to_vec(),
        }
    }
}

/// Plays until it is dropped. Fails only if the options can never work; trouble with the server is
/// told and tried again.
pub async fn play(
    options: DemoOptions,
    tell: impl Fn(Happening) + Send + Sync,
) -> Result<std::convert::Infallible, ClientError> {
    // Before the first tournament begins: what is told late counts for those that run.
    beginning::tell_past(&options, &tell).await;
    let (contest, entered) = watch::channel(None);
    let mut watcher = Watcher::new(&options, contest)?;
    let players = devices(&options, entered, &tell);
    let watching = watcher.watch(&tell);
    tokio::select! {
        never = players => Ok(never),
        never = watching => Ok(never),
    }
}

/// The tournament that players know of: id and name.
type Entered = watch::Receiver<Option<(String, String)>>;

/// Plays all games and sends what happens over one connection, in the order of time.
async fn devices(
    options: &DemoOptions,
    mut entered: Entered,
    tell: &(impl Fn(Happening) + Send + Sync),
) -> std::convert::Infallible {
    let start = SystemClock.now();
    let mut simulation =
        Simulation::new(options.seed, options.players.max(1), start).paced(options.pace);
    let mut connection = Connection::new(options.target.clone());
    let mut named = HashSet::new();
    let mut events = 0;
    let mut told_at = start;
    loop {
        if entered.has_changed().unwrap_or(false)
            && let Some((id, name)) = entered.borrow_and_update().clone()
        {
            simulation.enter(&id, &name);
        }
        let request = simulation.next().expect("there are players, and they play for ever");
        let early_ms = u64::try_from(request.at.ms_since(SystemClock.now())).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(early_ms)).await;
        send_until_taken(&mut connection, &request, tell).await;
        if named.insert(request.player) {
            let nickname = simulation.nickname(request.player);
            name_player(&mut connection, &request.player_id, nickname, tell).await;
        }
        events += request.events.len() as u64;
        let now = SystemClock.now();
        if now.ms_since(told_at) >= 10_000 {
            told_at = now;
            tell(Happening::EventsSent { events });
        }
    }
}

/// Sends a request as often as it takes. Its events carry their ids, so that none counts twice.
async fn send_until_taken(
    connection: &mut Connection,
    request: &Request,
    tell: &(impl Fn(Happening) + Send + Sync),
) {
    let body = bytes::Bytes::from(request.body());
    send_body_until_taken(connection, &body, tell).await;
}

/// Sends a body with events as often as it takes.
async fn send_body_until_taken(
    connection: &mut Connection,
    body: &bytes::Bytes,
    tell: &(impl Fn(Happening) + Send + Sync),
) {
    let mut wait = *RETRY.start();
    loop {
        let trouble = match connection.post_events(body.clone()).await {
            Ok(answer) if answer.is_success() => return,
            // What the server will never take is not sent again.
            Ok(answer) if (400..500).contains(&answer.status) && answer.status != 429 => {
                let what = format!("events were refused with status {}", answer.status);
                tell(Happening::Trouble { what });
                return;
            }
            Ok(answer) => {
                let asked = answer.retry_after_s.map_or(wait, Duration::from_secs);
                wait = asked.clamp(*RETRY.start(), *RETRY.end());
                format!("events were not taken, status {}", answer.status)
            }
            Err(error) => error.to_string(),
        };
        tell(Happening::Trouble { what: trouble });
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(*RETRY.end());
    }
}

async fn name_player(
    connection: &mut Connection,
    player_id: &str,
    nickname: &str,
    tell: &(impl Fn(Happening) + Send + Sync),
) {
    let wish = serde_json::json!({"user_id": player_id, "nickname": nickname});
    let trouble = match connection.post_json("/api/v2/leaderboard/update-nickname", &wish).await {
        Ok(answer) if answer.is_success() => return,
        Ok(answer) => format!("the nickname {nickname} was refused with status {}", answer.status),
        Err(error) => error.to_string(),
    };
    tell(Happening::Trouble { what: trouble });
}
