//! `scoreline player`: prizes, by hand.

use serde_json::json;

use crate::support::{Server, printed};

#[test]
fn prizes_are_awarded_and_revoked_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let told = |arguments: &[&str]| {
        let output = server.run(arguments);
        assert!(output.status.success(), "{}", printed(&output));
        printed(&output)
    };
    let award = ["player", "award", "device/1", "--coins", "500", "--note", "the outage"];
    let given = told(&award);
    let id = given.trim().rsplit(' ').next().expect("an id").to_owned();
    assert_eq!(given, format!("device/1 has a prize of 500 coins and 0 gems: {id}\n"));
    let again = format!("device/1 had this prize of 500 coins and 0 gems already: {id}\n");
    assert_eq!(told(&award), again);
    let listed = told(&["player", "prizes", "device/1"]);
    assert!(listed.starts_with(&id) && listed.contains("pending  500 coins and 0 gems  Award"));

    let claim = json!({ "prize_id": id, "user_id": "device/1" });
    assert_eq!(server.post("/api/v2/prizes/claim", &claim).expect("an answer").0, 200);
    let revoked = told(&["player", "revoke", &id, "--note", "twice"]);
    assert!(revoked.starts_with("the prize of device/1, 500 coins and 0 gems, is revoked\n"));
    assert!(revoked.contains("it was claimed"), "{revoked}");
    assert!(told(&["player", "revoke", &id, "--note", "twice"]).contains("was revoked already"));
    assert!(told(&award).contains("and it was revoked"));
    assert_eq!(told(&["player", "prizes", "device/1"]), "");
    for wrong in [
        &["player", "award", "ann", "--note", "x"][..],
        &["player", "award", "ann", "--coins", "-1", "--note", "x"],
        &["player", "revoke", "nothing", "--note", "x"],
    ] {
        let refused = server.run(wrong);
        assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    }
}
