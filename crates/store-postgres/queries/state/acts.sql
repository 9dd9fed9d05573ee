SELECT acts FROM scoreline.store_state
