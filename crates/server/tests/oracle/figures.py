"""Figures of raw events, in the SQL of DuckDB: what Scoreline's analytics are compared with.

    figures.py EVENTS ZONE

EVENTS is a file of JSON lines, each an event as it was sent, however often it was sent. Prints the
figures as JSON. Nothing here knows how Scoreline counts.
"""

import json
import sys

import duckdb

path, zone = sys.argv[1:]
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
db.execute(
    """
    CREATE TABLE events AS
    SELECT DISTINCT ON (user_id, event_id)
        user_id, event_type, platform, app_version, country, session_id,
        epoch_ms("timestamp"::TIMESTAMPTZ) AS ms,
        ("timestamp"::TIMESTAMPTZ AT TIME ZONE ?)::DATE AS day,
        level_id, price_usd, currency_type, amount, source, spent_on
    FROM read_json(?, format = 'newline_delimited', columns = {
        user_id: 'VARCHAR', event_id: 'VARCHAR', event_type: 'VARCHAR', platform: 'VARCHAR',
        app_version: 'VARCHAR', country: 'VARCHAR', session_id: 'VARCHAR', "timestamp": 'VARCHAR',
        level_id: 'BIGINT', price_usd: 'DECIMAL(18, 2)', currency_type: 'VARCHAR', amount: 'BIGINT',
        source: 'VARCHAR', spent_on: 'VARCHAR'
    })
    """,
    [zone, path],
)
db.execute("CREATE TABLE played AS SELECT DISTINCT user_id, day FROM events")
db.execute("CREATE TABLE firsts AS SELECT user_id, min(day) AS first FROM played GROUP BY user_id")


def asked(sql):
    return [[str(one) if hasattr(one, "isoformat") else one for one in row]
            for row in db.execute(sql).fetchall()]


windows = " LEFT JOIN ".join([
    "(SELECT DISTINCT day FROM played) AS d",
    "played AS p ON p.day BETWEEN d.day - {width} AND d.day",
])
figures = {
    "events": db.execute("SELECT count(*) FROM events").fetchone()[0],
    "dau": asked("SELECT day, count(*) FROM played GROUP BY day ORDER BY day"),
    "wau": asked("SELECT d.day, count(DISTINCT p.user_id) FROM " + windows.format(width=6)
                 + " GROUP BY d.day ORDER BY d.day"),
    "mau": asked("SELECT d.day, count(DISTINCT p.user_id) FROM " + windows.format(width=29)
                 + " GROUP BY d.day ORDER BY d.day"),
    "new": asked("SELECT first, count(*) FROM firsts GROUP BY first ORDER BY first"),
    "returned": asked(
        """
        SELECT f.first, p.day - f.first AS after, count(*) FROM firsts AS f JOIN played AS p USING (user_id)
        WHERE p.day - f.first IN (1, 3, 7, 14, 30) GROUP BY ALL ORDER BY ALL
        """),
    "platforms": asked(
        "SELECT platform, day, count(DISTINCT user_id) FROM events GROUP BY ALL ORDER BY ALL"),
    "countries_wau": asked(
        """
        SELECT c.country, d.day, count(DISTINCT c.user_id)
        FROM (SELECT DISTINCT day FROM played) AS d
        JOIN (SELECT DISTINCT country, user_id, day FROM events) AS c ON c.day BETWEEN d.day - 6 AND d.day
        GROUP BY ALL ORDER BY ALL
        """),
    "sessions": asked(
        """
        WITH apart AS (
            SELECT user_id, session_id, day, ms,
                ms - lag(ms) OVER (PARTITION BY user_id, session_id, day ORDER BY ms) AS pause
            FROM events
        ), numbered AS (
            SELECT *, count(*) FILTER (WHERE pause > 1800000)
                OVER (PARTITION BY user_id, session_id, day ORDER BY ms) AS number
            FROM apart
        ), sessions AS (
            SELECT day, max(ms) - min(ms) AS length
            FROM numbered GROUP BY user_id, session_id, day, number
        )
        SELECT day, count(*), sum(length)::BIGINT, quantile_disc(length, 0.5), quantile_disc(length, 0.9)
        FROM sessions GROUP BY day ORDER BY day
        """),
    "revenue": asked(
        """
        SELECT day, sum(price_usd * 100)::BIGINT, count(*), count(DISTINCT user_id)
        FROM events WHERE event_type = 'purchase_completed' GROUP BY day ORDER BY day
        """),
    "first_purchases": asked(
        """
        SELECT first, count(*) FROM (
            SELECT user_id, min(day) AS first FROM events WHERE event_type = 'purchase_completed'
            GROUP BY user_id
        ) GROUP BY first ORDER BY first
        """),
    "economy": asked(
        """
        SELECT day, event_type, coalesce(source, spent_on), sum(amount)::BIGINT FROM events
        WHERE event_type IN ('currency_earned', 'currency_spent') AND currency_type = 'coins'
        GROUP BY ALL ORDER BY ALL
        """),
    "levels": asked(
        """
        WITH RECURSIVE reached AS (
            SELECT user_id, level_id, min(ms) AS ms, min_by(day, ms) AS day
            FROM events WHERE event_type = 'level_completed' GROUP BY user_id, level_id
        ), chain AS (
            SELECT user_id, level_id, ms, day FROM reached WHERE level_id = 1
            UNION ALL
            SELECT c.user_id, r.level_id, r.ms, c.day FROM chain AS c JOIN reached AS r
            ON r.user_id = c.user_id AND r.level_id = c.level_id + 1 AND r.ms >= c.ms
        )
        SELECT level_id, count(*) FROM chain WHERE level_id <= 40 GROUP BY level_id ORDER BY level_id
        """),
}
json.dump(figures, sys.stdout)
