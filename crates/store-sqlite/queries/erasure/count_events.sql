SELECT count(*) FROM player_numbers p CROSS JOIN events e ON e.player_no = p.player_no
WHERE p.player_id = ?1
