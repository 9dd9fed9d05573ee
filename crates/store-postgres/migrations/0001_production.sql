-- Statements name the schema `scoreline`; the namespace of the settings takes its place.
-- Ids and names sort by bytes, as Rust sorts them, whatever the database's language is.

-- One row: what the store as a whole is at. Plans hang on it; events never write it.
CREATE TABLE scoreline.store_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Tells this database from every other one; what it shares with nobody else, such as a queue,
    -- carries it.
    identity UUID NOT NULL,
    -- Grows with every change of the definition, the tournaments or the projections.
    plan_version BIGINT NOT NULL,
    next_slot BIGINT NOT NULL,
    -- Figures that started before these times are removed, by grain.
    fine_figures_from BIGINT NOT NULL,
    coarse_figures_from BIGINT NOT NULL,
    -- Grows with every act that changes who is ranked, or by what.
    acts BIGINT NOT NULL
);
INSERT INTO scoreline.store_state
VALUES (1, gen_random_uuid(), 0, 1, -9223372036854775808, -9223372036854775808, 0);

-- What every transaction counts. A transaction has a shard to itself, so that none waits for the
-- row of another; the sum of the shards is what counts.
CREATE TABLE scoreline.store_counts (
    shard INTEGER PRIMARY KEY,
    -- The latest time of application given out by this shard.
    last_stamp BIGINT NOT NULL,
    applied BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    -- Raw events that retention has removed.
    removed BIGINT NOT NULL,
    -- The last receipt of all events; NULL before the first.
    last_receipt BIGINT,
    -- Entries of the review list that wait.
    in_review BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO scoreline.store_counts SELECT shard, 0, 0, 0, 0, 0, 0, NULL, 0 FROM generate_series(0, 15) AS shard;

-- The TOML text of the definition in force; no row before the first.
CREATE TABLE scoreline.definitions (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    source TEXT NOT NULL
);

-- One row: the time that was in use last, so that a start and other nodes know of a clock that jumped; no row before the
-- first note.
CREATE TABLE scoreline.clock_note (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- How many jumps were accepted.
    epoch BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- How far the clock is ahead of the time in use, while it is in doubt.
    offset_ms BIGINT
) WITH (fillfactor = 50);

-- The raw events. An event is its player and its id; where it lies, its key time says: that of the id
-- where the id holds one, else the receipt. So what comes again is looked for in one day, whatever
-- time it states, and new events touch the last day's index.
CREATE TABLE scoreline.events (
    key_time BIGINT NOT NULL,
    player_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    event_time BIGINT NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    -- NULL where it is the event's own time.
    counted_at BIGINT,
    applied_at BIGINT NOT NULL,
    -- A hash of what the client wrote: how a repetition is told from another event of the same id.
    content BIGINT NOT NULL,
    payload TEXT NOT NULL,
    -- event/insert.sql, event/kept.sql; event/scan_player.sql and event/recent_player.sql: the events
    -- of a player.
    PRIMARY KEY (player_id, event_id, key_time)
) PARTITION BY RANGE (key_time);
-- event/scan.sql, event/recent.sql and retention/removable.sql: events in the order in which they
-- were applied.
CREATE INDEX events_by_application ON scoreline.events (applied_at);
-- Key times for which no day was made: what an import brings of before the first day, and what comes late to a day
-- that was dropped. A day can only be made once this was looked through. What lies ahead is in the day of its receipt.
CREATE TABLE scoreline.events_absurd PARTITION OF scoreline.events DEFAULT;
-- Key times before 2025: those of ids from clocks that were never set.
CREATE TABLE scoreline.events_absurd_past PARTITION OF scoreline.events
    FOR VALUES FROM (MINVALUE) TO (1735689600000);

-- Where the events lie whose ids do not say it at every time, as they hold no time or one that lay ahead:
-- their repetitions are received on other days.
CREATE TABLE scoreline.event_keys (
    player_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    key_time BIGINT NOT NULL,
    PRIMARY KEY (player_id, event_id)
);

-- Accepted events that could not be applied.
CREATE TABLE scoreline.dead_events (
    dead_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    event_time BIGINT NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    counted_at BIGINT,
    content BIGINT NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    died_at BIGINT NOT NULL,
    -- How much room it is counted to take.
    bytes BIGINT NOT NULL,
    -- Who proved to have sent it: `player:` with an id or `key:` with a name; NULL where nobody had to.
    sent_by TEXT,
    discarded_at BIGINT,
    note TEXT,
    UNIQUE (player_id, event_id)
);

-- Events that the definition does not allow.
CREATE TABLE scoreline.quarantine (
    quarantine_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A resend is the same entry.
    digest UUID NOT NULL UNIQUE,
    item_index BIGINT NOT NULL,
    event_type TEXT COLLATE "C",
    player_id TEXT COLLATE "C",
    event_id TEXT,
    code TEXT COLLATE "C" NOT NULL,
    field TEXT,
    message TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    sent_at BIGINT,
    occurrence BIGINT NOT NULL,
    raw TEXT NOT NULL,
    -- How much room it is counted to take.
    bytes BIGINT NOT NULL,
    times_seen BIGINT NOT NULL,
    -- Who proved to have sent it: `player:` with an id or `key:` with a name; NULL where nobody had to.
    sent_by TEXT,
    discarded_at BIGINT,
    note TEXT
);
-- quarantine/groups.sql and quarantine/count.sql: what they ask stands here, a tenth of the table.
CREATE INDEX quarantine_by_group ON scoreline.quarantine
    (code, event_type, player_id, discarded_at, received_at, quarantine_no);

-- Derived state by what it is of. Retired ones keep their number and their baseline.
CREATE TABLE scoreline.projections (
    projection_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- What it counts, in one line: who counts the same is the same projection.
    fingerprint TEXT COLLATE "C" NOT NULL,
    -- What it counts as JSON, so that it can be counted after the definition has changed: for ever
    -- where it is a tournament's. Empty for what is built in.
    meaning TEXT NOT NULL,
    slot BIGINT NOT NULL UNIQUE,
    complete BOOLEAN NOT NULL,
    -- Whether the former projection of its name is shown until this one is complete.
    pending BOOLEAN NOT NULL DEFAULT false,
    retired_at BIGINT,
    filling_slot BIGINT UNIQUE,
    -- How far the scan that fills has come.
    filling_position BYTEA,
    -- Events folded by the filling so far, for progress.
    filled BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, name, fingerprint)
);

-- Slots whose rows nobody refers to any more, with how far sweeping has come.
CREATE TABLE scoreline.dropped_slots (
    slot BIGINT PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    swept_player TEXT COLLATE "C" NOT NULL DEFAULT ''
);

-- Boards, in points: more is better. Pages keep room, so that an entry that changes stays on its
-- page and no index is written.
CREATE TABLE scoreline.board_entries (
    slot BIGINT NOT NULL,
    period BIGINT NOT NULL,
    player_id TEXT COLLATE "C" NOT NULL,
    -- The negative of points is the score of an ascending board, so it must exist.
    points BIGINT NOT NULL CHECK (points > -9223372036854775808),
    reached_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    last_id UUID,
    sum_0 BIGINT NOT NULL,
    sum_1 BIGINT NOT NULL,
    sum_2 BIGINT NOT NULL,
    sum_3 BIGINT NOT NULL,
    -- By how much the version of the entry is ahead of its attempts: acts took events away from it.
    -- One that counts none any more stays, with 0 attempts, so that what comes later is newer.
    taken_back BIGINT NOT NULL DEFAULT 0,
    -- Points and sums as they are, where one is beyond 64 bits; the columns hold the nearest that fit.
    beyond TEXT,
    PRIMARY KEY (slot, period, player_id)
) WITH (fillfactor = 80);

-- Statistics, a row a player: two lists that belong together, which statistic and how much. Hardly
-- an event changes one alone, and a row each was most of what an event cost.
CREATE TABLE scoreline.player_statistics (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    slots BIGINT[] NOT NULL,
    amounts BIGINT[] NOT NULL CHECK (cardinality(amounts) = cardinality(slots))
) WITH (fillfactor = 80);

-- Figures by time slot and type; the empty type is all types together. The figure of a time slot
-- is what its shards are together.
CREATE TABLE scoreline.figures (
    slot BIGINT NOT NULL,
    grain_ms BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    shard INTEGER NOT NULL,
    events BIGINT NOT NULL,
    processing_ms BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (slot, grain_ms, start_at, event_type, shard)
) WITH (fillfactor = 70);
-- The sketches of who was seen, 2,561 bytes each at most. Apart, because the counts change with every
-- batch and a sketch of thousands of players hardly ever does. A page takes three of the greatest: the
-- present one and two before it, which transactions at the same time may still see. So a sketch
-- changes on its page, no index is written, and what nobody sees any more makes room again.
CREATE TABLE scoreline.figure_players (
    slot BIGINT NOT NULL,
    grain_ms BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    shard INTEGER NOT NULL,
    players BYTEA NOT NULL,
    PRIMARY KEY (slot, grain_ms, start_at, event_type, shard)
) WITH (fillfactor = 50);
-- Registers do not compress, and trying took a quarter of the time of a batch.
ALTER TABLE scoreline.figure_players ALTER COLUMN players SET STORAGE PLAIN;

-- What exact analytics keep of players: a row for each day on which one was active, by the number of
-- the day, and one with what reaches over days, whose part is 2147483647. Core writes and reads them.
CREATE TABLE scoreline.player_analytics (
    slot BIGINT NOT NULL,
    player_id TEXT COLLATE "C" NOT NULL,
    part BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (slot, player_id, part)
) WITH (fillfactor = 80);
-- What is counted over all players, by days since 1970-01-01 (docs/analytics.md). A counter is what its
-- shards are together. The key is in the order in which analytics/counters.sql reads.
CREATE TABLE scoreline.analytics_counters (
    slot BIGINT NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    split TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    shard INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (slot, measure, split, day, value, item, shard)
) WITH (fillfactor = 70);

CREATE TABLE scoreline.players (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    nickname TEXT,
    nickname_at BIGINT,
    -- By what the nickname is compared with others.
    nickname_skeleton TEXT COLLATE "C",
    -- By which rules that was worked out.
    nickname_rules BIGINT,
    secret_hash TEXT,
    secret_at BIGINT,
    -- How often the player's sessions were revoked. Tokens of before are good no longer.
    sessions_revoked BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE scoreline.tournaments (
    tournament_id TEXT COLLATE "C" PRIMARY KEY,
    series TEXT COLLATE "C",
    name TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- JSON: the prize tiers as they were when the tournament was created.
    prizes TEXT NOT NULL,
    cancelled_at BIGINT,
    sealed_at BIGINT,
    closed_at BIGINT,
    participants BIGINT
);
-- tournament/page.sql: the latest start first.
CREATE INDEX tournaments_by_start ON scoreline.tournaments (starts_at DESC, tournament_id);

CREATE TABLE scoreline.prizes (
    prize_id UUID PRIMARY KEY,
    -- Of a prize that an operator awarded there is neither a tournament nor a rank.
    tournament_id TEXT COLLATE "C" REFERENCES scoreline.tournaments (tournament_id),
    player_id TEXT COLLATE "C" NOT NULL,
    rank BIGINT,
    coins BIGINT NOT NULL,
    gems BIGINT NOT NULL,
    awarded_at BIGINT NOT NULL,
    claimed_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (tournament_id, player_id)
);
-- prize/history.sql, prize/pending.sql and prize/statistics.sql: the prizes of a player.
CREATE INDEX prizes_by_player ON scoreline.prizes (player_id, awarded_at);
-- prize/of_tournament.sql: the prizes of a tournament by rank.
CREATE INDEX prizes_by_rank ON scoreline.prizes (tournament_id, rank);

-- When events did not count, because an operator said so. The row of one that counts again stays, and so
-- does that of an event that retention removed: should it come again, it does not count either.
CREATE TABLE scoreline.voids (
    player_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    voided_at BIGINT NOT NULL,
    unvoided_at BIGINT,
    PRIMARY KEY (player_id, event_id, voided_at)
);

-- Events that broke a rule: they do not count, by a row of `voids`, unless an operator accepts them.
CREATE TABLE scoreline.reviews (
    review_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    event_time BIGINT NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    counted_at BIGINT,
    content BIGINT NOT NULL,
    payload TEXT NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    -- When the event was applied.
    held_at BIGINT NOT NULL,
    -- NULL while it waits.
    decided_at BIGINT,
    accepted BOOLEAN NOT NULL,
    note TEXT,
    -- review/hold.sql: an event is held once.
    UNIQUE (player_id, event_id)
);
-- review/page.sql: what waits, the oldest first.
CREATE INDEX reviews_waiting ON scoreline.reviews (review_no) WHERE decided_at IS NULL;
-- review/waiting_of.sql: what waits of a player; review/players.sql: of whom something waits.
CREATE INDEX reviews_waiting_of ON scoreline.reviews (player_id, review_no) WHERE decided_at IS NULL;

-- What is remembered of players for rules over several events, as JSON that core writes and reads. Pages keep
-- room, so that a row that changes stays on its page.
CREATE TABLE scoreline.player_memories (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    memory TEXT NOT NULL
) WITH (fillfactor = 70);

-- What tickets for runs are signed with. Another database has another one.
CREATE TABLE scoreline.ticket_keys (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
);
INSERT INTO scoreline.ticket_keys VALUES (1, gen_random_uuid()::text || gen_random_uuid()::text);

-- Tickets that came back, by the events that began their runs, for as long as they would be good.
CREATE TABLE scoreline.used_tickets (
    player_id TEXT COLLATE "C" NOT NULL,
    run UUID NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (player_id, run)
);
-- ticket/forget.sql: those that are good no longer.
CREATE INDEX used_tickets_by_end ON scoreline.used_tickets (until);

-- player/has_other.sql, player/bearers.sql and player/called_like.sql: who is called so, or begins so.
CREATE INDEX players_by_skeleton ON scoreline.players (nickname_skeleton, player_id)
    WHERE nickname_skeleton IS NOT NULL;
-- player/of_other_rules.sql: whose names other rules compared.
CREATE INDEX players_by_rules ON scoreline.players (nickname_rules) WHERE nickname_rules IS NOT NULL;

-- Names that operators have blocked, by what they are compared by.
CREATE TABLE scoreline.blocked_names (
    skeleton TEXT COLLATE "C" PRIMARY KEY,
    -- By which rules the skeleton was worked out.
    rules BIGINT NOT NULL,
    nickname TEXT NOT NULL,
    blocked_at BIGINT NOT NULL,
    note TEXT
);

-- Bans. The row of one that was lifted stays, because its version only grows.
CREATE TABLE scoreline.bans (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    is_banned BOOLEAN NOT NULL,
    -- Whether the player is shown the boards as if there were no ban.
    shadow BOOLEAN NOT NULL,
    until BIGINT,
    version BIGINT NOT NULL
);

-- Who had a place in a tournament and was banned when it was closed.
CREATE TABLE scoreline.passed_over (
    tournament_id TEXT COLLATE "C" NOT NULL REFERENCES scoreline.tournaments (tournament_id),
    player_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tournament_id, player_id)
);

-- The key of tombstones; no row before the first.
CREATE TABLE scoreline.erasure_keys (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
);

-- Players who were erased or are to be. Nothing of them is taken in any more.
CREATE TABLE scoreline.erasures (
    job_id UUID PRIMARY KEY,
    -- A hash of the player's id under the key of tombstones.
    tombstone UUID NOT NULL UNIQUE,
    -- NULL once it is done.
    player_id TEXT COLLATE "C",
    requested_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- Raw events at first, and how many of them are gone.
    events BIGINT NOT NULL,
    removed BIGINT NOT NULL DEFAULT 0,
    receipt TEXT
);

-- That somebody asked for a player to be erased, until an operator decides: 1,000 rows at most (core/src/limits.rs).
CREATE TABLE scoreline.erasure_requests (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    message TEXT,
    asked_at BIGINT NOT NULL
);

-- Players who were moved: whatever comes of them is of who they became. That is nobody who was moved.
CREATE TABLE scoreline.moved_players (
    player_id TEXT COLLATE "C" PRIMARY KEY,
    moved_to TEXT COLLATE "C" NOT NULL,
    moved_at BIGINT NOT NULL
);
-- joining/aliases.sql, joining/follow.sql and joining/forget.sql: who became a player.
CREATE INDEX moved_players_by_end ON scoreline.moved_players (moved_to);

-- Named keys of operators and game servers. The key itself is not here, only the hash of its secret.
CREATE TABLE scoreline.access_keys (
    key_id UUID PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    -- Such as `boards:read players:act`.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);
-- access_key/create.sql: a name means one key that is good.
CREATE UNIQUE INDEX access_keys_by_name ON scoreline.access_keys (name) WHERE revoked_at IS NULL;

-- Sessions of operators that were ended before their time, until they would be over by themselves.
CREATE TABLE scoreline.ended_sessions (
    session TEXT COLLATE "C" PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- What operators and keys did. Rows are only added.
CREATE TABLE scoreline.audit_log (
    audit_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    key_id UUID,
    address TEXT,
    what TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    note TEXT,
    -- JSON: what the act changed.
    before TEXT,
    after TEXT
);

-- The change feed: what each transaction changed, for every node that holds a copy of it. A row is the last that its
-- transaction writes. Not compressed, and apart from the row where it is long, so that its size costs nothing to ask.
CREATE TABLE scoreline.changes (
    xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
    body BYTEA NOT NULL
);
ALTER TABLE scoreline.changes ALTER COLUMN body SET STORAGE EXTERNAL;
-- feed/after.sql. Not unique: what a dump brought from another database must not be in the way.
CREATE INDEX changes_by_xid ON scoreline.changes (xid);

-- One row: how far the change feed reaches back.
CREATE TABLE scoreline.feed_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- What this shows as committed is no longer in the feed.
    pruned PG_SNAPSHOT NOT NULL,
    -- Takes the place of the other once it is old enough.
    next PG_SNAPSHOT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL
);
INSERT INTO scoreline.feed_state
VALUES (1, pg_current_snapshot(), pg_current_snapshot(), clock_timestamp());

-- The nodes on this database, by what each last said of itself.
CREATE TABLE scoreline.nodes (
    node_id UUID PRIMARY KEY,
    -- Everything the node received before this is settled, or in the queue.
    watermark BIGINT NOT NULL,
    version TEXT NOT NULL,
    address TEXT NOT NULL,
    -- The version of the schema that its program knows: what that uses is not removed meanwhile.
    schema_known BIGINT NOT NULL,
    reported_at BIGINT NOT NULL
) WITH (fillfactor = 50);

-- Whose turn what is, and until when.
CREATE TABLE scoreline.turns (
    name TEXT COLLATE "C" PRIMARY KEY,
    node_id UUID NOT NULL,
    until BIGINT NOT NULL
);

-- Secrets that all nodes share: the first one proposed stays.
CREATE TABLE scoreline.secrets (
    name TEXT COLLATE "C" PRIMARY KEY,
    secret TEXT NOT NULL
);

-- For people who ask with SQL (docs/sql.md). Scoreline itself uses none of these.

-- A time in milliseconds since 1970 as PostgreSQL has it. One that it cannot hold is infinitely far.
CREATE FUNCTION scoreline.time_of(ms BIGINT) RETURNS TIMESTAMPTZ
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN ms < -210866803200000 THEN '-infinity'::TIMESTAMPTZ
    WHEN ms > 9224318000000000 THEN 'infinity'::TIMESTAMPTZ
    ELSE to_timestamp(ms / 1000.0)
END;

-- A time as the columns of tables hold it: compared with this, they use their indexes and days.
CREATE FUNCTION scoreline.ms_of(moment TIMESTAMPTZ) RETURNS BIGINT
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN isfinite(moment) THEN floor(extract(epoch FROM moment) * 1000)::BIGINT
    WHEN moment < '1970-01-01'::TIMESTAMPTZ THEN -9223372036854775808
    WHEN moment > '1970-01-01'::TIMESTAMPTZ THEN 9223372036854775807
END;

-- A payload as JSONB; NULL where that has no room for it, such as for the character \u0000, half a
-- surrogate pair and numbers of a hundred thousand digits.
CREATE FUNCTION scoreline.json_of(payload TEXT) RETURNS JSONB
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN payload::JSONB;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$$;

CREATE VIEW scoreline.readable_events AS
SELECT key_time,
    event_time,
    event_id,
    player_id,
    event_type,
    scoreline.time_of(coalesce(counted_at, event_time)) AS happened_at,
    scoreline.time_of(received_at) AS received_at,
    scoreline.time_of(applied_at) AS applied_at,
    scoreline.json_of(payload) AS payload,
    payload AS payload_text
FROM scoreline.events;

CREATE VIEW scoreline.readable_statistics AS
SELECT s.player_id, p.name AS statistic, u.amount
FROM scoreline.player_statistics s
CROSS JOIN unnest(s.slots, s.amounts) AS u (slot, amount)
JOIN scoreline.projections p ON p.slot = u.slot AND p.kind = 'statistic' AND p.retired_at IS NULL AND NOT p.pending;

-- The counters of exact analytics that answers are made of, by calendar days.
CREATE VIEW scoreline.readable_analytics AS
SELECT a.measure, a.split, a.value, DATE '1970-01-01' + a.day::INTEGER AS day, a.item,
    sum(a.amount)::BIGINT AS amount
FROM scoreline.analytics_counters a
JOIN scoreline.projections p ON p.slot = a.slot AND p.kind = 'analytics' AND p.retired_at IS NULL AND NOT p.pending
GROUP BY a.measure, a.split, a.value, a.day, a.item;
