UPDATE scoreline.store_state SET
    plan_version = $1, next_slot = $2, fine_figures_from = $3, coarse_figures_from = $4
