SELECT plan_version FROM scoreline.store_state
