-- {day} is replaced before it runs.
DROP TABLE scoreline.events_{day}
