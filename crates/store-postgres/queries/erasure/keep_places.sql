-- A tournament has one period, which begins in 1970.
UPDATE scoreline.board_entries SET player_id = $2
WHERE player_id = $1 AND period = 0 AND slot = ANY ($3::bigint[])
