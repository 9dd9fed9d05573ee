//! Deaths between every two durable steps, which SQLite's store survives as well.

use scoreline_core::store::CrashHook;

use crate::support::Schema;

fn mortal(crash: CrashHook) -> Schema {
    let mut schema = Schema::new();
    schema.settings.crash = crash;
    schema
}

scoreline_testkit::store_crash_matrix!(mortal);
// Few: a database is made for each.
scoreline_testkit::store_crash_property!(6, mortal);
