//! The `OpenAPI` document: served, and true of the routes. That it is true of the answers is looked
//! at wherever a test sends a request.

use std::collections::BTreeSet;

use crate::client::{CONTRACT, Request};
use crate::test_app::TestApp;

#[tokio::test]
async fn the_document_is_served_as_json() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await;
    assert_eq!(&document, CONTRACT.document());
    assert_eq!(document["info"]["title"], "Scoreline");
    assert_eq!(document["info"]["contact"]["name"], "The Scoreline authors");
}

#[tokio::test]
async fn every_documented_endpoint_exists_and_no_other_method_does() {
    let app = TestApp::start().await;
    let operations = CONTRACT.operations();
    let documented: BTreeSet<(&str, &str)> =
        operations.iter().map(|(method, path, _)| (method.as_str(), *path)).collect();
    let paths: BTreeSet<&str> = documented.iter().map(|(_, path)| *path).collect();
    assert!(paths.len() >= 40, "the document has lost its paths: {paths:?}");
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let real = path.replace("{board}", "global").replace(['{', '}'], "");
            let answer = app.send(Request::new(method, &real)).await;
            let is_nowhere = answer.text().contains("/problems/endpoint-not-found");
            let exists = answer.status != 404 || !is_nowhere;
            assert_eq!(exists, documented.contains(&(method, path)), "{method} {path}");
        }
    }
}
