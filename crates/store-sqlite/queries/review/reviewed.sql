SELECT r.review_no, r.player_id FROM json_each(?1) AS n JOIN reviews r ON r.review_no = n.value
