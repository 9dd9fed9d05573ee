//! A server that does what a test says.

use axum::Router;
use scoreline_traffic::client::Target;

/// Serves until the test ends; answers where.
pub async fn serve(router: Router) -> Target {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    Target::parse(&address.to_string()).expect("an address")
}
