//! Named keys, and the log of what was done with them.

use std::net::IpAddr;

use scoreline_core::access::{Role, Scope};
use scoreline_core::audit::{Act, Actor, AuditFilter, AuditNo, Audited};
use scoreline_core::key::Key;
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::Database;
use crate::game::at;

fn key(no: u128, name: &str) -> Key {
    Key {
        id: Uuid::from_u128(no),
        name: name.to_owned(),
        hash: format!("hash of {no}"),
        scopes: Role::Support.scopes(),
        created_at: at(i64::try_from(no).expect("a small number")),
        expires_at: Some(at(900)),
        revoked_at: None,
        last_used_at: None,
    }
}

/// Something that an operator does at a time.
pub fn act(what: &str, target: &(impl ToString + ?Sized), ms: i64) -> Act {
    let address = Some(IpAddr::from([192, 0, 2, 7]));
    let by = Actor { name: "ops".to_owned(), key: Some(Uuid::from_u128(99)), address };
    let target = target.to_string();
    Act { by, what: what.to_owned(), target, note: Some("why".to_owned()), at: at(ms) }
}

async fn logged(store: &dyn Store, filter: AuditFilter) -> Vec<(String, String)> {
    let page = store.audit(filter, None, 100).await.expect("answers");
    page.rows.into_iter().map(|one| (one.audited.act.what, one.audited.act.target)).collect()
}

pub async fn a_key_is_kept_as_it_was_made(database: &dyn Database) {
    let store = database.open().await;
    assert_eq!(store.keys().await.expect("answers"), []);
    let (first, second) = (key(1, "ann"), Key { expires_at: None, ..key(2, "the game server") });
    for key in [&first, &second] {
        store.create_key(key.clone(), act("createKey", &key.id, 5)).await.expect("creates");
    }
    let other = database.open().await;
    assert_eq!(other.keys().await.expect("answers"), [second, first], "the last made first");
}

pub async fn a_name_means_one_key_until_that_is_revoked(database: &dyn Database) {
    let store = database.open().await;
    let create = |key: Key| store.create_key(key.clone(), act("createKey", &key.id, 5));
    create(key(1, "ann")).await.expect("creates");
    assert!(matches!(create(key(2, "ann")).await, Err(StoreError::KeyRefused(_))));
    let revoked = store.revoke_key(Uuid::from_u128(1), act("revokeKey", "it", 7)).await;
    assert_eq!(revoked.expect("revokes").revoked_at, Some(at(7)));
    create(key(2, "ann")).await.expect("the name is free again");
    let again = store.revoke_key(Uuid::from_u128(1), act("revokeKey", "again", 8)).await;
    assert_eq!(again.expect("answers").revoked_at, Some(at(7)), "it stays as it was");
    let nobody = store.revoke_key(Uuid::from_u128(3), act("revokeKey", "nobody", 8)).await;
    assert!(matches!(nobody, Err(StoreError::NotFound(_))));
    let done = logged(&*store, AuditFilter::default()).await;
    let expected = [
        ("createKey", Uuid::from_u128(2).to_string()),
        ("revokeKey", "it".to_owned()),
        ("createKey", Uuid::from_u128(1).to_string()),
    ];
    let expected = expected.map(|(what, target)| (what.to_owned(), target));
    assert_eq!(done, expected, "what changed nothing is not in the log");
}

pub async fn the_last_use_of_a_key_never_goes_back(database: &dyn Database) {
    let store = database.open().await;
    store.create_key(key(1, "ann"), act("createKey", &1, 5)).await.expect("creates");
    for ms in [50, 70, 60] {
        store.note_key_use(Uuid::from_u128(1), at(ms)).await.expect("notes");
    }
    store.note_key_use(Uuid::from_u128(9), at(70)).await.expect("nobody's use is no error");
    assert_eq!(store.keys().await.expect("answers")[0].last_used_at, Some(at(70)));
}

pub async fn an_act_is_logged_with_all_that_is_known_of_it(database: &dyn Database) {
    let store = database.open().await;
    store.create_key(key(1, "ann"), act("createKey", &1, 5)).await.expect("creates");
    let plain = Act { note: None, ..act("reload", "/api/admin/reload", 6) };
    let by = Actor { key: None, address: None, ..plain.by.clone() };
    let plain = Act { by, ..plain }.changed(None, Some(&json!({ "status": 200 })));
    store.note_act(plain.clone()).await.expect("notes");
    let page = store.audit(AuditFilter::default(), None, 10).await.expect("answers");
    let kept: Vec<Audited> = page.rows.into_iter().map(|entry| entry.audited).collect();
    let created = act("createKey", &1, 5).changed(None, Some(&key(1, "ann").shown()));
    assert_eq!(kept, [plain, created]);
    assert!(!format!("{kept:?}").contains("hash of"), "no secret, nor what is kept of one");
}

pub async fn the_log_is_read_in_pages_by_what_is_asked(database: &dyn Database) {
    let store = database.open().await;
    for n in 0..7 {
        let act = act(if n % 2 == 0 { "ban" } else { "unban" }, &format!("player-{}", n % 3), n);
        store.note_act(act.changed(None, None)).await.expect("notes");
    }
    let mut seen: Vec<AuditNo> = Vec::new();
    let mut before = None;
    loop {
        let page = store.audit(AuditFilter::default(), before, 3).await.expect("answers");
        seen.extend(page.rows.iter().map(|entry| entry.no));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
    let text = |text: &str| Some(text.to_owned());
    let count = async |filter: AuditFilter| logged(&*store, filter).await.len();
    let all = AuditFilter::default();
    assert_eq!(count(AuditFilter { what: text("ban"), ..all.clone() }).await, 4);
    assert_eq!(count(AuditFilter { target: text("player-0"), ..all.clone() }).await, 3);
    assert_eq!(count(AuditFilter { who: text("ops"), ..all.clone() }).await, 7);
    assert_eq!(count(AuditFilter { who: text("somebody"), ..all.clone() }).await, 0);
    let times: fn(i64) -> Option<Timestamp> = |ms| Some(at(ms));
    assert_eq!(count(AuditFilter { from: times(2), until: times(5), ..all }).await, 3);
}

pub async fn every_scope_can_be_kept(database: &dyn Database) {
    let store = database.open().await;
    let wanted = Key { scopes: Scope::ALL.into_iter().collect(), ..key(1, "all") };
    store.create_key(wanted.clone(), act("createKey", &1, 5)).await.expect("creates");
    assert_eq!(store.keys().await.expect("answers"), [wanted]);
}

pub async fn a_session_that_was_ended_is_ended_everywhere(database: &dyn Database) {
    let store = database.open().await;
    let ended = async |store: &dyn Store, session: &str| {
        store.is_session_ended(session.to_owned()).await.expect("answers")
    };
    assert!(!ended(&*store, "a").await);
    for _ in 0..2 {
        store.end_session("a".to_owned(), at(100), at(10)).await.expect("ends");
    }
    let other = database.open().await;
    assert!(ended(&*other, "a").await && !ended(&*other, "A").await);
    // It would be over by now, and nobody asks for it any more.
    other.end_session("b".to_owned(), at(300), at(100)).await.expect("ends");
    assert!(!ended(&*store, "a").await && ended(&*store, "b").await);
}
