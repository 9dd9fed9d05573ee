UPDATE events SET received_at = ?3, counted_at = ?4
WHERE player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1) AND event_id = ?2
