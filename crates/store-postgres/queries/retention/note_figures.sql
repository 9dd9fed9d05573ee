UPDATE scoreline.store_state SET
    fine_figures_from = greatest(fine_figures_from, $1),
    coarse_figures_from = greatest(coarse_figures_from, $2)
RETURNING fine_figures_from, coarse_figures_from
