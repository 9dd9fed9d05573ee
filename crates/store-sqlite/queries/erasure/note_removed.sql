UPDATE erasures SET removed = removed + ?2 WHERE job_id = ?1
