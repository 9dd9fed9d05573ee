-- The former ids of some players.
SELECT moved_to, player_id FROM scoreline.moved_players WHERE moved_to = ANY ($1::text[])
