-- Answers a row for whoever is not known as well.
SELECT max(secret_hash), coalesce(max(sessions_revoked), 0) FROM players WHERE player_id = ?1
