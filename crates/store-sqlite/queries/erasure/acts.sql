-- What an act changed may hold a name, and a note may, too.
UPDATE audit_log SET target = ?2, note = NULL, before = NULL, after = NULL WHERE target = ?1 OR instr(before, ?3) > 0 OR instr(after, ?3) > 0
