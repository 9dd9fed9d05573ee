-- The scratch tables that the fold is written to by the statements that write the real ones, and
-- the slots of the projections that are compared. They vanish with the transaction.
-- They are looked up by keys in no order, and would be read from and written to files all the time in the 8 MB that a
-- session has for them by default. The room is taken as it is needed; it can be asked for until a session uses it.
SELECT set_config('temp_buffers', '256MB', true) WHERE pg_my_temp_schema() = 0;
CREATE TEMPORARY TABLE board_entries (LIKE scoreline.board_entries INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE player_statistics (LIKE scoreline.player_statistics INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE figures (LIKE scoreline.figures INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE figure_players (LIKE scoreline.figure_players INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE player_analytics (LIKE scoreline.player_analytics INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE analytics_counters (LIKE scoreline.analytics_counters INCLUDING ALL) ON COMMIT DROP;
CREATE TEMPORARY TABLE compared (slot BIGINT PRIMARY KEY) ON COMMIT DROP;
