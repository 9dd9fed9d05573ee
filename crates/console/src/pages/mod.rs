//! The pages, one file each. Adding one: write its file, name its route here, and its place in
//! `frame.rs` if the menu leads to it.

mod analytics;
mod audit;
pub(crate) mod boards;
mod definition;
mod erasure_requests;
mod keys;
mod live;
mod names;
pub(crate) mod overview;
mod players;
mod queue;
mod rejected;
mod review;
mod sign_in;
pub(crate) mod tournaments;
mod voiding;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use scoreline_core::access::Scope;

use crate::console::Console;
use crate::live as streams;
use crate::sign_in::guard::{Guarded, guard};

/// A page or an act, with who may see or do it.
struct Page {
    path: &'static str,
    scope: Option<Scope>,
    what: Option<&'static str>,
    method: MethodRouter<Arc<Console>>,
}

/// A page for operators whose proof covers `scope`, or an act that the store writes down itself.
fn page(path: &'static str, scope: Scope, method: MethodRouter<Arc<Console>>) -> Page {
    Page { path, scope: Some(scope), what: None, method }
}

/// An act of operators whose proof covers `scope`, written down under the name that the HTTP API has for
/// it.
fn act(
    path: &'static str,
    scope: Scope,
    what: &'static str,
    method: MethodRouter<Arc<Console>>,
) -> Page {
    Page { path, scope: Some(scope), what: Some(what), method }
}

/// What only operators see.
fn pages() -> Vec<Page> {
    use Scope::{Admin, AnalyticsRead, BoardsRead, DefinitionWrite, PlayersAct, PlayersRead};
    let sign_out = post(sign_in::sign_out);
    vec![
        page("/console", AnalyticsRead, get(overview::show)),
        page("/console/charts/{chart}", AnalyticsRead, get(overview::data)),
        page("/console/live/overview", AnalyticsRead, get(streams::overview)),
        page("/console/live", PlayersRead, get(live::show)),
        page("/console/live/events", PlayersRead, get(live::events)),
        page("/console/analytics", AnalyticsRead, get(analytics::show)),
        page("/console/analytics/{file}", AnalyticsRead, get(analytics::data)),
        page("/console/rejected", PlayersRead, get(rejected::show)),
        act("/console/rejected/replay", Admin, "requeueQuarantined", post(rejected::replay)),
        act("/console/rejected/discard", Admin, "discardQuarantined", post(rejected::discard)),
        act("/console/dead/replay", Admin, "retryFailed", post(rejected::replay)),
        act("/console/dead/discard", Admin, "discardDead", post(rejected::discard)),
        page("/console/review", PlayersRead, get(review::show)),
        page("/console/review/decide", PlayersAct, post(review::decide)),
        page("/console/boards", BoardsRead, get(boards::show)),
        page("/console/boards/{file}", BoardsRead, get(boards::data)),
        page("/console/tournaments", BoardsRead, get(tournaments::list)),
        page("/console/tournaments/{id}", BoardsRead, get(tournaments::show)),
        act(
            "/console/tournaments/{id}/end",
            DefinitionWrite,
            "endTournament",
            post(tournaments::end),
        ),
        act(
            "/console/tournaments/{id}/cancel",
            DefinitionWrite,
            "cancelTournament",
            post(tournaments::cancel),
        ),
        page("/console/players", PlayersRead, get(players::search)),
        page("/console/player", PlayersRead, get(players::show)),
        page("/console/player/ban", PlayersAct, post(players::ban)),
        page("/console/player/unban", PlayersAct, post(players::unban)),
        page("/console/player/rename", PlayersAct, post(players::rename)),
        page("/console/player/export", PlayersRead, get(players::export)),
        page("/console/player/award", PlayersAct, post(players::award)),
        page("/console/player/revoke", PlayersAct, post(players::revoke)),
        page("/console/player/unbind", PlayersAct, post(players::unbind)),
        page("/console/player/move", PlayersAct, post(players::move_to)),
        page("/console/player/erase", PlayersAct, post(players::erase)),
        page("/console/erasure", PlayersAct, get(players::erasure)),
        page("/console/live/erasure", PlayersAct, get(players::erasure_stream)),
        page("/console/erasure-requests", PlayersRead, get(erasure_requests::show)),
        page("/console/erasure-requests/dismiss", PlayersAct, post(erasure_requests::dismiss)),
        page("/console/voiding", PlayersAct, get(voiding::show).post(voiding::act)),
        page("/console/names", PlayersRead, get(names::show)),
        page("/console/names/block", PlayersAct, post(names::block)),
        page("/console/names/unblock", PlayersAct, post(names::unblock)),
        page("/console/definition", AnalyticsRead, get(definition::show)),
        act("/console/definition/reload", DefinitionWrite, "reload", post(definition::reload)),
        act("/console/definition/rebuild", Admin, "rebuild", post(definition::rebuild_incomplete)),
        page("/console/audit", Admin, get(audit::show)),
        page("/console/keys", Admin, get(keys::show).post(keys::create)),
        page("/console/keys/revoke", Admin, post(keys::revoke)),
        page("/console/queue", AnalyticsRead, get(queue::show)),
        act("/console/queue/pause", Admin, "pauseQueue", post(queue::pause)),
        act("/console/queue/resume", Admin, "resumeQueue", post(queue::resume)),
        Page { path: "/console/sign-out", scope: None, what: None, method: sign_out },
    ]
}

/// All of them, each behind its guard.
pub(crate) fn routes(console: &Arc<Console>) -> Router<Arc<Console>> {
    let guarded = |router: Router<Arc<Console>>, Page { path, scope, what, method }| {
        let guarded = Guarded { console: Arc::clone(console), scope, what };
        router.route(path, method.route_layer(from_fn_with_state(guarded, guard)))
    };
    pages().into_iter().fold(Router::new(), guarded)
}

/// What anybody sees.
pub(crate) fn open_routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/console/once/{code}", get(sign_in::once))
}
