-- Names that are compared by something else each, as those of real players mostly are.
INSERT INTO scoreline.players (player_id, nickname, nickname_at, nickname_skeleton, nickname_rules)
SELECT player_id, 'Pilot', $2, player_id, $3 FROM unnest($1::text[]) AS player_id
