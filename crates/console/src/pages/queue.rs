//! `POST /console/queue/pause` and `resume`: holds all classes of events back, and goes on with them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::console::Console;
use crate::trouble::Trouble;

/// Holds events back.
pub(crate) async fn pause(State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    console.operations.pause(None).await?;
    console.look_again().await;
    Ok(Redirect::to("/console").into_response())
}

/// Goes on with them.
pub(crate) async fn resume(State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    console.operations.resume(None).await?;
    console.look_again().await;
    Ok(Redirect::to("/console").into_response())
}
