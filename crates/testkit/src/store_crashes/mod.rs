//! The store dies and is opened again, and a caller without an answer asks again: nothing is lost,
//! nothing counts twice.
//!
//! [`crate::store_crash_matrix!`] makes one test of each [`scoreline_core::store::CrashPoint`], in
//! which a story passes the point and the store dies there, each time it comes by.
//! [`crate::store_crash_property!`] makes one of random deeds and deaths. Both end by comparing all
//! derived state with the fold of the distinct events.

pub mod deeds;
mod fate;
pub mod story;

pub use fate::Fate;

/// Makes a test of a death at every point. The argument is an expression of a function that makes a
/// [`crate::store_conformance::Database`] whose stores have the hook it is given.
#[macro_export]
macro_rules! store_crash_matrix {
    ($database:expr) => {
        $crate::store_crash_matrix! { @tests $database;
            a_death_before_a_batch_is_written: ApplyBegun,
            a_death_after_the_events_were_inserted: EventsInserted,
            a_death_after_the_changes_were_written: ChangesWritten,
            a_death_after_the_commit_of_a_batch: ApplyCommitted,
            a_death_before_the_commit_of_a_fill: FillWritten,
            a_death_after_the_commit_of_a_fill: FillCommitted,
            a_death_after_the_baseline_was_written: BaselineWritten,
            a_death_after_the_events_were_removed: EventsRemoved,
            a_death_after_the_commit_of_a_removal: RemovalCommitted,
            a_death_before_the_commit_of_a_seal: SealWritten,
            a_death_after_the_commit_of_a_seal: SealCommitted,
            a_death_between_two_prizes: PrizeWritten,
            a_death_before_the_commit_of_the_prizes: CloseWritten,
            a_death_after_the_commit_of_the_prizes: CloseCommitted,
            a_death_before_the_commit_of_a_claim: ClaimWritten,
            a_death_after_the_commit_of_a_claim: ClaimCommitted,
            a_death_before_the_commit_of_an_act_on_a_player: ActWritten,
            a_death_after_the_commit_of_an_act_on_a_player: ActCommitted,
        }
    };
    (@tests $database:expr; $($test:ident: $point:ident,)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                let point = scoreline_core::store::CrashPoint::$point;
                $crate::store_crashes::story::survive(point, $database).await;
            }
        )*

        #[test]
        fn every_point_has_its_test() {
            let tested = [$(scoreline_core::store::CrashPoint::$point),*];
            let all = scoreline_core::store::CrashPoint::ALL;
            assert!(all.iter().all(|point| tested.contains(point)));
        }
    };
}

/// Makes a test of random sequences of deeds and deaths. The arguments are how many sequences, and
/// an expression as [`store_crash_matrix!`] takes it.
#[macro_export]
macro_rules! store_crash_property {
    ($cases:expr, $database:expr) => {
        #[test]
        fn any_sequence_of_deeds_leaves_the_fold_of_the_set() {
            $crate::store_crashes::deeds::survive_any($cases, $database);
        }
    };
}
