DELETE FROM player_analytics WHERE (slot, player_id, part) IN (
    SELECT slot, player_id, part FROM player_analytics WHERE slot = ?1 LIMIT ?2
)
