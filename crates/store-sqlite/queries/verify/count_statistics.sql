SELECT count(*) FROM main.player_statistics s JOIN json_each(s.slots) u
WHERE u.value IN (SELECT slot FROM compared)
