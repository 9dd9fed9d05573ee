//! The server that runs on this machine's data directory, asked over HTTP.

use anyhow::Context;
use scoreline_server::{Config, DataDir};
use serde_json::Value;

/// A running server and the right to operate it.
pub struct Local {
    base: String,
    token: String,
    /// Where the token was found.
    token_from: String,
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
        let (token, token_from) = token(config)?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Some(Self { base: format!("http://{}", server.address), token, token_from, agent }))
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
        self.read(request.call().context("the running server does not answer")?)
    }

    /// Asks and writes the JSON document of the answer as it comes, however large it is. Answers how many
    /// bytes that were.
    pub fn download(&self, path: &str, to: &mut impl std::io::Write) -> anyhow::Result<u64> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let response = request.call().context("the running server does not answer")?;
        if !response.status().is_success() {
            return self.read(response).map(|_| 0);
        }
        let mut body = response.into_body().into_reader();
        std::io::copy(&mut body, to).context("the document was cut off on its way; try again")
    }

    /// Posts JSON and answers JSON.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        self.read(request.send_json(body).context("the running server does not answer")?)
    }

    /// Asks for something to be taken away and answers the JSON.
    pub fn delete(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        self.read(request.call().context("the running server does not answer")?)
    }

    /// The same, with JSON that says how.
    pub fn delete_with(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.delete(format!("{}{path}", self.base)).force_send_body();
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        self.read(request.send_json(body).context("the running server does not answer")?)
    }

    fn read(&self, mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
        let status = response.status();
        let body: Value = response.body_mut().read_json().context("the answer is not JSON")?;
        if status.is_success() {
            return Ok(body);
        }
        let mut refused = Refused::of(&body);
        if [401, 403].contains(&status.as_u16()) {
            refused.message = format!("{}; it was sent {}", refused.message, self.token_from);
        }
        Err(refused.into())
    }
}

/// The admin token to send, and where it was found.
fn token(config: &Config) -> anyhow::Result<(String, String)> {
    if let Some(token) = &config.admin_token {
        let effective = config.effective();
        let source = effective.iter().find(|(name, ..)| name == "admin_token").map(|one| one.2);
        let source = source.map(ToString::to_string).unwrap_or_default();
        return Ok((token.clone(), format!("the admin_token of the settings (from {source})")));
    }
    let token = DataDir::stored_admin_token(&config.data_dir).context(
        "the admin token of the running server is not to be found: set SCORELINE_ADMIN_TOKEN to it",
    )?;
    let file = config.data_dir.join("admin_token");
    Ok((token, format!("the token in {}, as SCORELINE_ADMIN_TOKEN is not set", file.display())))
}

/// What the running server refused, in its words.
#[derive(Debug)]
pub struct Refused {
    message: String,
    /// Whether it names mistakes in the game definition.
    pub names_mistakes: bool,
}

impl Refused {
    fn of(body: &Value) -> Self {
        let mut message = body["detail"].as_str().unwrap_or("the server refused").to_owned();
        let mut names_mistakes = false;
        for fault in body["errors"].as_array().into_iter().flatten() {
            let text = |key: &str| fault[key].as_str().unwrap_or_default();
            let (field, reason) = (text("field"), text("reason"));
            let told = match mistake(field, reason) {
                Some(mistake) => {
                    names_mistakes = true;
                    mistake
                }
                // Where one field is at fault, the message says it already.
                None if message.contains(reason) => continue,
                None => format!("{field}: {reason}"),
            };
            message = format!("{message}\n  {told}");
        }
        Self { message, names_mistakes }
    }
}

/// A mistake in the game definition as every command writes it, the line first.
fn mistake(path: &str, reason: &str) -> Option<String> {
    let (line, words) = reason.strip_prefix("line ")?.split_once(": ")?;
    line.parse::<usize>().ok()?;
    let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
    Some(format!("line {line}: {place}{words}"))
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}
