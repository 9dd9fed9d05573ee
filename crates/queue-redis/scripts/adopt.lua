-- Gives a class to another database, with all that waits in it. Under a new epoch, so that nodes of the
-- former one, which remember the old epoch, do nothing any more.
-- ARGV: 4 the new epoch, 5 the database
-- Answers: 1. O(1).
redis.call('HSET', COUNTS, 'epoch', ARGV[4], 'database', ARGV[5])
return { 1 }
