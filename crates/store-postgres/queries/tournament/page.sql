SELECT t.tournament_id, t.series, t.name, p.meaning, t.starts_at, t.ends_at, t.prizes,
       p.projection_no, p.slot, t.cancelled_at, t.sealed_at, t.closed_at, t.participants
FROM scoreline.tournaments t
JOIN scoreline.projections p
  ON p.kind = 'tournament' AND p.name = t.tournament_id AND p.retired_at IS NULL
ORDER BY t.starts_at DESC, t.tournament_id
LIMIT $1 OFFSET $2
