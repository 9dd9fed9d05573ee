-- Whether another player is called so.
SELECT EXISTS (SELECT 1 FROM scoreline.players WHERE nickname_skeleton = $1 AND player_id <> $2)
