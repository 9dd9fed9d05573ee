-- Changes a row only if the text is another than the one in force.
INSERT INTO scoreline.definitions AS known (id, source) VALUES (1, $1)
ON CONFLICT (id) DO UPDATE SET source = excluded.source WHERE known.source <> excluded.source
