//! What is kept of a player beside their scores.

use rusqlite::{Connection, OptionalExtension, params};
use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::{BindOutcome, PlayerProfile, Result};
use scoreline_core::time::Timestamp;

use crate::error::translate;
use crate::state::begin;
use crate::statement::{execute, list, only, sql};

/// Sets a player's nickname.
pub(crate) fn set_nickname(
    connection: &Connection,
    player: &PlayerId,
    nickname: &str,
    now: Timestamp,
) -> Result<()> {
    execute(connection, sql!("player/name"), params![player.as_str(), nickname, now.as_ms()])?;
    Ok(())
}

/// The nicknames of some players, in their order.
pub(crate) fn nicknames(
    connection: &Connection,
    players: &[PlayerId],
) -> Result<Vec<Option<String>>> {
    let mut query = connection.prepare_cached(sql!("player/nickname")).map_err(translate)?;
    let mut nickname = |player: &PlayerId| {
        let found = query.query_row([player.as_str()], |row| row.get(0)).optional();
        found.map(Option::flatten).map_err(translate)
    };
    players.iter().map(&mut nickname).collect()
}

/// A player's name and statistics.
pub(crate) fn profile(connection: &Connection, player: &PlayerId) -> Result<Option<PlayerProfile>> {
    let statistics = list(connection, sql!("statistic/of_player"), [player.as_str()], |row| {
        Ok((Slot(row.get(0)?), row.get(1)?))
    })?;
    let nickname = nicknames(connection, std::slice::from_ref(player))?.pop().flatten();
    let is_known = nickname.is_some() || !statistics.is_empty();
    Ok(is_known.then_some(PlayerProfile { nickname, statistics }))
}

/// Binds a secret's hash to a player who has none.
pub(crate) fn bind_secret(
    connection: &mut Connection,
    player: &PlayerId,
    hash: &str,
    now: Timestamp,
) -> Result<BindOutcome> {
    let tx = begin(connection)?;
    let values = params![player.as_str(), hash, now.as_ms()];
    let is_bound = execute(&tx, sql!("player/bind_secret"), values)? == 1;
    let known = only(&tx, sql!("player/secret"), [player.as_str()], |row| row.get(0))?;
    tx.commit().map_err(translate)?;
    Ok(if is_bound { BindOutcome::Bound } else { BindOutcome::Known(known) })
}
