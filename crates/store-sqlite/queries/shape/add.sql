-- Not more than ?3 of them, beside one for each type.
INSERT INTO payload_shapes (event_type, names)
SELECT ?1, ?2
WHERE ?2 = '' OR (SELECT coalesce(max(shape_no), 0) FROM payload_shapes) < ?3
