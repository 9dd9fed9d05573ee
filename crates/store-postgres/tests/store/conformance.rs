//! The contract of the store, which SQLite's store passes as well.

use crate::support::Schema;

scoreline_testkit::store_conformance!(Schema::new());
