//! `scoreline keys`: makes, lists and revokes the keys of colleagues and game servers, by the server
//! that runs.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use scoreline_server::Config;
use serde_json::{Value, json};

use crate::local::Local;
use crate::output::{note, say};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes a key and prints it, once
    Create(Create),
    /// Lists all keys, without their secrets
    List,
    /// Takes a key back for ever
    Revoke {
        /// Its name or its id
        key: String,
    },
}

#[derive(Args)]
struct Create {
    /// Whose it is, or what uses it
    name: String,
    /// viewer, support, designer or admin
    #[arg(long)]
    role: Option<String>,
    /// A scope beside those of the role, such as events:write; may be given more than once
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// For how many days it is good; for ever without this
    #[arg(long)]
    days: Option<u32>,
}

pub fn run(config: &Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let server = Local::running(config)?;
    match arguments.what {
        What::Create(wanted) => create(&server, &wanted)?,
        What::List => list(&server)?,
        What::Revoke { key } => revoke(&server, &key)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn create(server: &Local, wanted: &Create) -> anyhow::Result<()> {
    let Create { name, role, scopes, days } = wanted;
    let mut body = json!({ "name": name, "scopes": scopes });
    if let Some(role) = role {
        body["role"] = json!(role);
    }
    if let Some(days) = days {
        body["expires_in_days"] = json!(days);
    }
    let answer = server.post("/api/admin/keys", &body)?;
    note!("the key of {name}, shown this once (it goes into 'Authorization: Bearer <key>'):");
    Ok(say!("{}", text(&answer, "api_key"))?)
}

fn list(server: &Local) -> anyhow::Result<()> {
    for key in keys(server)? {
        let state = match (key["revoked_at"].as_str(), key["expires_at"].as_str()) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) if key["is_good"] == false => format!("expired {at}"),
            (None, Some(at)) => format!("good until {at}"),
            (None, None) => "good".to_owned(),
        };
        let used = key["last_used_at"].as_str().unwrap_or("never");
        let scopes = key["scopes"].as_array().into_iter().flatten();
        let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
        let (id, name, scopes) = (text(&key, "key_id"), text(&key, "name"), scopes.join(" "));
        say!("{id}  {name}  [{scopes}]  {state}, last used {used}")?;
    }
    Ok(())
}

fn revoke(server: &Local, wanted: &str) -> anyhow::Result<()> {
    let keys = keys(server)?;
    let is_meant = |key: &&Value| {
        text(key, "key_id") == wanted
            || (text(key, "name") == wanted && key["revoked_at"].is_null())
    };
    let Some(key) = keys.iter().find(is_meant) else {
        bail!("there is no key {wanted:?} that is good; 'scoreline keys list' shows all");
    };
    server.delete(&format!("/api/admin/keys/{}", text(key, "key_id")))?;
    Ok(say!("the key of {} is good no longer", text(key, "name"))?)
}

fn keys(server: &Local) -> anyhow::Result<Vec<Value>> {
    let answer = server.get("/api/admin/keys")?;
    Ok(answer["keys"].as_array().cloned().unwrap_or_default())
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
