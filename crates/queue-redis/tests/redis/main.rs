//! The queue on real Redis servers: the suite of queues, and what only Redis can do to one.

mod broker;
mod cluster;
mod faults;
mod guarded;

use broker::RedisBroker;

mod single {
    use super::RedisBroker;

    scoreline_testkit::queue_conformance!(RedisBroker::start().await);
}
