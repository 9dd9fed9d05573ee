SELECT count(*), count(claimed_at),
       coalesce(sum(coins), 0), coalesce(sum(gems), 0),
       coalesce(sum(coins) FILTER (WHERE claimed_at IS NOT NULL), 0),
       coalesce(sum(gems) FILTER (WHERE claimed_at IS NOT NULL), 0),
       min(rank), count(*) FILTER (WHERE rank = 1)
FROM prizes
WHERE player_id = ?1 AND revoked_at IS NULL
