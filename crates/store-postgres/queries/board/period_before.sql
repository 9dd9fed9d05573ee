-- One look-up a period instead of a walk over all entries.
SELECT max(period) FROM scoreline.board_entries WHERE slot = $1 AND period < $2
