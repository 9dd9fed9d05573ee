-- Dropping a day needs this; who writes holds a share of it before the share of a day.
LOCK TABLE ONLY scoreline.events IN ACCESS EXCLUSIVE MODE
