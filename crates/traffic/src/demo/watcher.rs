//! Watches a demo from outside: who climbs, when a tournament is over, and who finds a prize.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use scoreline_core::time::Clock;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::{DemoOptions, Happening, NewTournament};
use crate::client::{ClientError, Connection};
use crate::load::SystemClock;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Ranks of the main board that are watched.
const WATCHED_RANKS: u64 = 10;
/// Ranks that win something.
const PRIZE_RANKS: u64 = 50;

#[derive(Deserialize)]
struct Board {
    leaderboard: Vec<Row>,
}

#[derive(Deserialize, Clone)]
struct Row {
    rank: u64,
    user_id: String,
    nickname: String,
    #[serde(alias = "high_score", alias = "best_score")]
    score: i64,
}

#[derive(Deserialize)]
struct Tournaments {
    tournaments: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    tournament_id: String,
    status: String,
}

#[derive(Deserialize)]
struct Pending {
    prizes: Vec<Prize>,
}

#[derive(Deserialize)]
struct Prize {
    #[serde(rename = "prize_id")]
    id: String,
    rank: u64,
    coins: i64,
    gems: i64,
}

#[derive(Deserialize)]
struct Claimed {
    status: String,
}

/// Looks at the server again and again.
pub(super) struct Watcher {
    connection: Connection,
    /// Speaks with the operator's token.
    operator: Option<Connection>,
    board: String,
    lasts: Duration,
    contest: watch::Sender<Option<(String, String)>>,
    running: Option<NewTournament>,
    ranks: HashMap<String, u64>,
}

impl Watcher {
    pub fn new(
        options: &DemoOptions,
        contest: watch::Sender<Option<(String, String)>>,
    ) -> Result<Self, ClientError> {
        let operator = match &options.admin_token {
            Some(token) => Some(Connection::new(options.target.clone().with_token(token)?)),
            None => None,
        };
        Ok(Self {
            connection: Connection::new(options.target.clone()),
            operator,
            board: options.board.clone(),
            lasts: options.tournament,
            contest,
            running: None,
            ranks: HashMap::new(),
        })
    }

    /// Looks until it is dropped.
    pub async fn watch(&mut self, tell: &(impl Fn(Happening) + Send + Sync)) -> Infallible {
        loop {
            let looked = match self.look_at_tournament(tell).await {
                Ok(()) => self.look_at_board(tell).await,
                Err(error) => Err(error),
            };
            if let Err(error) = looked {
                tell(Happening::Trouble { what: error.to_string() });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look_at_board(
        &mut self,
        tell: &(impl Fn(Happening) + Send + Sync),
    ) -> Result<(), ClientError> {
        let path = format!("/api/v2/leaderboard/global?limit={WATCHED_RANKS}");
        let Some(board) = self.ask::<Board>(&path, tell).await? else { return Ok(()) };
        let mut ranks = HashMap::new();
        for row in board.leaderboard {
            let before = self.ranks.get(&row.user_id).copied();
            if before.is_none_or(|before| row.rank < before) {
                let Row { rank, nickname, score, .. } = row;
                tell(Happening::Climbed { nickname, rank, before, score });
            }
            ranks.insert(row.user_id, row.rank);
        }
        self.ranks = ranks;
        Ok(())
    }

    /// Opens a tournament if none runs, and looks whether the one that runs is over.
    async fn look_at_tournament(
        &mut self,
        tell: &(impl Fn(Happening) + Send + Sync),
    ) -> Result<(), ClientError> {
        let Some(running) = &self.running else { return self.open(tell).await };
        if SystemClock.now() < running.ends_at {
            return Ok(());
        }
        let Some(all) = self.ask::<Tournaments>("/api/v2/tournaments", tell).await? else {
            return Ok(());
        };
        let Some(running) = self.running.clone() else { return Ok(()) };
        let status = all.tournaments.into_iter().find(|one| one.tournament_id == running.id);
        match status.map(|one| one.status).as_deref() {
            Some("closed") => {
                self.hand_over(&running, tell).await?;
                self.running = None;
            }
            // It was cancelled, or its server was replaced.
            Some("cancelled") | None => self.running = None,
            Some(_) => {}
        }
        Ok(())
    }

    async fn open(&mut self, tell: &(impl Fn(Happening) + Send + Sync)) -> Result<(), ClientError> {
        let Some(operator) = &mut self.operator else { return Ok(()) };
        let wanted = NewTournament::from_now(&self.board, SystemClock.now(), self.lasts);
        let answer = operator.post_json("/api/v2/tournaments", &wanted).await?;
        if !answer.is_success() {
            let what = format!("a tournament was refused with status {}", answer.status);
            tell(Happening::Trouble { what });
            return Ok(());
        }
        tell(Happening::TournamentOpened { name: wanted.name.clone(), ends_at: wanted.ends_at });
        self.contest.send_replace(Some((wanted.id.clone(), wanted.name.clone())));
        self.running = Some(wanted);
        Ok(())
    }

    /// Tells who won, and lets every winner look for prizes and claim them.
    async fn hand_over(
        &mut self,
        over: &NewTournament,
        tell: &(impl Fn(Happening) + Send + Sync),
    ) -> Result<(), ClientError> {
        let path = format!("/api/v2/tournaments/{}/leaderboard?limit={PRIZE_RANKS}", over.id);
        let Some(board) = self.ask::<Board>(&path, tell).await? else { return Ok(()) };
        let winners =
            board.leaderboard.iter().take(3).map(|row| (row.nickname.clone(), row.score)).collect();
        tell(Happening::TournamentClosed { name: over.name.clone(), winners });
        for row in board.leaderboard {
            self.claim_all(&row, tell).await?;
        }
        Ok(())
    }

    async fn claim_all(
        &mut self,
        winner: &Row,
        tell: &(impl Fn(Happening) + Send + Sync),
    ) -> Result<(), ClientError> {
        let path = format!("/api/v2/prizes/pending?user_id={}", winner.user_id);
        let Some(pending) = self.ask::<Pending>(&path, tell).await? else { return Ok(()) };
        for Prize { id, rank, coins, gems } in pending.prizes {
            let claim = serde_json::json!({"prize_id": id, "user_id": winner.user_id});
            let answer = self.connection.post_json("/api/v2/prizes/claim", &claim).await?;
            if !answer.is_success() {
                let what = format!("a claim was refused with status {}", answer.status);
                tell(Happening::Trouble { what });
                continue;
            }
            if answer.json::<Claimed>()?.status == "claimed" {
                let nickname = winner.nickname.clone();
                tell(Happening::PrizeClaimed { nickname, rank, coins, gems });
            }
        }
        Ok(())
    }

    /// Asks for something; `None` if the server does not answer with it now.
    async fn ask<T: DeserializeOwned>(
        &mut self,
        path: &str,
        tell: &(impl Fn(Happening) + Send + Sync),
    ) -> Result<Option<T>, ClientError> {
        let answer = self.connection.get(path).await?;
        if answer.is_success() {
            return answer.json().map(Some);
        }
        let what = format!("{path} answered with status {}", answer.status);
        tell(Happening::Trouble { what });
        Ok(None)
    }
}
