SELECT acts FROM store_state
