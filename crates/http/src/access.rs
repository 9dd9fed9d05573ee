//! Who may call an endpoint. An endpoint cannot be registered without saying so.
//!
//! From this one declaration come the guard in front of the handler, the security requirement and
//! the answers 401 and 403 in the `OpenAPI` document, and the authorization matrix of the tests. The
//! guard stands before the body is read: nobody can make the server read what it will not take.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::{IntoResponses, openapi::OpenApi};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;
use crate::auth::{Auth, Caller};
use crate::cors::ForOperators;
use crate::openapi;

/// What an operator's proof must cover. The admin token covers everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// To read figures about events and players as a whole.
    AnalyticsRead,
    /// To read what single players did.
    PlayersRead,
    /// To change the game definition that is in force, and tournaments.
    DefinitionWrite,
    /// To do anything else that operators do.
    Admin,
}

impl Scope {
    /// The scope as documents and keys write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnalyticsRead => "analytics:read",
            Self::PlayersRead => "players:read",
            Self::DefinitionWrite => "definition:write",
            Self::Admin => "admin",
        }
    }
}

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Anybody.
    Public,
    /// The player it is about, or a trusted game server. In open mode anybody.
    Player,
    /// Operators whose proof covers the scope.
    Operator(Scope),
    /// The same, and anybody in open mode where the server listens on loopback only.
    OperatorOrLocal(Scope),
}

/// How often an endpoint may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rate {
    /// As often as the limit of the caller's address allows.
    Limited,
    /// As often as anybody likes.
    Unlimited,
}

/// A path with its handlers, their documentation, and who may call them.
pub(crate) struct Endpoint {
    access: Access,
    rate: Rate,
    routes: UtoipaMethodRouter<App>,
}

impl Endpoint {
    /// For anybody.
    pub fn public(routes: UtoipaMethodRouter<App>) -> Self {
        Self { access: Access::Public, rate: Rate::Limited, routes }
    }

    /// For the player it is about and for trusted game servers. The handler takes a [`Caller`].
    pub fn player(routes: UtoipaMethodRouter<App>) -> Self {
        Self { access: Access::Player, rate: Rate::Limited, routes }
    }

    /// For operators.
    pub fn operator(scope: Scope, routes: UtoipaMethodRouter<App>) -> Self {
        Self { access: Access::Operator(scope), rate: Rate::Limited, routes }
    }

    /// For operators, and for anybody in open mode where the server listens on loopback only.
    pub fn operator_or_local(scope: Scope, routes: UtoipaMethodRouter<App>) -> Self {
        Self { access: Access::OperatorOrLocal(scope), rate: Rate::Limited, routes }
    }

    /// For anybody, as often as they like: health and metrics.
    pub fn unlimited(routes: UtoipaMethodRouter<App>) -> Self {
        Self { access: Access::Public, rate: Rate::Unlimited, routes }
    }

    /// Puts the guard in front of the handlers.
    fn guarded(self, auth: &Arc<Auth>) -> Self {
        if self.access == Access::Public {
            return self;
        }
        let (schemas, paths, methods) = self.routes;
        let methods =
            methods.route_layer(from_fn_with_state((Arc::clone(auth), self.access), guard));
        Self { routes: (schemas, paths, methods), ..self }
    }

    /// Writes into the document what the declaration says of every operation.
    fn documented(mut self) -> Self {
        for item in self.routes.1.paths.values_mut() {
            for operation in operations(item) {
                self.access.describe(operation);
                // What every request with a body or with parameters can be answered.
                if operation.request_body.is_some() {
                    answer::<openapi::Content>(operation);
                } else if operation.parameters.is_some() {
                    answer::<openapi::Parameters>(operation);
                }
                if self.rate == Rate::Limited {
                    answer::<openapi::Limited>(operation);
                }
            }
        }
        self
    }
}

/// The routers of some endpoints: those that are counted against the limit of an address, and the
/// others. `document` is what the description of the limited ones begins with. Without `auth` they
/// are for the document alone.
pub(crate) fn routers(
    endpoints: Vec<Endpoint>,
    document: OpenApi,
    auth: Option<&Arc<Auth>>,
) -> (OpenApiRouter<App>, OpenApiRouter<App>) {
    let (mut limited, mut unlimited) =
        (OpenApiRouter::with_openapi(document), OpenApiRouter::new());
    for endpoint in endpoints {
        let mut endpoint = endpoint.documented();
        if let Some(auth) = auth {
            endpoint = endpoint.guarded(auth);
        }
        match endpoint.rate {
            Rate::Limited => limited = limited.routes(endpoint.routes),
            Rate::Unlimited => unlimited = unlimited.routes(endpoint.routes),
        }
    }
    (limited, unlimited)
}

impl Access {
    /// Writes the security requirement, and the answers to whoever does not meet it.
    fn describe(self, operation: &mut Operation) {
        let nothing = SecurityRequirement::default;
        let needs =
            |scheme, scopes: &[&str]| SecurityRequirement::new(scheme, scopes.iter().copied());
        let operator = |scope: Scope| {
            let scopes = [scope.as_str()];
            [needs("admin_token", &scopes), needs("admin_token_header", &scopes)]
        };
        let requirements = match self {
            Self::Public => return,
            Self::Player => {
                vec![nothing(), needs("player_token", &[]), needs("server_key", &[])]
            }
            Self::Operator(scope) => operator(scope).into(),
            Self::OperatorOrLocal(scope) => {
                std::iter::once(nothing()).chain(operator(scope)).collect()
            }
        };
        operation.security = Some(requirements);
        answer::<openapi::Guarded>(operation);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [get, post, put, patch, delete].into_iter().filter_map(Option::as_mut)
}

/// Adds answers that an operation shares with others, where it does not describe its own.
fn answer<R: IntoResponses>(operation: &mut Operation) {
    for (status, response) in R::responses() {
        operation.responses.responses.entry(status).or_insert(response);
    }
}

async fn guard(
    State((auth, access)): State<(Arc<Auth>, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let admitted = match access {
        Access::Public => Ok(()),
        Access::Operator(_) => auth.operator(headers),
        Access::OperatorOrLocal(_) => auth.operator_or_local(headers),
        Access::Player => {
            let is_trusted = auth.is_trusted(headers);
            auth.speaker(headers).map(|speaker| {
                request.extensions_mut().insert(Caller { speaker, is_trusted });
            })
        }
    };
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if matches!(access, Access::Operator(_) | Access::OperatorOrLocal(_)) {
        response.extensions_mut().insert(ForOperators);
    }
    response
}
