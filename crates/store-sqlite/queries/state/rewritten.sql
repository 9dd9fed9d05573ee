-- What changes where anything but an application writes events, or says whether they count.
SELECT removed, acts FROM store_state
