-- Two ranges of the index: what is not equal would read all of it.
SELECT player_id, nickname FROM scoreline.players WHERE nickname_rules < $1
UNION ALL
SELECT player_id, nickname FROM scoreline.players WHERE nickname_rules > $1
LIMIT $2
