SELECT job_id FROM erasures WHERE tombstone = ?1
