SELECT count(*) FROM main.player_state s JOIN json_each(s.slots) u
WHERE s.slot = 0 AND u.value IN (SELECT slot FROM compared)
