-- {day} is replaced before it runs.
SELECT NOT EXISTS (SELECT 1 FROM scoreline.events_{day})
