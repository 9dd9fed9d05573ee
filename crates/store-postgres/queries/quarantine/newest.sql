SELECT MAX(quarantine_no) FROM scoreline.quarantine
