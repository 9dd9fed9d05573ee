//! Deaths between every two durable steps, which PostgreSQL's store survives as well.

use scoreline_core::store::CrashHook;
use scoreline_store_sqlite::Options;

use crate::support::File;

fn mortal(crash: CrashHook) -> File {
    File::with(Options { crash, ..Options::default() })
}

scoreline_testkit::store_crash_matrix!(mortal);
scoreline_testkit::store_crash_property!(32, mortal);
