-- Whoever has another name since was compared by who gave it.
UPDATE scoreline.players AS p SET nickname_skeleton = k.skeleton, nickname_rules = $4
FROM unnest($1::text[], $2::text[], $3::text[]) AS k (player_id, nickname, skeleton)
WHERE p.player_id = k.player_id AND p.nickname = k.nickname
