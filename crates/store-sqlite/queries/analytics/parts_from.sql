-- A part of a player, and all behind it: of days, mostly none, and the life, which is wanted as well.
SELECT part, state FROM player_state WHERE slot = ?1 AND player_no = ?2 AND part >= ?3
