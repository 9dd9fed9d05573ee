-- Those of some players who were moved, with who they became.
SELECT player_id, moved_to FROM scoreline.moved_players WHERE player_id = ANY ($1::text[])
