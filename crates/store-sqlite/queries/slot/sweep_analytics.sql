DELETE FROM player_analytics WHERE (slot, player_no, part) IN (
    SELECT slot, player_no, part FROM player_analytics WHERE slot = ?1 LIMIT ?2
)
