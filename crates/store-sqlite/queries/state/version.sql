SELECT plan_version FROM store_state
