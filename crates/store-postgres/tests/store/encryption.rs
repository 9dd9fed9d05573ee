//! Encrypted connections, to a server with a certificate for `localhost`.

use std::sync::LazyLock;

use scoreline_core::store::StoreError;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::game::assorted;
use scoreline_testkit::postgres::{Server, ServerOptions};
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::start_with(&ServerOptions { tls: true, ..ServerOptions::default() }));

async fn opens(settings: &Settings) -> Result<(), StoreError> {
    PostgresStore::open(settings).await.map(|_| ())
}

fn at(schema: &Schema, from: &str, to: &str) -> Settings {
    let url = schema.settings.url.replace(from, to);
    assert_ne!(url, schema.settings.url, "{from} stands in the address");
    Settings { url, ..schema.settings.clone() }
}

#[tokio::test]
async fn the_server_with_the_right_certificate_is_trusted() {
    let schema = Schema::on(SERVER.database());
    assert!(schema.settings.url.contains("sslmode=verify-full"));
    let mut world = World::new(&schema).await;
    world.apply(&assorted(50, 1)).await;
    world.check().await;
    let encrypted = schema.run(
        "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
         WHERE a.application_name = 'scoreline' AND a.datname = current_database()",
    );
    assert_eq!(encrypted.trim(), "t");
}

#[tokio::test]
async fn a_name_that_is_not_in_the_certificate_is_refused() {
    let schema = Schema::on(SERVER.database());
    // Another name for the same machine.
    let wrong_name = at(&schema, "@localhost", "@127.0.0.1");
    let refused = opens(&wrong_name).await;
    assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
    let any_name =
        Settings { url: wrong_name.url.replace("verify-full", "verify-ca"), ..wrong_name };
    opens(&any_name).await.expect("only the authority counts");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let schema = Schema::on(SERVER.database());
    let root = schema.settings.url.split("sslrootcert=").nth(1).expect("a file").to_owned();
    for mode in ["verify-full", "verify-ca"] {
        let of_system = at(&schema, &format!("verify-full&sslrootcert={root}"), mode);
        let refused = opens(&of_system).await;
        assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{mode}: {refused:?}");
    }
    let anybody = at(&schema, &format!("verify-full&sslrootcert={root}"), "require");
    opens(&anybody).await.expect("anybody is trusted");
}

#[tokio::test]
async fn without_encryption_this_server_is_closed() {
    let schema = Schema::on(SERVER.database());
    let open = at(&schema, "verify-full", "disable");
    let refused = opens(&open).await;
    assert!(matches!(refused, Err(StoreError::Unusable(_))), "{refused:?}");
    let no_file = at(&schema, "authority.pem", "no_such.pem");
    match opens(&no_file).await {
        Err(StoreError::Unusable(reason)) => assert!(reason.contains("no_such.pem"), "{reason}"),
        other => panic!("{other:?}"),
    }
}
