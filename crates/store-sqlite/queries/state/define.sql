-- Answers a row only if the text is another than the one in force.
INSERT INTO definitions (id, source) VALUES (1, ?1)
ON CONFLICT (id) DO UPDATE SET source = excluded.source WHERE source <> excluded.source
