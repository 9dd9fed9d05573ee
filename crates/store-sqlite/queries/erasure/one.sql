SELECT requested_at, finished_at, events, removed, receipt FROM erasures WHERE job_id = ?1
