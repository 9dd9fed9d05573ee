-- What is wrong with entries that were checked again.
UPDATE scoreline.quarantine q SET code = k.code, field = k.field, message = k.message
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS k (quarantine_no, code, field, message)
WHERE q.quarantine_no = k.quarantine_no
