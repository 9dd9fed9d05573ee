//! The `OpenAPI` document: everything but the operations, which describe themselves beside their
//! handlers.
//!
//! Here are the head of the document, the security schemes, and the problems that operations have in
//! common. Tests keep the document, the router, docs/api.md and docs/openapi.json in step.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder,
    Ref, RefOr, Response, ResponseBuilder, Type, tag,
};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::problem::{Body, FieldFault, Problem, Slug};

/// The document as text, for whoever serves it.
#[derive(Clone, Copy)]
pub(crate) struct Document(pub &'static str);

/// The areas of the API, in the order of docs/api.md.
const AREAS: [(&str, &str); 9] = [
    ("Events", "Events in, and what became of them"),
    ("Leaderboards", "Who stands where"),
    ("Tournaments", "What runs, who leads, what is won"),
    ("Prizes", "What a player won; the server decides every claim before it answers"),
    ("Players", "Statistics, and sessions by which a device proves whose it is"),
    ("Analytics", "How the game does, by calendar day; every answer says what its figures mean"),
    ("Health", "Never limited, cheap at any volume"),
    ("Operations", "What operators do while the server runs"),
    ("Documentation", "This document"),
];

/// The document without its operations.
pub(crate) fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Scoreline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The backend of a live mobile game: events in; leaderboards, tournaments, prizes and \
             statistics out. Every event that was answered `accepted` is durable and counts exactly \
             once: after 429, 500, 503 or no answer at all, send the same batch again.",
        ))
        .contact(Some(
            utoipa::openapi::ContactBuilder::new().name(Some("The Scoreline authors")).build(),
        ))
        .license(Some(
            utoipa::openapi::LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build(),
        ))
        .build();
    let mut components = Components::new();
    components.schemas.insert(Body::name().into_owned(), Body::schema());
    components.schemas.insert(FieldFault::name().into_owned(), FieldFault::schema());
    // The first belongs to no operation: every path and method that is not described here answers it.
    let sets = std::iter::once(&[Slug::EndpointNotFound][..]).chain(SETS.iter().copied());
    for (_, slugs) in sets.flat_map(answers) {
        components.responses.insert(component(&slugs), described(&slugs).into());
    }
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    let tags = AREAS
        .map(|(name, about)| tag::TagBuilder::new().name(name).description(Some(about)).build());
    OpenApiBuilder::new().info(info).components(Some(components)).tags(Some(tags)).build()
}

fn security_schemes() -> [(&'static str, SecurityScheme); 4] {
    let bearer = |about: &str| {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.description = Some(about.to_owned());
        SecurityScheme::Http(http)
    };
    let header = |name: &str, about: &str| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)))
    };
    [
        (
            "admin_token",
            bearer(
                "The operator's token: `SCORELINE_ADMIN_TOKEN`, or the one in the data directory; or a \
                 named key of `POST /api/admin/keys` that covers the scope",
            ),
        ),
        (
            "admin_token_header",
            header("X-Admin-Token", "The operator's token or a key in a header of its own"),
        ),
        (
            "player_token",
            bearer(
                "A player's token from `POST /api/v2/players/session`; needed with `SCORELINE_AUTH=player`",
            ),
        ),
        (
            "server_key",
            header(
                "X-Server-Key",
                "`SCORELINE_SERVER_KEY`, or a key with `events:write`: a trusted game server speaks for \
                 any player",
            ),
        ),
    ]
}

/// A point in time: RFC 3339, UTC, with milliseconds.
pub(crate) struct Moment;

impl ToSchema for Moment {}

impl PartialSchema for Moment {
    fn schema() -> RefOr<utoipa::openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .description(Some("A point in time: RFC 3339, UTC, with milliseconds"))
            .examples([json!("2026-11-23T10:00:00.000Z")])
            .into()
    }
}

/// The answers with these problems, by status. Each stands once in the document, as a component that
/// operations refer to.
fn answers(slugs: &[Slug]) -> impl Iterator<Item = (u16, Vec<Slug>)> {
    let mut by_status: BTreeMap<u16, Vec<Slug>> = BTreeMap::new();
    for slug in slugs {
        by_status.entry(slug.parts().1.as_u16()).or_default().push(*slug);
    }
    by_status.into_iter()
}

/// The name of the component that describes an answer with one of these problems.
fn component(slugs: &[Slug]) -> String {
    slugs.iter().map(|slug| format!("{slug:?}")).collect::<Vec<_>>().join("Or")
}

/// References to the answers with these problems, by status.
fn references(slugs: &[Slug]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |slugs: &[Slug]| RefOr::Ref(Ref::from_response_name(component(slugs)));
    answers(slugs).map(|(status, slugs)| (status.to_string(), reference(&slugs))).collect()
}

/// An answer with one of these problems, with an example of each.
fn described(slugs: &[Slug]) -> Response {
    let about: Vec<&str> = slugs.iter().map(|slug| slug.when()).collect();
    let examples = slugs.iter().map(|slug| {
        let problem = Problem::new(*slug, slug.when().replace('`', ""));
        let content = serde_json::to_value(problem.body()).expect("a problem is plain data");
        (slug.parts().0, ExampleBuilder::new().summary(slug.parts().2).value(Some(content)))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Body::name())))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(about.join("; or "))
        .content("application/problem+json", content);
    for (header, about) in headers_of(slugs) {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let header_of = HeaderBuilder::new().schema(Some(number)).description(Some(*about));
        response = response.header(*header, header_of.build());
    }
    response.build()
}

fn headers_of(slugs: &[Slug]) -> &'static [(&'static str, &'static str)] {
    if slugs.contains(&Slug::RateLimited) {
        &[
            ("Retry-After", "Seconds until the next try"),
            ("RateLimit-Limit", "Requests a minute"),
            ("RateLimit-Remaining", "Requests left: 0"),
            ("RateLimit-Reset", "Seconds until one is allowed"),
        ]
    } else if slugs.contains(&Slug::Unavailable) {
        &[("Retry-After", "Seconds until the next try")]
    } else {
        &[]
    }
}

/// Declares sets of problems that operations have in common, as types that `responses(...)` takes.
macro_rules! problems {
    ($($(#[doc = $about:literal])* $name:ident: $($slug:ident),+;)+) => {
        $(
            $(#[doc = $about])*
            pub(crate) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    references(&[$(Slug::$slug),+])
                }
            }
        )+

        /// The sets of problems that operations have in common.
        const SETS: &[&[Slug]] = &[$(&[$(Slug::$slug),+]),+];
    };
}

problems! {
    /// The answers to any request that is counted against a limit.
    Limited: RateLimited, Internal, Unavailable;
    /// The answers to a request that is not limited.
    Unlimited: Internal, Unavailable;
    /// The answer while the server starts or shuts down.
    Unready: Unavailable;
    /// The answer to parameters that are wrong.
    Parameters: InvalidRequest;
    /// The answers to a body that is wrong.
    Content: InvalidJson, InvalidRequest, TooLarge, UnsupportedEncoding;
    /// The answers to a token that is missing or not the right one.
    Guarded: Unauthorized, Forbidden;
    /// The answer where a player is bound to another secret.
    Bound: Forbidden;
    /// The answer where there is no such thing.
    Missing: NotFound;
    /// The answer where the request does not fit the present state.
    Clash: Conflict;
}
