DELETE FROM scoreline.reviews WHERE review_no = $1
