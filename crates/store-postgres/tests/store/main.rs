//! The store on PostgreSQL: the contract every store passes, and what only this one must bear.

mod conformance;
mod connections;
mod encryption;
mod query_plans;
mod schema;
mod support;
