UPDATE scoreline.store_state SET acts = acts + 1
