SELECT removed FROM erasures WHERE job_id = ?1 AND finished_at IS NULL
