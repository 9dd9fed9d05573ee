SELECT count(*), count(claimed_at),
       coalesce(sum(coins), 0)::bigint, coalesce(sum(gems), 0)::bigint,
       coalesce(sum(coins) FILTER (WHERE claimed_at IS NOT NULL), 0)::bigint,
       coalesce(sum(gems) FILTER (WHERE claimed_at IS NOT NULL), 0)::bigint,
       min(rank), count(*) FILTER (WHERE rank = 1)
FROM scoreline.prizes
WHERE player_id = $1 AND revoked_at IS NULL
