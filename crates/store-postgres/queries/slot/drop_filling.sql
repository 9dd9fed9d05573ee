INSERT INTO scoreline.dropped_slots (slot, kind)
SELECT filling_slot, kind FROM scoreline.projections
WHERE projection_no = $1 AND filling_slot IS NOT NULL
ON CONFLICT DO NOTHING
