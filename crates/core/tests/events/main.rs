//! Events from the wire to their checked form: bodies, rules, identity, time.

mod bodies;
mod flaws;
mod game;
mod identity;
mod patterns;
mod properties;
mod rules;
mod times;
