//! The contract of the store, which PostgreSQL's store will pass as well.

use crate::support::File;

scoreline_testkit::store_conformance!(File::new());
