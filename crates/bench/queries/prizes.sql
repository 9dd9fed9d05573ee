-- One of five is pending.
INSERT INTO scoreline.prizes (
    prize_id, tournament_id, player_id, rank, coins, gems, awarded_at, claimed_at
)
SELECT gen_random_uuid(), t.tournament_id, k.player_id, k.rank, 500, 25, t.closed_at,
       CASE WHEN random() < 0.8 THEN t.closed_at + 60000 END
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (tournament, rank, player_id)
JOIN scoreline.tournaments t ON t.tournament_id = 'trial_' || k.tournament
