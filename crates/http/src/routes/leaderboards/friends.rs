//! `GET /api/v2/leaderboards/{board}/rank`: some players on a board.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::FRIENDS_MAX;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::params::{AskedPeriod, BoardPath};
use super::row::BoardRow;
use crate::access::Endpoint;
use crate::boards::{Boards, age_seconds};
use crate::openapi::Missing;
use crate::problem::{FieldFault, Problem};
use crate::request::Fields;
use crate::request::path::Path;
use crate::request::query::{Pair, Parameters, StrictQuery};

/// The parameter that names players.
const NAME: &str = "user_ids";

/// A player as a client names one.
#[derive(Debug, PartialEq, Eq)]
struct Friend {
    /// The id as it is written, if it can be one.
    exact: Option<PlayerId>,
    /// Who is meant if nobody of that id is on the board: older clients encode the commas between ids, and
    /// put blanks behind them.
    otherwise: Vec<PlayerId>,
}

impl Friend {
    /// Reads a piece of what was sent. Where `is_whole`, nothing stood beside it.
    fn read(piece: &str, is_whole: bool) -> Result<Self, String> {
        let exact = PlayerId::new(piece);
        let others: Vec<&str> = match piece.trim() {
            list if is_whole && list.contains(',') => list.split(',').map(str::trim).collect(),
            trimmed if trimmed != piece => vec![trimmed],
            _ => Vec::new(),
        };
        let otherwise: Result<Vec<_>, _> = others.into_iter().map(PlayerId::new).collect();
        match (exact, otherwise) {
            (Err(error), Ok(none)) if none.is_empty() => Err(error.to_string()),
            (Err(_), Err(error)) => Err(error.to_string()),
            (exact, otherwise) => {
                Ok(Self { exact: exact.ok(), otherwise: otherwise.unwrap_or_default() })
            }
        }
    }

    fn ids(&self) -> impl Iterator<Item = &PlayerId> {
        self.exact.iter().chain(&self.otherwise)
    }

    /// Who is meant, of those who are on the board.
    fn meant(&self, on_board: &BTreeSet<PlayerId>) -> Vec<PlayerId> {
        match &self.exact {
            Some(exact) if on_board.contains(exact) => vec![exact.clone()],
            _ => self.otherwise.clone(),
        }
    }
}

/// The players that a request names. A comma that is encoded belongs to an id, one that is not stands
/// between two; so this is read before anything is decoded.
#[derive(Debug, PartialEq, Eq)]
struct Friends(Vec<Friend>);

impl Friends {
    fn read(query: &str) -> Result<Self, Problem> {
        let values: Vec<&str> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(|(name, _)| decoded(name) == NAME)
            .map(|(_, value)| value)
            .collect();
        let missing = |reason: &str| {
            let fault = FieldFault { field: NAME.to_owned(), reason: reason.to_owned() };
            Problem::fields(Some("user_ids required"), vec![fault])
        };
        match values.as_slice() {
            [] => return Err(missing("is required")),
            [""] => return Err(missing("must not be empty")),
            _ => {}
        }
        let is_whole = values.len() == 1 && !values[0].contains(',');
        let pieces = values.iter().flat_map(|value| value.split(','));
        let friends = pieces.map(|piece| Friend::read(&decoded(piece), is_whole));
        let friends: Vec<Friend> = friends
            .collect::<Result<_, _>>()
            .map_err(|error| Problem::field(NAME, format!("names a player whose id {error}")))?;
        let named: usize = friends.iter().map(|friend| friend.otherwise.len().max(1)).sum();
        if named > FRIENDS_MAX {
            let reason = format!("must name at most {FRIENDS_MAX} players, but names {named}");
            return Err(Problem::field(NAME, reason));
        }
        Ok(Self(friends))
    }

    /// Everybody who may be meant, each once.
    fn ids(&self) -> Vec<PlayerId> {
        let ids: BTreeSet<&PlayerId> = self.0.iter().flat_map(Friend::ids).collect();
        ids.into_iter().cloned().collect()
    }

    /// Those who are meant, if these are on the board.
    fn meant(&self, on_board: &BTreeSet<PlayerId>) -> BTreeSet<PlayerId> {
        self.0.iter().flat_map(|friend| friend.meant(on_board)).collect()
    }
}

fn decoded(text: &str) -> String {
    let pair = format!("={text}");
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

impl<S: Send + Sync> FromRequestParts<S> for Friends {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

/// The parameter that [`Friends`] reads, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what another type reads")]
struct UserIds {
    /// Up to 100 players: the parameter again for each, or with commas between them. An encoded comma (`%2C`)
    /// belongs to an id.
    #[param(style = Form, explode = true, min_items = 1, max_items = 100, example = json!(["a", "b"]))]
    user_ids: Vec<String>,
}

impl Parameters for UserIds {
    fn described() -> Vec<Parameter> {
        Self::into_params(|| Some(ParameterIn::Query))
    }

    /// [`Friends`] reads it.
    fn read(_: &[Pair]) -> Result<Self, Problem> {
        Ok(Self { user_ids: Vec::new() })
    }
}

/// In which period.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `current`, `previous` or an id out of `periods`.
    #[serde(default)]
    #[param(inline)]
    period: AskedPeriod,
}

impl Fields for Asked {}

/// Some players on a board.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "players": [{
        "rank": 1, "user_id": "device-1", "nickname": "Pilot", "score": 1200, "attempts": 3,
        "reached_at": "2026-11-23T10:00:00.000Z", "last_at": "2026-11-23T10:00:00.000Z",
        "sums": { "total_playtime_seconds": 270 },
    }],
    "total_players": 1, "age_seconds": 0, "outdated": false,
}))]
struct BoardFriends {
    success: bool,
    /// Those who are on it, best first.
    players: Vec<BoardRow>,
    total_players: u64,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    outdated: bool,
}

/// Anybody may read boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// Some players on a board: friends.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}/rank", tag = "Leaderboards",
    operation_id = "leaderboardFriends",
    params(BoardPath, UserIds, Asked),
    responses(
        (status = 200, description = "Those who are on it", body = BoardFriends),
        Missing,
    ),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    Path(path): Path<BoardPath>,
    friends: Friends,
    StrictQuery((asked, _)): StrictQuery<(Asked, UserIds)>,
) -> Result<Json<BoardFriends>, Problem> {
    let ranking = boards.named(&path.board, asked.period.0).await?;
    let ids = friends.ids();
    let named: Vec<&PlayerId> = ids.iter().collect();
    let found = boards.players(&ranking, &ids).await?;
    let meant = friends.meant(&found.rows.iter().map(|row| row.player.clone()).collect());
    let rows = found.rows.iter().filter(|row| meant.contains(&row.player));
    Ok(Json(BoardFriends {
        success: true,
        players: rows.map(|row| BoardRow::of(row, ranking.board(), &named)).collect(),
        total_players: found.total,
        age_seconds: age_seconds(found.age_ms),
        outdated: ranking.is_outdated(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is meant where these are on the board.
    fn meant(query: &str, on_board: &[&str]) -> Vec<String> {
        let on_board = on_board.iter().map(|id| PlayerId::new(id).expect("an id")).collect();
        let meant = Friends::read(query).expect("it can be read").meant(&on_board);
        meant.intersection(&on_board).map(PlayerId::to_string).collect()
    }

    #[test]
    fn an_encoded_comma_belongs_to_an_id_and_another_stands_between_two() {
        let board = ["iPhone10,3-77", "iPhone10", "a", "b", " lead", "x=y"];
        for (query, expected) in [
            ("user_ids=iPhone10%2C3-77", vec!["iPhone10,3-77"]),
            ("user_ids=iPhone10%2C3-77,a", vec!["a", "iPhone10,3-77"]),
            ("user_ids=iPhone10%2C3-77&user_ids=b", vec!["b", "iPhone10,3-77"]),
            ("user%5Fids=a&period=current&user_ids=b", vec!["a", "b"]),
            ("user_ids=a,b", vec!["a", "b"]),
            ("user_ids=a,+b", vec!["a", "b"]),
            ("user_ids=a%2Cb", vec!["a", "b"]),
            ("user_ids=a%2C%20b", vec!["a", "b"]),
            ("user_ids=%20lead", vec![" lead"]),
            ("user_ids=+lead&user_ids=a", vec![" lead", "a"]),
            ("user_ids=x=y", vec!["x=y"]),
        ] {
            assert_eq!(meant(query, &board), expected, "{query}");
        }
    }

    #[test]
    fn a_long_list_with_encoded_commas_is_no_id_that_is_too_long() {
        let hundred: Vec<String> = (0..100).map(|n| format!("player-{n}")).collect();
        let query = format!("user_ids={}", hundred.join("%2C"));
        assert_eq!(meant(&query, &["player-7"]), ["player-7"]);
        assert!(Friends::read(&format!("{query}%2Cone-more")).is_err());
        assert!(Friends::read(&format!("user_ids={}", "x".repeat(256))).is_err());
    }
}
