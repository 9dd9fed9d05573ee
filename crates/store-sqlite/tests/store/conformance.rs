//! The contract of the store, which PostgreSQL's store passes as well.

use crate::support::File;

scoreline_testkit::store_conformance!(File::new());
scoreline_testkit::store_backup_conformance!(File::new());
