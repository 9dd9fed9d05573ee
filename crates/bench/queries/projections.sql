-- Of those tournaments, in slots that were never used.
WITH first AS (
    UPDATE scoreline.store_state SET next_slot = next_slot + $1, plan_version = plan_version + 1
    RETURNING next_slot - $1 AS slot
)
INSERT INTO scoreline.projections (kind, name, fingerprint, meaning, slot, complete)
SELECT 'tournament', 'trial_' || n, '', $2, first.slot + n - 1, true
FROM first, generate_series(1, $1::bigint) AS n
