-- {day} is replaced before it runs. Made apart and attached later, because that does not stop those who write to other
-- days.
CREATE TABLE scoreline.events_{day} (LIKE scoreline.events INCLUDING ALL);
