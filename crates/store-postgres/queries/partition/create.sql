-- {day}, {from} and {until} are replaced before it runs. Made apart and attached, because that
-- does not stop those who write to other days.
CREATE TABLE scoreline.events_{day} (LIKE scoreline.events INCLUDING ALL);
WITH moved AS (
    DELETE FROM scoreline.events_absurd WHERE key_time >= {from} AND key_time < {until}
    RETURNING *
)
INSERT INTO scoreline.events_{day} SELECT * FROM moved;
ALTER TABLE scoreline.events ATTACH PARTITION scoreline.events_{day} FOR VALUES FROM ({from}) TO ({until});
