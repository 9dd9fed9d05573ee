INSERT INTO scoreline.players (player_id, nickname, nickname_at)
SELECT player_id, 'Pilot', $2 FROM unnest($1::text[]) AS player_id
