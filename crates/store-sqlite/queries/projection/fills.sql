-- How far each scan that fills has come.
SELECT filling_slot, filling_position FROM projections WHERE filling_slot IS NOT NULL
