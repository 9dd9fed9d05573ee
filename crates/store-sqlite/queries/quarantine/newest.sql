SELECT MAX(quarantine_no) FROM quarantine
