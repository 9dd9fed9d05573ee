//! `POST /api/admin/keys`: a new key, shown once.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::access::{Role, Scopes};
use scoreline_core::key::{Key, checked_name};
use scoreline_core::limits::{KEY_DAYS_MAX, KEY_NAME_CHARS_MAX};
use scoreline_core::store::KeyStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::routes;

use super::view::KeyView;
use crate::access::{Endpoint, Scope};
use crate::auth::Auth;
use crate::auth::key_ring::KeyRing;
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Whole;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Days that a key may be good for.
type Days = Whole<1, KEY_DAYS_MAX, 1>;

/// What a key is called.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct KeyName(String);

impl TryFrom<String> for KeyName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        checked_name(&text).map(Self)
    }
}

impl PartialSchema for KeyName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(KEY_NAME_CHARS_MAX))
            .into()
    }
}

impl ToSchema for KeyName {}

/// What the new key is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "ann", "role": "support", "expires_in_days": 90 }))]
struct NewKey {
    /// What it is called: whose it is, or what uses it.
    name: KeyName,
    /// `viewer`, `support`, `designer` or `admin`.
    role: Option<String>,
    /// Scopes beside those of the role, such as `events:write`.
    #[serde(default)]
    scopes: Vec<String>,
    /// For how many days it is good; for ever without this.
    expires_in_days: Option<Days>,
}

impl Fields for NewKey {}

impl NewKey {
    fn scopes(&self) -> Result<Scopes, Problem> {
        let names = |all: Vec<&str>| all.join(", ");
        let mut scopes: Vec<Scope> = Vec::new();
        if let Some(role) = &self.role {
            let known = Role::from_name(role).ok_or_else(|| {
                let known = names(Role::ALL.map(Role::as_str).to_vec());
                Problem::field("role", format!("must be one of {known}"))
            })?;
            scopes.extend(known.scopes().iter());
        }
        for scope in &self.scopes {
            scopes.push(Scope::from_name(scope).ok_or_else(|| {
                let known = names(Scope::ALL.map(Scope::as_str).to_vec());
                Problem::field("scopes", format!("must be some of {known}"))
            })?);
        }
        if scopes.is_empty() {
            return Err(Problem::field("role", "or scopes must say what the key may do"));
        }
        Ok(scopes.into_iter().collect())
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
struct CreatedKey {
    success: bool,
    /// The key itself; said once: nobody can say it again.
    api_key: String,
    key: KeyView,
}

/// For operators who may do everything: whoever makes keys could make themselves any.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::Admin, routes!(handle))
}

/// Makes a key with a name, scopes and an end. The answer is the only one that shows it.
#[utoipa::path(
    post, path = "/api/admin/keys", tag = "Operations", operation_id = "createKey",
    request_body = NewKey,
    responses((status = 200, description = "The key, shown once", body = CreatedKey), Clash),
)]
async fn handle(
    operator: Operator,
    State(auth): State<Arc<Auth>>,
    State(keys): State<Arc<dyn KeyStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<NewKey>,
) -> Result<Json<CreatedKey>, Problem> {
    let now = clock.now();
    let scopes = wanted.scopes()?;
    let days = wanted.expires_in_days.map(|days| i64::try_from(days.0).unwrap_or(i64::MAX));
    let made = KeyRing::make();
    let key = Key {
        id: made.id,
        name: wanted.name.0,
        hash: made.hash,
        scopes,
        created_at: now,
        expires_at: days.map(|days| now.plus_ms(days.saturating_mul(DAY_MS))),
        revoked_at: None,
        last_used_at: None,
    };
    keys.create_key(key.clone(), operator.act(&key.id, None, now)).await?;
    auth.keys().forget();
    Ok(Json(CreatedKey { success: true, api_key: made.text, key: KeyView::at(now, &key) }))
}
