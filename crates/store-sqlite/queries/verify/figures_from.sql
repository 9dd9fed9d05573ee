SELECT fine_figures_from, coarse_figures_from FROM main.store_state
