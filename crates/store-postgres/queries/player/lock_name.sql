-- Of several who want the same name at once, one after another looks who has it.
SELECT pg_advisory_xact_lock(hashtext('scoreline.nickname'), hashtext($1))
