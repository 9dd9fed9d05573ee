-- {day} is replaced before it runs.
ALTER TABLE scoreline.events_absurd DROP CONSTRAINT IF EXISTS without_{day};
