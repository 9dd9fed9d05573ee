INSERT OR REPLACE INTO probes (id, filler) VALUES (1, zeroblob(?1))
