//! Who may call an endpoint. An endpoint cannot be registered without saying so.
//!
//! From this one declaration come the guard in front of the handler, the security requirement and
//! the answers 401 and 403 in the `OpenAPI` document, and the authorization matrix of the tests. The
//! guard stands before the body is read: nobody can make the server read what it will not take.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::{IntoResponses, openapi::OpenApi};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;
use crate::auth::Caller;
use crate::cors::ForOperators;
use crate::deadline::Deadline;
use crate::gate::{Gate, Operator};
use crate::openapi;
use crate::suspicion::Credential;

pub(crate) use scoreline_core::access::Scope;

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

/// Who writes down what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    /// The guard, once the handler has answered.
    Guard,
    /// The store, in the transaction that does it.
    Store,
}

/// A path with its handlers, their documentation, and who may call them.
pub(crate) struct Endpoint {
    access: Access,
    rate: Rate,
    log: Log,
    routes: UtoipaMethodRouter<App>,
}

impl Endpoint {
    /// For anybody.
    pub fn public(routes: UtoipaMethodRouter<App>) -> Self {
        Self::new(Access::Public, routes)
    }

    /// For the player it is about and for trusted game servers. The handler takes a [`Caller`].
    pub fn player(routes: UtoipaMethodRouter<App>) -> Self {
        Self::new(Access::Player, routes)
    }

    /// For operators.
    pub fn operator(scope: Scope, routes: UtoipaMethodRouter<App>) -> Self {
        Self::new(Access::Operator(scope), routes)
    }

    /// For operators. The handler takes an [`Operator`], and the store notes the act in the transaction
    /// that carries it out.
    pub fn act(scope: Scope, routes: UtoipaMethodRouter<App>) -> Self {
        Self { log: Log::Store, ..Self::operator(scope, routes) }
    }

    /// For operators, and for anybody in open mode where the server listens on loopback only.
    pub fn operator_or_local(scope: Scope, routes: UtoipaMethodRouter<App>) -> Self {
        Self::new(Access::OperatorOrLocal(scope), routes)
    }

    /// For anybody, as often as they like: health and metrics.
    pub fn unlimited(routes: UtoipaMethodRouter<App>) -> Self {
        Self { rate: Rate::Unlimited, ..Self::public(routes) }
    }

    fn new(access: Access, routes: UtoipaMethodRouter<App>) -> Self {
        Self { access, rate: Rate::Limited, log: Log::Guard, routes }
    }

    /// Puts the guard in front of the handlers.
    fn guarded(self, gate: &Arc<Gate>) -> Self {
        let scope = match self.access {
            Access::Public => return self,
            Access::Player => None,
            Access::Operator(scope) | Access::OperatorOrLocal(scope) => Some(scope),
        };
        let (schemas, mut paths, methods) = self.routes;
        let names = paths.paths.values_mut().flat_map(named_operations).collect();
        let is_local_enough = matches!(self.access, Access::OperatorOrLocal(_));
        let state =
            Guarded { gate: Arc::clone(gate), scope, is_local_enough, log: self.log, names };
        let methods = methods.route_layer(from_fn_with_state(Arc::new(state), guard));
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
/// others. `document` is what the description of the limited ones begins with. Without a gate they
/// are for the document alone.
pub(crate) fn routers(
    endpoints: Vec<Endpoint>,
    document: OpenApi,
    gate: Option<&Arc<Gate>>,
) -> (OpenApiRouter<App>, OpenApiRouter<App>) {
    let (mut limited, mut unlimited) =
        (OpenApiRouter::with_openapi(document), OpenApiRouter::new());
    for endpoint in endpoints {
        let mut endpoint = endpoint.documented();
        if let Some(gate) = gate {
            endpoint = endpoint.guarded(gate);
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

/// The methods of a path, each with the name of what it does.
fn named_operations(item: &mut PathItem) -> Vec<(Method, Arc<str>)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [
        (Method::GET, get),
        (Method::POST, post),
        (Method::PUT, put),
        (Method::PATCH, patch),
        (Method::DELETE, delete),
    ];
    let name = |operation: &Operation| operation.operation_id.as_deref().map(Arc::from);
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref().and_then(name)?)))
        .collect()
}

/// What the guard of an endpoint knows of it.
struct Guarded {
    gate: Arc<Gate>,
    /// What an operator's proof must cover; `None` where players may ask.
    scope: Option<Scope>,
    /// Whether anybody may ask in open mode on loopback.
    is_local_enough: bool,
    log: Log,
    names: Vec<(Method, Arc<str>)>,
}

async fn guard(State(guarded): State<Arc<Guarded>>, mut request: Request, next: Next) -> Response {
    let Some(scope) = guarded.scope else {
        let caller: Caller = match guarded.gate.auth.caller(request.headers()).await {
            Ok(caller) => caller,
            Err(problem) => {
                guarded.gate.refuse(Credential::Player, request.headers(), peer_of(&request));
                return problem.into_response();
            }
        };
        request.extensions_mut().insert(caller);
        return next.run(request).await;
    };
    let mut response = operate(&guarded, scope, request, next).await;
    response.extensions_mut().insert(ForOperators);
    response
}

/// Lets an operator through, and notes what was done unless the store does.
async fn operate(guarded: &Guarded, scope: Scope, mut request: Request, next: Next) -> Response {
    let gate = &guarded.gate;
    let peer = peer_of(&request);
    let by = match gate.operator(request.headers(), peer, scope, guarded.is_local_enough).await {
        Ok(by) => by,
        Err(problem) => {
            gate.refuse(Credential::Operator, request.headers(), peer);
            return problem.into_response();
        }
    };
    let operator = Operator { by, what: name_of(&guarded.names, request.method()) };
    let is_act = !request.method().is_safe();
    let is_noted_here = guarded.log == Log::Guard && is_act;
    let path = request.uri().path_and_query().map_or("", |path| path.as_str()).to_owned();
    request.extensions_mut().insert(operator.clone());
    Deadline::lift(request.extensions_mut());
    let response = next.run(request).await;
    if is_act {
        gate.suspicion.act(&operator.what, &operator.by.name, response.status().as_u16());
    }
    // What was refused changed nothing; what failed on our side may have.
    if is_noted_here && !response.status().is_client_error() {
        gate.note(&operator, path, response.status()).await;
    }
    response
}

fn peer_of(request: &Request) -> Option<SocketAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0)
}

fn name_of(names: &[(Method, Arc<str>)], method: &Method) -> Arc<str> {
    let found = names.iter().find(|(other, _)| other == method);
    found.map_or_else(|| Arc::from(method.as_str()), |(_, name)| Arc::clone(name))
}
