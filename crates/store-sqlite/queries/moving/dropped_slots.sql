-- Slots that were being filled are left behind as well.
SELECT slot, kind, swept_player FROM dropped_slots
UNION ALL
SELECT filling_slot, kind, '' FROM projections WHERE filling_slot IS NOT NULL
