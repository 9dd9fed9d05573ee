SELECT last_receipt FROM store_state
