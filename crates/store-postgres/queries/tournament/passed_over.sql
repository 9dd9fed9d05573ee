-- Who is passed over by a tournament: noted when it was closed ($3), and until then whoever is banned and has
-- an entry on its board, which does not reset. The few who are banned are looked up on it.
SELECT player_id FROM scoreline.passed_over WHERE tournament_id = $1 AND $3
UNION ALL
SELECT b.player_id FROM scoreline.bans b
WHERE NOT $3 AND b.is_banned AND EXISTS (
    SELECT 1 FROM scoreline.board_entries e
    WHERE e.slot = $2 AND e.period = 0 AND e.player_id = b.player_id AND e.attempts > 0
)
ORDER BY player_id
