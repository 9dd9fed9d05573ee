//! Players: statistics, the first and the last event, the name, the prizes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use scoreline_core::time::Timestamp;
use tokio::task::JoinSet;

use super::Truth;
use crate::api::Api;
use crate::error::{Error, Result};
use crate::findings::Findings;

const STATISTICS: &str = "players, with all statistics, first and last event, and name";
const PRIZES: &str = "players' prizes, won and claimed";

/// What somebody won: the tournament, the rank, coins, gems, and whether it was claimed.
pub(crate) type Won = (String, u64, i64, i64, bool);

/// What players must have won.
pub(crate) struct Prizes {
    /// By player.
    pub won: HashMap<u32, BTreeSet<Won>>,
    /// Tournaments of which nobody can tell yet whether they have given prizes.
    pub running: BTreeSet<String>,
}

/// Compares every player, over as many connections as there are ledgers.
pub(crate) async fn check(
    truth: &Truth,
    prizes: Arc<Prizes>,
    findings: &mut Findings,
) -> Result<()> {
    let mut checks = JoinSet::new();
    for place in 0..truth.ledgers.len() {
        let (truth, prizes) = (truth.clone(), Arc::clone(&prizes));
        checks.spawn(async move { of_ledger(&truth, place, &prizes).await });
    }
    while let Some(found) = checks.join_next().await {
        let found = found.map_err(|error| Error::Late(format!("a check fell over: {error}")))?;
        findings.join(found?);
    }
    Ok(())
}

async fn of_ledger(truth: &Truth, place: usize, prizes: &Prizes) -> Result<Findings> {
    let mut api = Api::new(&truth.target);
    let mut findings = Findings::default();
    let ledger = &truth.ledgers[place];
    let players = ledger.lock().players.len();
    for no in 0..players {
        let (player, is_unsure, wanted) = wanted(truth, place, no);
        let id = truth.world.player_id(player).to_string();
        let is = api.player(&id).await?.map(|told| {
            let told_seen = (told.first_seen, told.last_seen);
            let seen = if is_unsure { wanted.1.clone() } else { told_seen };
            (told.nickname, seen, told.statistics)
        });
        findings.same(STATISTICS, || format!("player {id}"), (is, Some(wanted)));
        let is: BTreeSet<Won> = api
            .prizes(&id)
            .await?
            .into_iter()
            .filter(|one| !prizes.running.contains(&one.tournament_id))
            .map(|one| (one.tournament_id, one.rank, one.coins, one.gems, one.claimed))
            .collect();
        let must_be = prizes.won.get(&player).cloned().unwrap_or_default();
        findings.same(PRIZES, || format!("player {id}"), (is, must_be));
    }
    Ok(findings)
}

type Told = (String, (Option<String>, Option<String>), BTreeMap<String, i64>);

fn wanted(truth: &Truth, place: usize, no: usize) -> (u32, bool, Told) {
    let ledger = truth.ledgers[place].lock();
    let one = &ledger.players[no];
    let written = |ms: i64| {
        let is_known = ms != i64::MAX && ms != i64::MIN;
        is_known.then(|| Timestamp::from_stored_ms(ms).to_string())
    };
    let statistics = ledger.statistics(no).map(|(name, value)| (name.to_owned(), value));
    let seen = (written(one.first_seen_ms), written(one.last_seen_ms));
    let nickname = truth.nickname(one.player, one.is_named);
    (one.player, one.is_unsure, (nickname, seen, statistics.collect()))
}
