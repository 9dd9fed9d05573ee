-- {day}, {from} and {until} are replaced before it runs.
ALTER TABLE scoreline.events ATTACH PARTITION scoreline.events_{day} FOR VALUES FROM ({from}) TO ({until});
