SELECT job_id FROM scoreline.erasures WHERE tombstone = $1
