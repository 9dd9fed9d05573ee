//! The endpoints, one file each, in a folder for each area of the API.
//!
//! A file holds the request, the answer, the documentation, who may call it, and the handler. Adding
//! one: write its file, and name its `endpoint()` in the list of its area.

mod analytics;
mod audit;
mod documentation;
mod events;
mod health;
mod keys;
mod leaderboards;
mod nicknames;
mod operations;
mod player_path;
mod players;
mod prizes;
mod reviews;
mod top;
mod tournaments;

use axum::http::Uri;

use crate::access::Endpoint;
use crate::problem::Problem;

/// All endpoints.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = events::endpoints();
    endpoints.extend(leaderboards::endpoints());
    endpoints.extend(tournaments::endpoints());
    endpoints.extend(prizes::endpoints());
    endpoints.extend(players::endpoints());
    endpoints.extend(analytics::endpoints());
    endpoints.extend(nicknames::endpoints());
    endpoints.extend(reviews::endpoints());
    endpoints.extend(operations::endpoints());
    endpoints.extend(keys::endpoints());
    endpoints.push(audit::endpoint());
    endpoints.push(documentation::endpoint());
    endpoints.extend(health::endpoints());
    endpoints
}

/// See [`events::read_cursors_again`].
pub(crate) fn read_cursors_again(text: &str) {
    events::read_cursors_again(text);
}

/// See [`events::read_list_parameters`].
pub(crate) fn read_list_parameters(uri: &Uri) -> Result<(), Problem> {
    events::read_list_parameters(uri)
}
