SELECT count(*) FROM scoreline.player_statistics s CROSS JOIN unnest(s.slots) AS u (slot)
WHERE u.slot IN (SELECT slot FROM pg_temp.compared)
