SELECT count(*) FROM main.figures
WHERE slot IN (SELECT slot FROM compared)
  AND start_at >= iif(grain_ms = ?1, ?2, ?3)
