SELECT review_no, player_id FROM scoreline.reviews WHERE review_no = ANY ($1::bigint[])
