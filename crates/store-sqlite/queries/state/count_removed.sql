UPDATE store_state SET removed = removed + ?1
