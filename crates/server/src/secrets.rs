//! The secrets of a server: made at first start, kept where all nodes find them.

use std::path::Path;

use scoreline_core::nodes::Nodes;
use scoreline_core::store::StoreError;

use crate::config::{Config, PublicIds};
use crate::data_dir::{ADMIN_TOKEN, ALIAS_SECRET, DataDir, TOKEN_SECRET, fresh_secret};
use crate::error::ServerError;

/// What must not be shown.
pub(crate) struct Secrets {
    /// Guards operator endpoints.
    pub admin_token: String,
    /// Whether that token was made at this start and must be shown to the operator.
    pub admin_token_is_new: bool,
    /// Signs players' tokens.
    pub token_secret: Vec<u8>,
    /// What the aliases of players follow from; `None` where boards show ids.
    pub alias_secret: Option<Vec<u8>>,
}

impl Secrets {
    /// Reads them, or makes them: in the database that several nodes share, in the data directory
    /// otherwise. Where an admin token is configured, none is made.
    pub async fn read(
        config: &Config,
        data_dir: Option<&DataDir>,
        nodes: Option<&dyn Nodes>,
    ) -> Result<Self, ServerError> {
        let ((admin_token, admin_token_is_new), token_secret) = if let Some(nodes) = nodes {
            let token = match &config.admin_token {
                Some(token) => (token.clone(), false),
                None => shared(nodes, ADMIN_TOKEN).await?,
            };
            (token, shared(nodes, TOKEN_SECRET).await?.0.into_bytes())
        } else {
            let data_dir =
                data_dir.expect("a server without a shared database has a data directory");
            let token = match &config.admin_token {
                Some(token) => (token.clone(), false),
                None => data_dir.admin_token()?,
            };
            (token, data_dir.token_secret()?)
        };
        let token_secret = match &config.token_secret {
            Some(chosen) => chosen.clone().into_bytes(),
            None => token_secret,
        };
        let alias_secret = match (config.public_ids, nodes, data_dir) {
            (PublicIds::Ids, ..) | (_, None, None) => None,
            (_, Some(nodes), _) => Some(shared(nodes, ALIAS_SECRET).await?.0.into_bytes()),
            (_, None, Some(data_dir)) => Some(data_dir.alias_secret()?),
        };
        Ok(Self { admin_token, admin_token_is_new, token_secret, alias_secret })
    }
}

/// The secrets of a data directory by their names, as far as they were made.
pub(crate) fn stored(data_dir: &Path) -> Vec<(&'static str, String)> {
    let stored = |name| Some((name, DataDir::stored_secret(data_dir, name)?));
    [ADMIN_TOKEN, TOKEN_SECRET, ALIAS_SECRET].into_iter().filter_map(stored).collect()
}

/// A secret that all nodes share, and whether this one made it.
async fn shared(nodes: &dyn Nodes, name: &str) -> Result<(String, bool), ServerError> {
    let proposed = fresh_secret();
    let secret = nodes.secret(name, &proposed).await.map_err(|reason: StoreError| {
        ServerError::Store { database: "the database".to_owned(), reason }
    })?;
    let made = secret == proposed;
    Ok((secret, made))
}
