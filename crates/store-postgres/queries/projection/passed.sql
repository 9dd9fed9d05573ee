-- How far the scan that fills has come.
SELECT filling_position FROM scoreline.projections WHERE projection_no = $1
