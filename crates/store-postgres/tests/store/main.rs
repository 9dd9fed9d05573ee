//! The store on PostgreSQL: the contract every store passes, and what only this one must bear.

mod conformance;
mod connections;
mod crashes;
mod cuts;
mod encryption;
mod feed;
mod never_analysed;
mod planted;
mod pooler;
mod query_plans;
mod races;
mod readable;
mod schema;
mod sketches;
mod support;
