SELECT identity FROM scoreline.store_state
