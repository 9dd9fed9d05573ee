UPDATE reviews SET decided_at = ?2, accepted = ?3, note = ?4 WHERE review_no = ?1
