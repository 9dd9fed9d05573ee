//! `GET /api/openapi.json`: the document that describes the API.

use axum::Extension;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::openapi::Document;

/// For whoever writes a client.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "Documentation", operation_id = "openapi",
    responses((status = 200, description = "The OpenAPI document", body = serde_json::Value)),
)]
async fn handle(Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}
