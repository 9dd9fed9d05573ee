INSERT INTO scoreline.dropped_slots (slot, kind)
SELECT slot, kind FROM scoreline.projections WHERE projection_no = $1
ON CONFLICT DO NOTHING
