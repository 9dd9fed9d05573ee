SELECT max(last_receipt) FROM scoreline.store_counts
