-- How far each scan that fills has come.
SELECT filling_slot, filling_position FROM scoreline.projections WHERE filling_slot IS NOT NULL
