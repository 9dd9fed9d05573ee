-- {day}, {from} and {until} are replaced before it runs.
WITH moved AS (
    DELETE FROM scoreline.events_absurd WHERE key_time >= {from} AND key_time < {until}
    RETURNING *
)
INSERT INTO scoreline.events_{day} SELECT * FROM moved;
