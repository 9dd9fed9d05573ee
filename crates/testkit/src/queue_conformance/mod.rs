//! The contract of `scoreline_core::queue`, as tests that every queue passes.
//!
//! A queue's own tests implement [`Broker`] and call [`crate::queue_conformance!`], which makes one
//! test of each function listed there. Several nodes stand on one broker, so that whatever a node
//! does is seen through another. Time is never waited for: the broker lets it pass.

#![expect(missing_docs, reason = "the name of each test is the sentence that it checks")]

pub mod claiming;
pub mod counting;
pub mod leasing;
pub mod losing;
pub mod owning;
pub mod pausing;
pub mod pushing;
pub mod retrying;
pub mod waiting;
pub mod walking;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::queue::{Queue, QueueSettings};

/// An empty queue made for one test.
#[async_trait]
pub trait Broker: Send + Sync {
    /// Connects as one more node would.
    async fn connect(&self, settings: QueueSettings) -> Arc<dyn Queue>;

    /// Lets time pass for all that is leased and delayed, at once.
    async fn age(&self, by: Duration);

    /// Deletes everything behind the back of every node.
    async fn lose_everything(&self);
}

/// Makes a test of every function of the suite. The argument is an expression that makes a
/// [`Broker`]. With `one_by_one:` in front, it calls them all where it stands, in an async function:
/// for brokers that are slow to make.
#[macro_export]
macro_rules! queue_conformance {
    (one_by_one: $broker:expr) => {
        $crate::queue_conformance! { @list calls $broker }
    };
    (@list $form:ident $broker:expr) => {
        $crate::queue_conformance! { @$form $broker;
            pushing: [
                what_is_pushed_comes_out_as_it_was,
                parcels_of_a_class_come_out_in_the_order_they_went_in,
                a_class_that_is_full_refuses_and_the_others_go_on,
                a_full_class_has_room_again_once_something_is_settled,
                a_parcel_larger_than_the_limit_fits_an_empty_class,
            ],
            claiming: [
                a_parcel_is_leased_once_however_many_claim_at_once,
                a_claim_takes_by_shares,
                what_a_class_leaves_goes_to_the_others,
                bulk_is_not_starved_by_urgent_work,
                a_claim_goes_beyond_its_limit_by_a_parcel_at_most,
                an_empty_queue_answers_at_once,
            ],
            waiting: [
                a_push_by_another_node_ends_the_wait,
                nothing_pushed_before_the_wait_is_missed,
                a_wait_ends_when_its_time_is_up,
                a_wait_ends_when_a_retry_is_due,
                every_worker_is_woken_by_work_for_all,
                a_wait_that_is_cancelled_takes_nothing_with_it,
            ],
            leasing: [
                work_that_stalls_goes_to_another_node,
                a_lease_that_was_extended_goes_on,
                a_lease_that_is_over_settles_nothing_once_it_was_taken,
                a_lease_that_was_taken_is_good_for_nothing,
                settling_again_changes_nothing,
                what_is_released_comes_back_at_once_without_an_attempt,
                a_lease_belongs_to_its_node,
                all_stalled_work_is_taken_over_however_much_it_is,
                every_lease_that_runs_out_is_an_attempt,
            ],
            retrying: [
                a_retry_comes_back_when_it_is_due_with_one_attempt_more,
                retries_come_back_by_themselves_each_by_its_own_pause,
                a_retry_is_not_delivered_twice,
                a_lease_from_before_a_retry_is_good_for_nothing,
                attempts_add_up_over_retries_and_lost_leases,
                what_is_put_off_comes_back_when_it_is_due_without_an_attempt,
            ],
            pausing: [
                a_paused_class_hands_out_nothing_on_any_node,
                a_paused_class_takes_what_is_pushed,
                a_paused_class_keeps_stalled_work_and_retries,
                what_is_leased_can_be_settled_during_a_pause,
                a_pause_outlives_the_node_that_asked_for_it,
                resuming_wakes_who_waits,
            ],
            counting: [
                figures_follow_a_parcel_through_its_life,
                dead_events_are_counted_apart,
                figures_tell_what_was_taken_over_and_who_came_too_late,
                the_watermark_is_the_oldest_receipt_wherever_it_is,
                the_watermark_holds_when_clocks_of_nodes_differ,
                each_class_counts_for_itself,
            ],
            losing: [
                a_queue_that_lost_everything_goes_on,
                what_was_lost_is_estimated_once_however_many_nodes_notice,
                leases_from_before_the_loss_are_gone,
                a_pause_and_the_counters_outlive_a_loss,
                losses_add_up,
                an_idle_queue_loses_no_events,
            ],
            owning: [
                a_queue_belongs_to_the_database_that_used_it_first,
                what_waits_is_never_handed_to_another_database,
                a_queue_that_was_replaced_by_anothers_is_refused_while_running,
                databases_that_come_at_once_do_not_share_out_the_classes,
                looking_at_a_queue_does_not_take_it,
                a_queue_that_is_adopted_changes_hands_with_all_that_waits,
            ],
            walking: [
                any_walk_settles_every_parcel_and_never_counts_wrong,
            ],
        }
    };
    (@calls $broker:expr; $($concern:ident: [$($test:ident,)*],)*) => {
        $($(
            println!("{}::{}", stringify!($concern), stringify!($test));
            let broker = $broker;
            $crate::queue_conformance::$concern::$test(&broker).await;
        )*)*
    };
    (@tests $broker:expr; $($concern:ident: [$($test:ident,)*],)*) => {
        $(
            mod $concern {
                #[allow(unused_imports, reason = "the broker may be named by any path")]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $test() {
                        let broker = $broker;
                        $crate::queue_conformance::$concern::$test(&broker).await;
                    }
                )*
            }
        )*
    };
    ($broker:expr) => {
        $crate::queue_conformance! { @list tests $broker }
    };
}
