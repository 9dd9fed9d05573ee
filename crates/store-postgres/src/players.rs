//! What is kept of a player beside their scores.

use std::collections::HashMap;

use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::{BindOutcome, PlayerProfile, Result};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::rows::get;
use crate::session::{Session, View, sql};
use crate::value::values;

/// Sets a player's nickname.
pub(crate) async fn set_nickname(
    session: &Session,
    player: &PlayerId,
    nickname: &str,
    now: Timestamp,
) -> Result<()> {
    let values = values![player.as_str(), nickname, now.as_ms()];
    session.execute(sql!("player/name"), values).await?;
    Ok(())
}

/// The nicknames of some players, in their order.
pub(crate) async fn nicknames(
    session: &Session,
    players: &[PlayerId],
) -> Result<Vec<Option<String>>> {
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let found: Vec<(String, Option<String>)> = session
        .list(sql!("player/nicknames"), values![ids], |row| Ok((get(row, 0)?, get(row, 1)?)))
        .await?;
    let found: HashMap<String, Option<String>> = found.into_iter().collect();
    Ok(ids.into_iter().map(|id| found.get(id).cloned().flatten()).collect())
}

/// A player's name and statistics.
pub(crate) async fn profile(session: &Session, player: &PlayerId) -> Result<Option<PlayerProfile>> {
    let statistics = session
        .list(sql!("statistic/of_player"), values![player.as_str()], |row| {
            Ok((Slot(get(row, 0)?), get(row, 1)?))
        })
        .await?;
    let nickname = nicknames(session, std::slice::from_ref(player)).await?.pop().flatten();
    let is_known = nickname.is_some() || !statistics.is_empty();
    Ok(is_known.then_some(PlayerProfile { nickname, statistics }))
}

/// Binds a secret's hash to a player who has none.
pub(crate) async fn bind_secret(
    database: &Database,
    player: &PlayerId,
    hash: &str,
    now: Timestamp,
) -> Result<BindOutcome> {
    let tx = database.begin(View::Moving).await?;
    let values = values![player.as_str(), hash, now.as_ms()];
    let is_bound = tx.execute(sql!("player/bind_secret"), values).await? == 1;
    let known = tx.only(sql!("player/secret"), values![player.as_str()], |row| get(row, 0)).await?;
    tx.commit().await?;
    Ok(if is_bound { BindOutcome::Bound } else { BindOutcome::Known(known) })
}
