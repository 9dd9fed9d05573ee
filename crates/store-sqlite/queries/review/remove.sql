DELETE FROM reviews WHERE review_no = ?1
