VACUUM (ANALYZE) scoreline.events, scoreline.board_entries, scoreline.figures,
    scoreline.figure_players, scoreline.players, scoreline.tournaments, scoreline.projections,
    scoreline.prizes, scoreline.dead_events, scoreline.quarantine, scoreline.reviews
