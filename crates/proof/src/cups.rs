//! Tournaments of a simulation: those of the definition and cups beside them, from their start to the
//! claims of their prizes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::time::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use crate::api::{Api, Tournament};
use crate::chance::Chance;
use crate::check::Truth;
use crate::check::players::{Prizes, Won};
use crate::check::tournaments;
use crate::error::{Error, Result};
use crate::findings::Findings;
use crate::players::world::HOUR_MS;
use crate::reference::Window;
use crate::shape::Shape;

const CLAIMS: &str = "claims of prizes: own ones once, others' never";
/// How long a cup lasts.
const CUP_MS: i64 = 6 * HOUR_MS;
/// How long the server may take to make or to close a tournament, in real time.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// In real time, how often tournaments are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How many winners claim what they won.
const CLAIMED: f64 = 0.7;

/// The tournaments so far.
pub(crate) struct Cups {
    shape: Arc<Shape>,
    api: Api,
    may_operate: bool,
    /// Whether time stands while the server is waited for.
    is_virtual: bool,
    begun: Timestamp,
    cup_length_ms: i64,
    /// The start of the cup that comes next.
    next_cup: Timestamp,
    open: BTreeMap<String, Window>,
    done: BTreeSet<String>,
    won: HashMap<u32, BTreeSet<Won>>,
    claims: u64,
    looked: Option<Instant>,
}

impl Cups {
    pub fn new(shape: Arc<Shape>, place: &crate::place::Place) -> Self {
        let target = place.operator.as_ref().unwrap_or(&place.target);
        Self {
            shape,
            api: Api::new(target),
            may_operate: place.operator.is_some(),
            is_virtual: place.clock.is_some(),
            begun: place.start,
            cup_length_ms: place.cup_length_ms.unwrap_or(CUP_MS),
            next_cup: place.start,
            open: BTreeMap::new(),
            done: BTreeSet::new(),
            won: HashMap::new(),
            claims: 0,
            looked: None,
        }
    }

    /// What everybody must have won so far. In real time, tournaments that were running at the last look may have
    /// been closed since.
    pub fn prizes(&self) -> Prizes {
        let running =
            if self.is_virtual { BTreeSet::new() } else { self.open.keys().cloned().collect() };
        Prizes { won: self.won.clone(), running }
    }

    /// How many tournaments were closed, and how many prizes claimed.
    pub fn counts(&self) -> (u64, u64) {
        (self.done.len() as u64, self.claims)
    }

    /// Sees to all tournaments at a time. Answers those that events may fall into now.
    pub async fn at(
        &mut self,
        now: Timestamp,
        truth: &Truth,
        findings: &mut Findings,
    ) -> Result<Arc<Vec<Window>>> {
        let is_soon = |looked: Instant| looked.elapsed() < LOOK_AGAIN;
        if !self.is_virtual && self.looked.is_some_and(is_soon) {
            return Ok(self.windows());
        }
        self.looked = Some(Instant::now());
        self.make_cups(now).await?;
        let known = self.look(now).await?;
        for tournament in known.values() {
            self.note(tournament);
        }
        let over: Vec<Window> =
            self.open.values().filter(|one| one.ends_at <= now).cloned().collect();
        for window in over {
            self.close(&window, truth, findings).await?;
        }
        Ok(self.windows())
    }

    fn windows(&self) -> Arc<Vec<Window>> {
        Arc::new(self.open.values().cloned().collect())
    }

    /// Makes the cup that runs next, before it does.
    async fn make_cups(&mut self, now: Timestamp) -> Result<()> {
        while self.may_operate && self.next_cup <= now {
            let starts_at = self.next_cup.max(now);
            let ends_at = self.next_cup.plus_ms(self.cup_length_ms);
            self.next_cup = ends_at;
            if ends_at <= now {
                continue;
            }
            let cup = json!({
                "id": format!("cup-{}", starts_at.as_ms()),
                "name": format!("Cup {}", &starts_at.to_string()[11..16]),
                "board": self.shape.definition.game.main_board,
                "starts_at": starts_at, "ends_at": ends_at,
                "prizes": [
                    {"ranks": 1, "coins": 1000, "gems": 10},
                    {"ranks": "2-3", "coins": 500, "gems": 5},
                    {"ranks": "4-20", "coins": 50},
                ],
            });
            self.api.operate("/api/v2/tournaments", &cup).await?;
        }
        Ok(())
    }

    /// The tournaments of the server. In virtual time, those are waited for that the definition says
    /// there must be.
    async fn look(&mut self, now: Timestamp) -> Result<BTreeMap<String, Tournament>> {
        let begun = Instant::now();
        loop {
            let known = self.api.tournaments().await?;
            let lacking = self.shape.definition.tournaments.values().find(|series| {
                let period = series.schedule.period_at(now);
                let is_it = |one: &Tournament| {
                    *one.board == *series.board && one.start_date == period.start.to_string()
                };
                !known.iter().any(is_it)
            });
            let Some(lacking) = lacking.filter(|_| self.is_virtual) else {
                return Ok(crate::api::by_id(known));
            };
            if begun.elapsed() > PATIENCE {
                let what = format!("the server makes no tournament {} for {now}", lacking.name);
                return Err(Error::Late(what));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn note(&mut self, tournament: &Tournament) {
        let id = &tournament.id;
        let is_open = matches!(&*tournament.status, "upcoming" | "active" | "closing");
        if !is_open || self.open.contains_key(id) || self.done.contains(id) {
            return;
        }
        let times =
            Timestamp::parse(&tournament.start_date).zip(Timestamp::parse(&tournament.end_date));
        let Some((board, (starts_at, ends_at))) = self.shape.board(&tournament.board).zip(times)
        else {
            return;
        };
        if ends_at > self.begun {
            let window = Window { id: Arc::from(&**id), board, starts_at, ends_at };
            self.open.insert(id.clone(), window);
        }
    }

    /// Waits until a tournament that is over is closed, compares its results, and claims its prizes.
    async fn close(
        &mut self,
        window: &Window,
        truth: &Truth,
        findings: &mut Findings,
    ) -> Result<()> {
        let begun = Instant::now();
        let closed = loop {
            let known = crate::api::by_id(self.api.tournaments().await?);
            match known.get(&*window.id) {
                Some(one) if one.status == "closed" => break one.clone(),
                Some(one) if begun.elapsed() > PATIENCE && self.is_virtual => {
                    return Err(Error::Late(format!("{} is still {}", window.id, one.status)));
                }
                // In real time, it is looked at again later.
                Some(_) if !self.is_virtual => return Ok(()),
                Some(_) => tokio::time::sleep(LOOK_EVERY).await,
                None => {
                    findings.note(CLAIMS, Some(format!("tournament {} is gone", window.id)));
                    self.open.remove(&*window.id);
                    return Ok(());
                }
            }
        };
        self.open.remove(&*window.id);
        self.done.insert(window.id.to_string());
        if !truth.is_alone {
            return Ok(());
        }
        let winners = tournaments::check(truth, &closed, findings).await?;
        self.claim(winners, truth, findings).await
    }

    async fn claim(
        &mut self,
        winners: HashMap<u32, Won>,
        truth: &Truth,
        findings: &mut Findings,
    ) -> Result<()> {
        let mut winners: Vec<(u32, Won)> = winners.into_iter().collect();
        winners.sort_unstable();
        let mut thief: Option<String> = None;
        for (player, mut won) in winners {
            let id = truth.world.player_id(player).to_string();
            let mut chance = Chance::of(truth.world.seed, &[8, u64::from(player), won.1]);
            if chance.hits(CLAIMED) {
                let pending = self.api.pending_prizes(&id).await?;
                let prize = pending.into_iter().find(|one| one.tournament_id == won.0);
                let told = prize.as_ref().map(|one| (one.rank, one.coins, one.gems));
                findings.same(
                    CLAIMS,
                    || format!("what {id} can claim of {}", won.0),
                    (told, Some((won.1, won.2, won.3))),
                );
                if let Some(prize) = prize {
                    let stolen = match &thief {
                        Some(thief) => self.api.claim(&prize.id, thief).await?,
                        None => "not_found".to_owned(),
                    };
                    let first = self.api.claim(&prize.id, &id).await?;
                    let again = self.api.claim(&prize.id, &id).await?;
                    let is = [stolen, first, again];
                    let must_be = ["not_found", "claimed", "already_claimed"].map(str::to_owned);
                    findings.same(CLAIMS, || format!("claims of {id} in {}", won.0), (is, must_be));
                    won.4 = true;
                    self.claims += 1;
                }
            }
            thief = Some(id);
            self.won.entry(player).or_default().insert(won);
        }
        Ok(())
    }
}
