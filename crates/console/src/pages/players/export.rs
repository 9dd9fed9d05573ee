//! `/console/player/export`: everything that is kept of a player, as one file.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use scoreline_core::id::PlayerId;
use scoreline_http::Problem;
use serde::Deserialize;

use crate::console::Console;
use crate::trouble::Trouble;

/// Who is meant.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    id: String,
}

/// The file, sent as it is read. Its name is ours: ids may hold anything.
pub(crate) async fn export(
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let player =
        PlayerId::new(&asked.id).map_err(|error| Problem::field("id", error.to_string()))?;
    let body = Body::from_stream(Arc::clone(&console.exports).document(player));
    let head = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"player.json\""),
    ];
    Ok((head, body).into_response())
}
