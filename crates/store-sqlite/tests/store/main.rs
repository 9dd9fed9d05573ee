//! The store on SQLite: the contract every store passes, and what only this one must bear.

mod conformance;
mod crashes;
mod disk_full;
mod files;
mod query_plans;
mod readable;
mod support;
