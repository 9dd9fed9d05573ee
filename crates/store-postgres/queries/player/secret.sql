-- Answers a row for whoever is not known as well.
SELECT max(secret_hash), coalesce(max(sessions_revoked), 0) FROM scoreline.players WHERE player_id = $1
