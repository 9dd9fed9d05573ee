-- Who became a player becomes whoever that player becomes.
UPDATE moved_players SET moved_to = ?2 WHERE moved_to = ?1
