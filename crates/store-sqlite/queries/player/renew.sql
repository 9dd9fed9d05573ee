UPDATE players SET nickname_skeleton = ?3, nickname_rules = ?4 WHERE player_id = ?1 AND nickname = ?2
