-- The days of which no events may come where those without a day lie.
SELECT conname::text FROM pg_constraint
WHERE conrelid = 'scoreline.events_absurd'::regclass AND contype = 'c'
