-- What the server that holds a class says about itself.
-- KEYS: as always, so that a cluster asks the right one
-- ARGV: 1 the section
-- Answers: the text of INFO. O(1).
return redis.call('INFO', ARGV[1])
