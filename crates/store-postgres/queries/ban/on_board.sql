-- Who has an entry on a tournament's board and is banned. The few who are banned are looked up on it, which does not reset.
SELECT b.player_id FROM scoreline.bans b
WHERE b.is_banned AND EXISTS (
    SELECT 1 FROM scoreline.board_entries e
    WHERE e.slot = $1 AND e.period = 0 AND e.player_id = b.player_id AND e.attempts > 0
)
ORDER BY b.player_id
