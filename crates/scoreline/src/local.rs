//! The server that runs on this machine's data directory, asked over HTTP.

use anyhow::{Context, bail};
use scoreline_server::{Config, DataDir};
use serde_json::Value;

/// A running server and the right to operate it.
pub struct Local {
    base: String,
    token: String,
    agent: ureq::Agent,
}

impl Local {
    /// The server of the configured data directory, if one runs.
    pub fn find(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(server) = DataDir::running(&config.data_dir) else { return Ok(None) };
        // A server that was killed leaves its note behind; the lock tells whether it still runs.
        if DataDir::hold(&config.data_dir).is_ok() {
            return Ok(None);
        }
        let token = config
            .admin_token
            .clone()
            .or_else(|| DataDir::stored_admin_token(&config.data_dir))
            .context("the admin token of the running server is not to be found")?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Some(Self { base: format!("http://{}", server.address), token, agent }))
    }

    /// The server of the configured data directory, which must run.
    pub fn running(config: &Config) -> anyhow::Result<Self> {
        let folder = config.data_dir.display();
        Self::find(config)?.with_context(|| format!("no server runs on {folder}; start it first"))
    }

    /// Asks and answers the JSON; a problem becomes an error with its fields.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        read(request.call().context("the running server does not answer")?)
    }

    /// Posts JSON and answers JSON.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        read(request.send_json(body).context("the running server does not answer")?)
    }

    /// Asks for something to be taken away and answers the JSON.
    pub fn delete(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        read(request.call().context("the running server does not answer")?)
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
    let status = response.status();
    let body: Value = response.body_mut().read_json().context("the answer is not JSON")?;
    if status.is_success() {
        return Ok(body);
    }
    let mut message = body["detail"].as_str().unwrap_or("the server refused").to_owned();
    for fault in body["errors"].as_array().into_iter().flatten() {
        let text = |key: &str| fault[key].as_str().unwrap_or_default();
        // Where one field is at fault, the message says it already.
        if !message.contains(text("reason")) {
            message = format!("{message}\n  {}: {}", text("field"), text("reason"));
        }
    }
    bail!(message)
}
