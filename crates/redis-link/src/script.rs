//! A script, and how it is run.

use redis::{Cmd, RedisResult, Script, Value};

use crate::link::Link;

/// A script as the server gets it.
pub struct Source {
    code: &'static str,
    hash: String,
}

impl Source {
    /// A script with this code.
    pub fn new(code: &'static str) -> Self {
        Self { code, hash: Script::new(code).get_hash().to_owned() }
    }

    /// Runs it. A server that does not know it yet, or forgot it when it was restarted, is sent the
    /// source.
    pub async fn run(
        &self,
        link: &Link,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> RedisResult<Value> {
        let command = |name: &str, source: &str| {
            let mut cmd = redis::cmd(name);
            cmd.arg(source).arg(keys.len()).arg(keys);
            arguments(&mut cmd);
            cmd
        };
        match link.send(&command("EVALSHA", &self.hash)).await {
            Err(error) if error.code() == Some("NOSCRIPT") => {
                link.send(&command("EVAL", self.code)).await
            }
            outcome => outcome,
        }
    }
}
