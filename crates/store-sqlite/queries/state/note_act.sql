UPDATE store_state SET acts = acts + 1
