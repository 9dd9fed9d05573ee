//! `GET /api/admin/keys`: the keys there are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::KeyStore;
use scoreline_core::time::Clock;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::view::KeyView;
use crate::access::{Endpoint, Scope};
use crate::problem::Problem;

/// All keys.
#[derive(Serialize, ToSchema)]
struct Keys {
    success: bool,
    keys: Vec<KeyView>,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// All keys, the last made first, revoked ones among them; never their secrets.
#[utoipa::path(
    get, path = "/api/admin/keys", tag = "Operations", operation_id = "listKeys",
    responses((status = 200, description = "The keys", body = Keys)),
)]
async fn handle(
    State(keys): State<Arc<dyn KeyStore>>,
    State(clock): State<Arc<dyn Clock>>,
) -> Result<Json<Keys>, Problem> {
    let now = clock.now();
    let keys = keys.keys().await?;
    Ok(Json(Keys { success: true, keys: keys.iter().map(|key| KeyView::at(now, key)).collect() }))
}
