UPDATE store_state SET
    fine_figures_from = max(fine_figures_from, ?1),
    coarse_figures_from = max(coarse_figures_from, ?2)
RETURNING fine_figures_from, coarse_figures_from
