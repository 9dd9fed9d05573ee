-- Nobody may put events of the day to come here while it is made.
LOCK TABLE scoreline.events_absurd IN ACCESS EXCLUSIVE MODE
