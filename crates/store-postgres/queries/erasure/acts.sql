-- What an act changed may hold a name, and a note may, too.
UPDATE scoreline.audit_log SET target = $2, note = NULL, before = NULL, after = NULL WHERE target = $1 OR strpos(before, $3) > 0 OR strpos(after, $3) > 0
