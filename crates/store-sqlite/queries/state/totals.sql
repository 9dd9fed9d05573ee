SELECT applied, duplicates, dead, quarantined FROM store_state
