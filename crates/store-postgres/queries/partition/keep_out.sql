-- {day}, {from} and {until} are replaced before it runs. Holds for whatever comes, at once and without looking at what is
-- there.
ALTER TABLE scoreline.events_absurd DROP CONSTRAINT IF EXISTS without_{day};
ALTER TABLE scoreline.events_absurd
    ADD CONSTRAINT without_{day} CHECK (key_time < {from} OR key_time >= {until}) NOT VALID;
