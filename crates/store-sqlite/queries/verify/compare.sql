INSERT INTO compared (slot) VALUES (?1)
