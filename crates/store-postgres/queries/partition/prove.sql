-- {day} is replaced before it runs. Reads the whole table; whoever writes to it goes on meanwhile.
ALTER TABLE scoreline.events_absurd VALIDATE CONSTRAINT without_{day}
