//! The public API as far as players, and whoever checks them, use it.

use std::collections::BTreeMap;
use std::time::Duration;

use scoreline_core::time::Timestamp;
use scoreline_traffic::client::{Answer, Connection, Target};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::error::{Error, Result};

/// How long a server that takes nothing is asked again.
const PATIENCE: Duration = Duration::from_secs(120);
/// The pause before it is asked again, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// Rows of a page.
pub(crate) const PAGE: usize = 1_000;

/// One connection to a server.
pub(crate) struct Api {
    connection: Connection,
}

/// What became of the events of a body.
#[derive(Debug, Deserialize)]
pub(crate) struct EventsAnswer {
    pub accepted: usize,
    pub rejected: Vec<RejectedEvent>,
    pub timestamp: String,
}

/// An event that does not count.
#[derive(Debug, Deserialize)]
pub(crate) struct RejectedEvent {
    pub index: usize,
    pub code: String,
}

/// A tournament.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tournament {
    #[serde(rename = "tournament_id")]
    pub id: String,
    pub status: String,
    pub board: String,
    pub start_date: String,
    pub end_date: String,
    pub participants: u64,
    pub prizes: Vec<Tier>,
}

/// What ranks win.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tier {
    pub rank: Option<u64>,
    #[serde(default)]
    pub ranks: Vec<u64>,
    pub coins: i64,
    pub gems: i64,
}

impl Tier {
    /// Whether a rank is one of those that win it.
    pub fn holds(&self, rank: u64) -> bool {
        self.rank == Some(rank) || self.ranks.contains(&rank)
    }
}

#[derive(Deserialize)]
struct Tournaments {
    tournaments: Vec<Tournament>,
}

/// A page of a board.
#[derive(Deserialize)]
pub(crate) struct BoardPage {
    pub leaderboard: Vec<BoardRow>,
    pub total_players: u64,
}

/// A row of a board.
#[derive(Debug, Deserialize)]
pub(crate) struct BoardRow {
    pub rank: u64,
    pub user_id: String,
    pub nickname: String,
    pub score: i64,
    pub attempts: u64,
    pub reached_at: String,
    pub last_at: String,
    pub sums: BTreeMap<String, i64>,
}

/// A page of a tournament, and the row of whoever asks.
#[derive(Deserialize)]
pub(crate) struct Standings {
    pub leaderboard: Vec<Standing>,
    pub user_rank: Option<Standing>,
    pub total_participants: u64,
}

/// A row of a tournament.
#[derive(Debug, Deserialize)]
pub(crate) struct Standing {
    pub rank: Option<u64>,
    #[serde(default)]
    pub user_id: String,
    #[serde(default)]
    pub best_score: i64,
    #[serde(default)]
    pub total_attempts: u64,
}

/// A player in numbers.
#[derive(Deserialize)]
pub(crate) struct PlayerStats {
    pub nickname: String,
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    pub statistics: BTreeMap<String, i64>,
}

/// A prize.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Prize {
    #[serde(rename = "prize_id")]
    pub id: String,
    pub tournament_id: String,
    pub rank: u64,
    pub coins: i64,
    pub gems: i64,
    #[serde(default)]
    pub claimed: bool,
}

#[derive(Deserialize)]
struct Prizes {
    prizes: Vec<Prize>,
}

#[derive(Deserialize)]
struct Claim {
    status: String,
}

/// Active players of a day.
#[derive(Debug, Deserialize)]
pub(crate) struct ActiveDay {
    pub day: String,
    pub dau: u64,
    pub wau: u64,
    pub mau: u64,
    pub new: u64,
    pub returning: u64,
}

#[derive(Deserialize)]
struct Active {
    days: Vec<ActiveDay>,
}

/// The players of a first day.
#[derive(Debug, Deserialize)]
pub(crate) struct Cohort {
    pub day: String,
    pub size: u64,
    pub returned: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Retention {
    cohorts: Vec<Cohort>,
}

/// What was received.
#[derive(Deserialize)]
pub(crate) struct Figures {
    pub summary: Summary,
    pub event_types: Vec<TypeFigure>,
    pub queue: Queue,
}

/// All events.
#[derive(Deserialize)]
pub(crate) struct Summary {
    #[serde(rename = "total_events")]
    pub total: u64,
    #[serde(rename = "pending_events")]
    pub pending: u64,
    #[serde(rename = "failed_events")]
    pub failed: u64,
}

/// The events of a type.
#[derive(Deserialize)]
pub(crate) struct TypeFigure {
    pub event_type: String,
    pub count: u64,
}

/// What waits.
#[derive(Deserialize)]
pub(crate) struct Queue {
    pub waiting: u64,
    pub active: u64,
    pub delayed: u64,
}

impl Api {
    /// A connection that is opened with the first request.
    pub fn new(target: &Target) -> Self {
        Self { connection: Connection::new(target.clone()) }
    }

    /// Sends a body of events until it is taken. Answers what became of them.
    pub async fn send(&mut self, body: String) -> Result<EventsAnswer> {
        self.until_taken("events", "/api/events", body.into()).await?.json().map_err(Error::from)
    }

    /// Wishes for a name. Answers whether it is had.
    pub async fn name(&mut self, player: &str, nickname: &str) -> Result<bool> {
        let wish = serde_json::json!({"user_id": player, "nickname": nickname}).to_string();
        let answer = self.posted("/api/v2/leaderboard/update-nickname", wish.into()).await?;
        Ok(answer.is_success())
    }

    /// Claims a prize. Answers what became of the claim.
    pub async fn claim(&mut self, prize: &str, player: &str) -> Result<String> {
        let claim = serde_json::json!({"prize_id": prize, "user_id": player}).to_string();
        let answer = self.until_taken("a claim", "/api/v2/prizes/claim", claim.into()).await?;
        Ok(answer.json::<Claim>()?.status)
    }

    /// Sends a body of JSON, as an operator would.
    pub async fn operate(&mut self, path: &str, body: &serde_json::Value) -> Result<()> {
        self.until_taken(path, path, body.to_string().into()).await.map(drop)
    }

    /// The newest tournaments.
    pub async fn tournaments(&mut self) -> Result<Vec<Tournament>> {
        Ok(self.read::<Tournaments>("/api/v2/tournaments?limit=1000").await?.tournaments)
    }

    /// A page of a board in the period that began at a time.
    pub async fn board(
        &mut self,
        board: &str,
        period: Timestamp,
        offset: usize,
    ) -> Result<BoardPage> {
        let period =
            if period == Timestamp::EPOCH { "current".to_owned() } else { period.to_string() };
        let path =
            format!("/api/v2/leaderboards/{board}?period={period}&limit={PAGE}&offset={offset}");
        self.read(&path).await
    }

    /// The first rows of a tournament.
    pub async fn standings(&mut self, id: &str) -> Result<Standings> {
        self.read(&format!("/api/v2/tournaments/{id}/leaderboard?limit={PAGE}")).await
    }

    /// A player's row in a tournament.
    pub async fn standing(&mut self, id: &str, player: &str) -> Result<Option<Standing>> {
        let path = format!("/api/v2/tournaments/{id}/leaderboard?limit=1&user_id={player}");
        Ok(self.read::<Standings>(&path).await?.user_rank.filter(|row| row.rank.is_some()))
    }

    /// A player in numbers; `None` if nothing was heard of them.
    pub async fn player(&mut self, player: &str) -> Result<Option<PlayerStats>> {
        let path = format!("/api/v2/players/{player}/stats");
        let answer = self.got(&path).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        Ok(Some(succeeded(&path, &answer)?.json()?))
    }

    /// The prizes that a player can claim.
    pub async fn pending_prizes(&mut self, player: &str) -> Result<Vec<Prize>> {
        let path = format!("/api/v2/prizes/pending?user_id={player}");
        Ok(self.read::<Prizes>(&path).await?.prizes)
    }

    /// Everything that a player won.
    pub async fn prizes(&mut self, player: &str) -> Result<Vec<Prize>> {
        let path = format!("/api/v2/prizes/history?limit=1000&user_id={player}");
        Ok(self.read::<Prizes>(&path).await?.prizes)
    }

    /// Active players from one day to another.
    pub async fn active(&mut self, from: &str, until: &str) -> Result<Vec<ActiveDay>> {
        let path = format!("/api/v2/analytics/active?from={from}&until={until}");
        Ok(self.read::<Active>(&path).await?.days)
    }

    /// The players of these first days, and how many of them came back.
    pub async fn retention(&mut self, from: &str, until: &str) -> Result<Vec<Cohort>> {
        let path = format!("/api/v2/analytics/retention?from={from}&until={until}");
        Ok(self.read::<Retention>(&path).await?.cohorts)
    }

    /// What was received in thirty days, and what waits. The server keeps the answer for a second.
    pub async fn figures(&mut self) -> Result<Figures> {
        self.read("/api/events/stats?timeframe=30d").await
    }

    /// What waits. This keeps no figures of thirty days alive that are older than what is asked next.
    pub async fn waiting(&mut self) -> Result<Figures> {
        self.read("/api/events/stats?timeframe=1h").await
    }

    async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        let answer = self.got(path).await?;
        Ok(succeeded(path, &answer)?.json()?)
    }

    /// Asks until there is an answer that is not about the moment.
    async fn got(&mut self, path: &str) -> Result<Answer> {
        let (begun, mut pause) = (Instant::now(), RETRY.0);
        loop {
            match self.connection.get(path).await {
                Ok(answer) if !is_of_the_moment(&answer) => return Ok(answer),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error.into()),
                Ok(answer) if begun.elapsed() > PATIENCE => return Ok(answer),
                Ok(_) | Err(_) => wait(&mut pause).await,
            }
        }
    }

    async fn posted(&mut self, path: &str, body: bytes::Bytes) -> Result<Answer> {
        let (begun, mut pause) = (Instant::now(), RETRY.0);
        loop {
            match self.connection.post(path, body.clone()).await {
                Ok(answer) if !is_of_the_moment(&answer) => return Ok(answer),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error.into()),
                Ok(answer) if begun.elapsed() > PATIENCE => return Ok(answer),
                Ok(_) | Err(_) => wait(&mut pause).await,
            }
        }
    }

    async fn until_taken(&mut self, what: &str, path: &str, body: bytes::Bytes) -> Result<Answer> {
        let answer = self.posted(path, body).await?;
        succeeded(what, &answer)?;
        Ok(answer)
    }
}

/// Whether a server says that it cannot now, or not so fast.
fn is_of_the_moment(answer: &Answer) -> bool {
    matches!(answer.status, 429 | 500 | 502 | 503 | 504)
}

async fn wait(pause: &mut Duration) {
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(RETRY.1);
}

fn succeeded<'a>(what: &str, answer: &'a Answer) -> Result<&'a Answer> {
    if answer.is_success() {
        return Ok(answer);
    }
    let said = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    Err(Error::Refused { what: what.to_owned(), status: answer.status, said })
}

/// Tournaments by id.
pub(crate) fn by_id(tournaments: Vec<Tournament>) -> BTreeMap<String, Tournament> {
    tournaments.into_iter().map(|one| (one.id.clone(), one)).collect()
}
