UPDATE scoreline.store_state SET plan_version = plan_version + 1
RETURNING plan_version
