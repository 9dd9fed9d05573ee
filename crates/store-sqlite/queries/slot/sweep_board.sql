DELETE FROM board_entries WHERE (slot, period, player_id) IN (
    SELECT slot, period, player_id FROM board_entries WHERE slot = ?1 LIMIT ?2
)
