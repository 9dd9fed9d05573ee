//! Keys and the log of acts, by the command line.

use serde_json::{Value, json};

use crate::support::{Server, post, printed};

#[test]
fn a_key_is_made_used_listed_and_revoked_and_the_log_has_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let made = server.run(&["keys", "create", "dora", "--role", "designer", "--days", "30"]);
    assert!(made.status.success(), "{}", printed(&made));
    let key = String::from_utf8(made.stdout).expect("a text").trim().to_owned();
    assert!(key.starts_with("slk_"), "nothing but the key goes to the output: {key}");
    let reload = |key: &str| post(&server.base, "/api/admin/reload", key, &json!({}));
    assert_eq!(reload(&key).expect("an answer").0, 200);
    let taken = server.run(&["keys", "create", "dora", "--role", "viewer"]);
    assert_eq!(taken.status.code(), Some(2), "{}", printed(&taken));
    let listed = printed(&server.run(&["keys", "list"]));
    assert!(listed.contains("dora  [boards:read analytics:read definition:write]"), "{listed}");
    let revoked = server.run(&["keys", "revoke", "dora"]);
    assert!(revoked.status.success(), "{}", printed(&revoked));
    assert_eq!(reload(&key).expect("an answer").0, 401);
    let nobody = server.run(&["keys", "revoke", "dora"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", printed(&nobody));
    let log = server.run(&["audit"]).stdout;
    let log = String::from_utf8(log).expect("a text");
    let acts: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let acts: Vec<&str> = acts.iter().map(|one| one["act"].as_str().expect("an act")).collect();
    assert_eq!(acts, ["revokeKey", "reload", "createKey"]);
}
