//! Parts that stand in for those that the settings choose, where a server is measured or tested.
//!
//! The parts themselves live in the measurements and tests. A server that serves a game has none.

use std::sync::Arc;

use scoreline_core::intake::Intake;
use scoreline_core::nodes::Nodes;
use scoreline_core::store::schema::Migration;
use scoreline_core::time::Clock;
use scoreline_http::Patience;

/// Makes a part out of one that the server has.
pub type Make<From, To> = Box<dyn FnOnce(Arc<From>) -> Arc<To> + Send>;

/// The parts to replace. Parts that are `None` are chosen by the settings.
#[derive(Default)]
pub struct Substitutes {
    /// Makes the intake, given the server's clock.
    pub intake: Option<Make<dyn Clock, dyn Intake>>,
    /// Makes the [`Nodes`](scoreline_core::nodes::Nodes) that the server sees, given those of the
    /// database.
    pub nodes: Option<Make<dyn Nodes, dyn Nodes>>,
    /// The migrations of PostgreSQL that the server knows, in place of those of this version.
    pub migrations: Option<Vec<Migration>>,
    /// How long clients may take, in place of what holds for all.
    pub patience: Option<Patience>,
}
