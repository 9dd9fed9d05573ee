//! `DELETE /api/admin/keys/{key_id}`: a key, taken back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::KeyStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::view::KeyView;
use crate::access::{Endpoint, Scope};
use crate::auth::Auth;
use crate::gate::Operator;
use crate::openapi::Missing;
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::path::Path;

/// Which key.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct KeyPath {
    /// The key's id, which is no secret.
    key_id: String,
}

impl Fields for KeyPath {}

/// A key that is good no longer.
#[derive(Serialize, ToSchema)]
struct RevokedKey {
    success: bool,
    key: KeyView,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::Admin, routes!(handle))
}

/// Takes a key back for ever: here at once, on every other node within a second.
#[utoipa::path(
    delete, path = "/api/admin/keys/{key_id}", tag = "Operations", operation_id = "revokeKey",
    params(KeyPath),
    responses((status = 200, description = "The key is good no longer", body = RevokedKey), Missing),
)]
async fn handle(
    operator: Operator,
    State(auth): State<Arc<Auth>>,
    State(keys): State<Arc<dyn KeyStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<KeyPath>,
) -> Result<Json<RevokedKey>, Problem> {
    let missing = || Problem::new(Slug::NotFound, format!("there is no key {}", path.key_id));
    let id = Uuid::try_parse(&path.key_id).map_err(|_| missing())?;
    let now = clock.now();
    let key = keys.revoke_key(id, operator.act(&id, None, now)).await?;
    auth.keys().forget();
    Ok(Json(RevokedKey { success: true, key: KeyView::at(now, &key) }))
}
