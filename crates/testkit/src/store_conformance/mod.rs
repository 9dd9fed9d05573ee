//! The contract of `scoreline_core::store`, as tests that every store passes.
//!
//! A store's own tests implement [`Database`] and call [`crate::store_conformance!`], which makes
//! one test of each function listed there. After what it tries, nearly every test compares all
//! derived state with the fold of the distinct events, and lets the store verify itself.

#![expect(missing_docs, reason = "the name of each test is the sentence that it checks")]

pub mod access;
pub mod acts;
pub mod applying;
pub mod backups;
pub mod clock;
pub mod erasing;
pub mod feed;
pub mod filling;
pub mod finding;
pub mod joining;
pub mod listing;
pub mod maintenance;
pub mod players;
pub mod prizes;
pub mod projections;
pub mod promises;
pub mod quarantine;
pub mod receipts;
pub mod retention;
pub mod reviewing;
pub mod set_aside;
pub mod sums;
pub mod tickets;
pub mod tournaments;
pub mod versions;
pub mod voiding;
pub mod world;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::store::Store;

/// An empty database made for one test.
#[async_trait]
pub trait Database: Send + Sync {
    /// Opens it as another process would. May be called again while it is open.
    async fn open(&self) -> Arc<dyn Store>;

    /// Runs a statement behind the back of every store that has it open.
    async fn tamper(&self, sql: &str);

    /// The statement that adds to a player's statistic, which each store keeps in its own form. A
    /// player without any starts from 0, and one who comes back to it has none again.
    fn add_to_statistic(&self, player: &str, slot: i64, amount: i64) -> String;
}

/// An empty database that is backed up to a file. One whose server has its own tools for that is
/// not.
#[async_trait]
pub trait FileDatabase: Database {
    /// A path at which nothing is, for a backup.
    fn backup_path(&self) -> PathBuf;

    /// Opens a backup.
    async fn open_backup(&self) -> Arc<dyn Store>;
}

/// Makes a test of every function about backups to a file. The argument is an expression that makes
/// a [`FileDatabase`].
#[macro_export]
macro_rules! store_backup_conformance {
    ($database:expr) => {
        $crate::store_conformance! { @tests $database;
            backups: [
                a_backup_taken_while_events_come_in_is_consistent,
                a_backup_never_overwrites_a_file,
            ],
        }
    };
}

/// Makes a test of every function of the suite that every store passes. The argument is an expression that makes a
/// [`Database`].
#[macro_export]
macro_rules! store_conformance {
    ($database:expr) => {
        $crate::store_conformance! { @tests $database;
            applying: [
                an_event_counts_once_however_often_it_comes,
                an_event_that_is_stamped_anew_is_the_same_event,
                the_same_id_of_another_player_is_another_event,
                what_says_something_else_under_a_taken_id_is_neither_counted_nor_thrown_away,
                of_different_events_under_one_id_in_a_batch_the_first_counts,
                the_dead_hold_their_ids_too,
                any_split_and_order_gives_the_same_state,
                what_is_told_of_a_batch_is_as_after_the_commit,
                what_an_event_says_comes_back_as_it_was,
                the_time_of_application_never_runs_backwards,
                an_outdated_plan_writes_nothing,
                events_applied_at_once_by_many_count_once,
                an_event_that_cannot_be_counted_dies_alone,
                an_event_given_up_elsewhere_is_dead_unless_it_is_stored,
                an_event_both_stored_and_dead_leaves_the_dead_when_it_comes_again,
                a_dead_event_comes_alive_when_the_definition_allows,
                dead_events_are_listed_in_pages_and_given_up,
                two_stores_on_one_database_agree,
            ],
            versions: [
                every_change_of_an_entry_raises_its_version,
                duplicates_change_nothing_and_nothing_is_told_of_them,
                who_is_not_on_a_board_is_not_touched_there,
                of_batches_applied_at_once_the_greatest_version_is_what_is_stored,
            ],
            receipts: [
                the_first_receipt_counts_whichever_copy_comes_first,
                a_tournament_that_ends_between_two_receipts_counts_the_first,
                what_a_sealed_tournament_says_stays_as_it_is,
                an_event_moves_to_the_period_of_its_first_receipt,
                a_receipt_that_moved_is_as_any_other_to_what_comes_later,
                what_died_was_received_all_the_same,
                what_counts_as_of_its_receipt_follows_it,
                of_what_two_had_who_are_one_the_first_receipt_counts,
                a_move_brings_no_receipt_into_what_is_paid,
                any_order_of_copies_gives_the_first_receipt_of_each,
            ],
            listing: [
                recent_events_come_newest_first,
                scanning_in_pages_visits_every_event_once,
                filters_narrow_a_scan,
            ],
            quarantine: [
                a_rejected_event_is_kept_as_it_came,
                a_resend_is_the_same_entry_seen_once_more,
                entries_are_listed_by_what_is_asked_and_in_pages,
                entries_leave_with_the_batch_that_replays_them,
                an_entry_that_is_rejected_again_says_what_is_wrong_now,
                entries_given_up_stay_visible_with_the_note,
                entries_are_grouped_by_reason_and_type_counted_and_one_of_them_chosen,
            ],
            set_aside: [
                what_is_set_aside_is_measured_with_the_kind_that_goes_first,
                the_oldest_of_a_kind_go_until_there_is_room,
                what_is_set_aside_for_too_long_goes,
                the_dead_of_one_player_count_only_so_far,
                a_step_removes_only_so_many,
            ],
            sums: [
                sums_beyond_64_bits_come_back_whatever_the_order,
                what_retention_merges_is_beyond_64_bits_as_well,
            ],
            projections: [
                adopting_the_same_definition_again_changes_nothing,
                a_plan_of_another_definition_is_refused,
                a_board_added_later_is_incomplete_until_it_is_filled,
                a_board_that_means_something_else_is_shown_as_it_was_until_it_is_filled,
                a_change_that_is_taken_back_before_it_is_filled_has_cost_nothing,
                another_name_for_a_sum_is_no_other_board,
                a_retired_board_comes_back_incomplete_and_is_filled_anew,
                a_board_of_a_game_without_events_is_complete_at_once,
                every_change_makes_another_plan_version,
            ],
            filling: [
                events_that_arrive_while_a_board_is_filled_count_once,
                a_fill_that_is_started_again_goes_on,
                a_complete_projection_can_be_filled_again_while_it_serves,
                all_projections_can_be_filled_at_the_same_time,
                only_a_started_fill_can_be_stepped,
                what_nobody_refers_to_any_more_is_swept,
                retiring_a_board_while_it_is_filled_ends_the_fill,
            ],
            retention: [
                removed_events_still_count,
                events_are_removed_in_steps,
                an_event_goes_only_when_it_happened_and_came_before,
                a_removed_event_frees_its_id,
                nothing_is_removed_while_a_projection_is_filled,
                a_projection_filled_after_a_removal_begins_with_its_baseline,
                figures_are_removed_by_grain,
            ],
            tournaments: [
                a_tournament_counts_what_was_received_in_its_window,
                creating_a_tournament_again_changes_nothing,
                tournaments_are_listed_latest_start_first,
                a_tournament_that_began_before_the_last_event_is_filled_from_history,
                a_cancelled_tournament_stays_listed_and_gains_nothing,
                ending_a_tournament_keeps_what_was_received,
                after_the_seal_nothing_changes_the_board,
                prizes_go_to_the_ranks_once,
                closing_at_once_from_many_sides_awards_once,
                only_what_fits_the_state_can_be_done,
                the_first_claim_of_the_owner_wins,
                a_players_prizes_are_told_in_lists_and_numbers,
            ],
            prizes: [
                a_prize_that_is_awarded_by_hand_is_given_once,
                an_id_of_a_prize_is_not_given_to_another,
                a_revoked_prize_is_gone_and_nobody_else_gets_it,
                whatever_operators_do_to_a_prize_is_told_once,
                a_prize_is_either_claimed_or_revoked_before_it,
            ],
            promises: [
                a_tournament_whose_board_counts_something_else_pays_what_was_promised,
                a_tournament_whose_board_is_filtered_pays_what_was_promised,
                a_tournament_whose_board_is_removed_pays_what_was_promised,
                two_tournaments_on_one_board_each_keep_what_it_meant_to_them,
            ],
            players: [
                nicknames_are_set_and_read_in_order,
                a_player_nobody_heard_of_has_no_profile,
                the_first_secret_stays,
                a_secret_that_was_bound_and_never_used_is_forgotten,
                who_is_unbound_is_bound_anew_and_their_sessions_are_told_to_be_revoked,
                entries_come_in_the_order_asked,
                the_entries_of_one_player_are_found_on_all_boards,
            ],
            feed: [
                whoever_follows_holds_what_is_stored,
                every_commit_is_heard_once,
                whatever_changes_what_nodes_hold_is_told,
                what_was_not_committed_is_not_told,
                who_has_not_looked_for_long_hears_all_or_is_told_to_load_anew,
                a_name_that_was_set_later_has_the_greater_version,
            ],
            access: [
                a_key_is_kept_as_it_was_made,
                a_name_means_one_key_until_that_is_revoked,
                the_last_use_of_a_key_never_goes_back,
                a_session_that_was_ended_is_ended_everywhere,
                an_act_is_logged_with_all_that_is_known_of_it,
                the_log_is_read_in_pages_by_what_is_asked,
                every_scope_can_be_kept,
            ],
            clock: [
                the_latest_note_about_the_clock_stays_within_an_epoch,
                a_later_epoch_may_go_back_and_an_earlier_one_changes_nothing,
            ],
            finding: [
                players_are_found_by_the_beginning_of_the_name_or_the_id,
            ],
            acts: [
                a_ban_stands_until_it_is_lifted,
                bans_are_listed_in_pages_and_those_that_are_over_apart,
                every_ban_is_told_with_a_greater_version,
                who_is_banned_when_a_tournament_closes_wins_nothing,
                a_name_that_is_unique_goes_to_the_first_of_many_who_want_it_or_a_look_alike,
                a_blocked_name_cannot_be_chosen_but_given_and_stays_with_who_has_it,
                names_that_other_rules_compared_are_compared_anew_and_stay_what_they_are,
                blocked_names_that_have_become_the_same_are_one,
            ],
            voiding: [
                what_is_voided_does_not_count_until_it_is_taken_back,
                a_player_of_whom_nothing_counts_has_no_place_and_no_statistics,
                figures_and_analytics_count_what_is_not_voided,
                what_arrives_after_it_was_voided_does_not_count,
                an_event_that_is_voided_while_it_comes_does_not_count,
                events_that_arrive_while_others_are_voided_count,
                only_looking_changes_nothing,
                a_tournament_follows_until_it_is_closed_and_stays_then,
                retention_merges_what_counts_and_nothing_else,
                a_projection_that_is_filled_meanwhile_holds_what_counts,
                any_mixture_of_acts_ends_in_the_fold_of_what_counts,
            ],
            reviewing: [
                what_breaks_a_rule_counts_once_it_is_accepted_as_if_it_had_never_been_held,
                a_beginning_that_comes_late_tells_what_has_waited_for_nothing_else,
                what_is_refused_does_not_count_and_can_still_be_accepted,
                a_repetition_is_no_second_entry_and_asks_no_rule,
                what_is_voided_while_it_waits_is_refused,
                a_tournament_that_is_closed_meanwhile_stays_as_it_was,
                retention_passes_over_what_waits,
                events_of_one_player_that_come_at_once_are_judged_one_after_another,
                what_was_refused_leaves_the_list_with_its_event,
                what_was_accepted_of_one_and_voided_of_the_other_stands_as_refused,
                the_list_has_the_first_receipt_of_an_event,
                an_event_that_comes_while_the_first_one_of_its_player_is_accepted_counts,
                the_list_says_what_counts_whatever_was_voided_since,
                nothing_is_left_in_review_of_who_was_erased,
                what_is_held_of_two_who_become_one_is_one_entry_of_the_other,
                what_is_held_of_one_says_nothing_of_another_event_of_the_same_id,
                what_was_accepted_of_either_is_not_held_again_when_they_become_one,
                the_list_is_read_in_pages_by_what_is_asked_and_every_change_is_told,
                any_order_and_any_decisions_end_in_the_fold_of_what_counts,
            ],
            tickets: [
                a_ticket_comes_back_once_in_time_and_from_its_player,
                a_ticket_of_a_former_id_is_as_good_as_one_of_its_own,
            ],
            erasing: [
                nothing_is_left_of_who_was_erased_and_nothing_comes_in_again,
                a_player_is_erased_step_by_step_and_everything_agrees_after_each,
                a_request_is_one_job_however_often_it_is_made,
                what_was_paid_keeps_its_places_under_a_name_that_says_nothing,
                while_a_projection_is_filled_an_erasure_waits,
                tombstones_are_told_and_listed_in_pages,
            ],
            joining: [
                two_players_are_one_from_then_on,
                the_same_event_of_both_is_one_and_another_of_the_same_id_is_set_aside,
                what_was_voided_of_either_does_not_count_and_is_taken_back_together,
                a_chain_leads_to_its_end_and_what_cannot_be_meant_is_refused,
                the_former_id_is_nobody_any_more,
                the_dead_and_the_quarantine_follow,
                what_retention_has_merged_is_joined_and_what_comes_later_is_merged,
                a_retired_board_that_comes_back_knows_one_player,
                what_is_not_paid_follows_and_what_is_paid_stays,
                who_is_erased_is_erased_with_all_former_ids,
                only_looking_moves_nobody_and_a_fill_is_waited_for,
                events_that_arrive_while_their_player_is_moved_count_once,
                any_mixture_with_moves_ends_in_the_fold_of_what_counts,
            ],
            maintenance: [
                verification_finds_what_was_changed_behind_its_back,
                verification_lists_no_more_than_asked,
                verification_finds_a_prize_that_is_missing_or_too_much,
                verification_reports_progress_to_its_end,
                a_store_in_order_answers_and_tells_its_sizes,
            ],
        }
    };
    (@tests $database:expr; $($concern:ident: [$($test:ident,)*],)*) => {
        $(
            mod $concern {
                #[allow(unused_imports, reason = "the database may be named by any path")]
                use super::*;

                $(
                    #[tokio::test]
                    async fn $test() {
                        let database = $database;
                        $crate::store_conformance::$concern::$test(&database).await;
                    }
                )*
            }
        )*
    };
}
