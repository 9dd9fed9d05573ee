//! The store on PostgreSQL: the contract every store passes, and what only this one must bear.

mod conformance;
mod support;
