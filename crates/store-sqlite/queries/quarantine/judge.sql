-- What is wrong with an entry that was checked again.
UPDATE quarantine SET code = ?2, field = ?3, message = ?4 WHERE quarantine_no = ?1
