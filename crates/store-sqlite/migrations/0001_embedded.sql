-- One row: what the store as a whole is at. Short, because every transaction writes it.
CREATE TABLE store_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Grows with every change of the definition, the tournaments or the projections.
    plan_version INTEGER NOT NULL,
    -- The latest time of application given out; it never runs backwards.
    last_stamp INTEGER NOT NULL,
    next_slot INTEGER NOT NULL,
    -- Figures that started before these times are removed, by grain.
    fine_figures_from INTEGER NOT NULL,
    coarse_figures_from INTEGER NOT NULL,
    -- Counts that answers show at any volume, kept as they change.
    applied INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    -- Raw events that retention has removed.
    removed INTEGER NOT NULL,
    -- The last receipt of all events; NULL before the first.
    last_receipt INTEGER,
    -- Grows with every act that changes who is ranked, or by what.
    acts INTEGER NOT NULL,
    -- Entries of the review list that wait.
    in_review INTEGER NOT NULL
) STRICT;
INSERT INTO store_state
VALUES (1, 0, 0, 1, -9223372036854775808, -9223372036854775808, 0, 0, 0, 0, 0, NULL, 0, 0);

-- The TOML text of the definition in force; no row before the first.
CREATE TABLE definitions (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    source TEXT NOT NULL
) STRICT;

-- One row: the time that was in use last, so that a start knows of a clock that jumped; no row before
-- the first note.
CREATE TABLE clock_note (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- How many jumps were accepted.
    epoch INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    -- How far the clock is ahead of the time in use, while it is in doubt.
    offset_ms INTEGER
) STRICT;

-- A short number for each player who ever sent an event: what it takes for events to say whose they
-- are, instead of an id of up to 255 characters.
CREATE TABLE player_numbers (
    player_no INTEGER PRIMARY KEY,
    -- event/insert.sql and event/scan_player.sql: from the player to the number.
    player_id TEXT NOT NULL UNIQUE
) STRICT;

-- What events have in common, and is kept once: their type, and the names of the fields of their payloads as a list in
-- JSON. Empty where a payload lies whole in its event, as all do with fields that the definition does not declare.
CREATE TABLE payload_shapes (
    shape_no INTEGER PRIMARY KEY,
    event_type TEXT NOT NULL,
    names TEXT NOT NULL,
    -- shape/number.sql: from the shape to the number.
    UNIQUE (event_type, names)
) STRICT;

-- The raw events, in the order in which they were applied: a row is written at the end, however late
-- the event is, and no time of application is before that of the row above.
CREATE TABLE events (
    event_no INTEGER PRIMARY KEY,
    player_no INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    event_time INTEGER NOT NULL,
    shape_no INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    -- NULL where it is the event's own time.
    counted_at INTEGER,
    applied_at INTEGER NOT NULL,
    -- A hash of what the client wrote: how a repetition is told from another event of the same id.
    content INTEGER NOT NULL,
    -- The values of its fields as a list in JSON, in the order of the names of its shape.
    payload TEXT NOT NULL
) STRICT;
-- event/insert.sql: an event is its player and its id. event/scan_player.sql and
-- event/recent_player.sql: the events of a player.
CREATE UNIQUE INDEX events_by_key ON events (player_no, event_id);

-- Accepted events that could not be applied.
CREATE TABLE dead_events (
    dead_no INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id TEXT NOT NULL,
    event_id BLOB NOT NULL,
    event_time INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    counted_at INTEGER,
    content INTEGER NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    -- How much room it is counted to take.
    bytes INTEGER NOT NULL,
    -- Who proved to have sent it: `player:` with an id or `key:` with a name; NULL where nobody had to.
    sent_by TEXT,
    discarded_at INTEGER,
    note TEXT,
    UNIQUE (player_id, event_id)
) STRICT;

-- Events that the definition does not allow.
CREATE TABLE quarantine (
    quarantine_no INTEGER PRIMARY KEY AUTOINCREMENT,
    -- A resend is the same entry.
    digest BLOB NOT NULL UNIQUE,
    item_index INTEGER NOT NULL,
    event_type TEXT,
    player_id TEXT,
    event_id TEXT,
    code TEXT NOT NULL,
    field TEXT,
    message TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    sent_at INTEGER,
    occurrence INTEGER NOT NULL,
    raw TEXT NOT NULL,
    -- How much room it is counted to take.
    bytes INTEGER NOT NULL,
    times_seen INTEGER NOT NULL,
    -- Who proved to have sent it: `player:` with an id or `key:` with a name; NULL where nobody had to.
    sent_by TEXT,
    discarded_at INTEGER,
    note TEXT
) STRICT;
-- quarantine/groups.sql and quarantine/count.sql: what they ask stands here, a tenth of the table.
CREATE INDEX quarantine_by_group ON quarantine
    (code, event_type, player_id, discarded_at, received_at);

-- Derived state by what it is of. Retired ones keep their number and their baseline.
CREATE TABLE projections (
    projection_no INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- What it counts, in one line: who counts the same is the same projection.
    fingerprint TEXT NOT NULL,
    -- What it counts as JSON, so that it can be counted after the definition has changed: for ever
    -- where it is a tournament's. Empty for what is built in.
    meaning TEXT NOT NULL,
    slot INTEGER NOT NULL UNIQUE,
    complete INTEGER NOT NULL,
    -- Whether the former projection of its name is shown until this one is complete.
    pending INTEGER NOT NULL DEFAULT 0,
    retired_at INTEGER,
    filling_slot INTEGER UNIQUE,
    -- How far the scan that fills has come.
    filling_position BLOB,
    -- Events folded by the filling so far, for progress.
    filled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, name, fingerprint)
) STRICT;

-- Slots whose rows nobody refers to any more, with how far sweeping has come.
CREATE TABLE dropped_slots (
    slot INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    swept_player TEXT NOT NULL DEFAULT ''
) STRICT;

-- Boards, in points: more is better.
CREATE TABLE board_entries (
    slot INTEGER NOT NULL,
    period INTEGER NOT NULL,
    player_id TEXT NOT NULL,
    -- The negative of points is the score of an ascending board, so it must exist.
    points INTEGER NOT NULL CHECK (points > -9223372036854775807 - 1),
    reached_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    last_id BLOB,
    sum_0 INTEGER NOT NULL CHECK (sum_0 > -9223372036854775807 - 1),
    sum_1 INTEGER NOT NULL CHECK (sum_1 > -9223372036854775807 - 1),
    sum_2 INTEGER NOT NULL CHECK (sum_2 > -9223372036854775807 - 1),
    sum_3 INTEGER NOT NULL CHECK (sum_3 > -9223372036854775807 - 1),
    -- By how much the version of the entry is ahead of its attempts: acts took events away from it.
    -- One that counts none any more stays, with 0 attempts, so that what comes later is newer.
    taken_back INTEGER NOT NULL DEFAULT 0,
    -- Points and sums as they are, where one is beyond 64 bits; the columns hold the nearest that fit.
    beyond TEXT,
    PRIMARY KEY (slot, period, player_id)
) STRICT, WITHOUT ROWID;

-- Figures by time slot and type; the empty type is all types together.
CREATE TABLE figures (
    slot INTEGER NOT NULL,
    grain_ms INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    events INTEGER NOT NULL,
    processing_ms INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (slot, grain_ms, start_at, event_type)
) STRICT, WITHOUT ROWID;
-- The sketches of who was seen, 2,561 bytes each at most. Apart, because the counts change with every
-- batch and a sketch of thousands of players hardly ever does.
CREATE TABLE figure_players (
    slot INTEGER NOT NULL,
    grain_ms INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    players BLOB NOT NULL,
    PRIMARY KEY (slot, grain_ms, start_at, event_type)
) STRICT, WITHOUT ROWID;

-- What is kept of players beside their places on boards, side by side: an event of a player mostly changes all of it, so
-- that it is written together. By the players' numbers, so that those who are new lie side by side, too.
CREATE TABLE player_state (
    player_no INTEGER NOT NULL,
    -- Whose part it is; 0 is that of the statistics.
    slot INTEGER NOT NULL,
    -- Of exact analytics: a row for each day on which the player was active, by the number of the day, and one with what
    -- reaches over days, whose part is 2147483647.
    part INTEGER NOT NULL,
    -- Of exact analytics; core writes and reads it.
    state BLOB,
    -- Of statistics: two lists in JSON that belong together, which statistic and how much. Hardly an event changes
    -- one alone.
    slots TEXT,
    amounts TEXT,
    PRIMARY KEY (player_no, slot, part)
) STRICT, WITHOUT ROWID;
-- What is counted over all players, by days since 1970-01-01 (docs/analytics.md). The key is in the
-- order in which analytics/counters.sql reads.
CREATE TABLE analytics_counters (
    slot INTEGER NOT NULL,
    measure TEXT NOT NULL,
    split TEXT NOT NULL,
    day INTEGER NOT NULL,
    value TEXT NOT NULL,
    item TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (slot, measure, split, day, value, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE players (
    player_id TEXT PRIMARY KEY,
    nickname TEXT,
    nickname_at INTEGER,
    -- By what the nickname is compared with others.
    nickname_skeleton TEXT,
    -- By which rules that was worked out.
    nickname_rules INTEGER,
    secret_hash TEXT,
    secret_at INTEGER,
    -- How often the player's sessions were revoked. Tokens of before are good no longer.
    sessions_revoked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE tournaments (
    tournament_id TEXT PRIMARY KEY,
    series TEXT,
    name TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    -- JSON: the prize tiers as they were when the tournament was created.
    prizes TEXT NOT NULL,
    cancelled_at INTEGER,
    sealed_at INTEGER,
    closed_at INTEGER,
    participants INTEGER
) STRICT, WITHOUT ROWID;
-- tournament/page.sql: the latest start first.
CREATE INDEX tournaments_by_start ON tournaments (starts_at DESC, tournament_id);

CREATE TABLE prizes (
    prize_id BLOB PRIMARY KEY,
    -- Of a prize that an operator awarded there is neither a tournament nor a rank.
    tournament_id TEXT REFERENCES tournaments (tournament_id),
    player_id TEXT NOT NULL,
    rank INTEGER,
    coins INTEGER NOT NULL,
    gems INTEGER NOT NULL,
    awarded_at INTEGER NOT NULL,
    claimed_at INTEGER,
    revoked_at INTEGER,
    UNIQUE (tournament_id, player_id)
) STRICT, WITHOUT ROWID;
-- prize/of_tournament.sql: the prizes of a tournament by rank.
CREATE INDEX prizes_by_rank ON prizes (tournament_id, rank);
-- prize/history.sql, prize/pending.sql and prize/statistics.sql: the prizes of a player.
CREATE INDEX prizes_by_player ON prizes (player_id, awarded_at);

-- When events did not count, because an operator said so. The row of one that counts again stays, and so
-- does that of an event that retention removed: should it come again, it does not count either.
CREATE TABLE voids (
    player_id TEXT NOT NULL,
    event_id BLOB NOT NULL,
    voided_at INTEGER NOT NULL,
    unvoided_at INTEGER,
    PRIMARY KEY (player_id, event_id, voided_at)
) STRICT, WITHOUT ROWID;

-- Events that broke a rule: they do not count, by a row of `voids`, unless an operator accepts them.
CREATE TABLE reviews (
    review_no INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id TEXT NOT NULL,
    event_id BLOB NOT NULL,
    event_time INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    counted_at INTEGER,
    content INTEGER NOT NULL,
    payload TEXT NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- When the event was applied.
    held_at INTEGER NOT NULL,
    -- NULL while it waits.
    decided_at INTEGER,
    accepted INTEGER NOT NULL,
    note TEXT,
    -- review/hold.sql: an event is held once.
    UNIQUE (player_id, event_id)
) STRICT;
-- review/page.sql: what waits, the oldest first.
CREATE INDEX reviews_waiting ON reviews (review_no) WHERE decided_at IS NULL;
-- review/waiting_of.sql: what waits of a player; review/players.sql: of whom something waits.
CREATE INDEX reviews_waiting_of ON reviews (player_id, review_no) WHERE decided_at IS NULL;

-- What is remembered of players for rules over several events, as JSON that core writes and reads.
CREATE TABLE player_memories (
    player_id TEXT PRIMARY KEY,
    memory TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What tickets for runs are signed with. Another database has another one.
CREATE TABLE ticket_keys (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
) STRICT;
INSERT INTO ticket_keys VALUES (1, lower(hex(randomblob(32))));

-- Tickets that came back, by the events that began their runs, for as long as they would be good.
CREATE TABLE used_tickets (
    player_id TEXT NOT NULL,
    run BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (player_id, run)
) STRICT, WITHOUT ROWID;
-- ticket/forget.sql: those that are good no longer.
CREATE INDEX used_tickets_by_end ON used_tickets (until);

-- player/has_other.sql, player/bearers.sql and player/called_like.sql: who is called so, or begins so.
CREATE INDEX players_by_skeleton ON players (nickname_skeleton, player_id)
    WHERE nickname_skeleton IS NOT NULL;
-- player/of_other_rules.sql: whose names other rules compared.
CREATE INDEX players_by_rules ON players (nickname_rules) WHERE nickname_rules IS NOT NULL;

-- Names that operators have blocked, by what they are compared by.
CREATE TABLE blocked_names (
    skeleton TEXT PRIMARY KEY,
    -- By which rules the skeleton was worked out.
    rules INTEGER NOT NULL,
    nickname TEXT NOT NULL,
    blocked_at INTEGER NOT NULL,
    note TEXT
) STRICT, WITHOUT ROWID;

-- Bans. The row of one that was lifted stays, because its version only grows.
CREATE TABLE bans (
    player_id TEXT PRIMARY KEY,
    is_banned INTEGER NOT NULL,
    -- Whether the player is shown the boards as if there were no ban.
    shadow INTEGER NOT NULL,
    until INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who had a place in a tournament and was banned when it was closed.
CREATE TABLE passed_over (
    tournament_id TEXT NOT NULL REFERENCES tournaments (tournament_id),
    player_id TEXT NOT NULL,
    PRIMARY KEY (tournament_id, player_id)
) STRICT, WITHOUT ROWID;

-- The key of tombstones; no row before the first.
CREATE TABLE erasure_keys (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
) STRICT;

-- Players who were erased or are to be. Nothing of them is taken in any more.
CREATE TABLE erasures (
    job_id BLOB PRIMARY KEY,
    -- A hash of the player's id under the key of tombstones.
    tombstone BLOB NOT NULL UNIQUE,
    -- NULL once it is done.
    player_id TEXT,
    requested_at INTEGER NOT NULL,
    finished_at INTEGER,
    -- Raw events at first, and how many of them are gone.
    events INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    receipt TEXT
) STRICT, WITHOUT ROWID;

-- That somebody asked for a player to be erased, until an operator decides: 1,000 rows at most (core/src/limits.rs).
CREATE TABLE erasure_requests (
    player_id TEXT PRIMARY KEY,
    message TEXT,
    asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Players who were moved: whatever comes of them is of who they became. That is nobody who was moved.
CREATE TABLE moved_players (
    player_id TEXT PRIMARY KEY,
    moved_to TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- joining/aliases.sql, joining/follow.sql and joining/forget.sql: who became a player.
CREATE INDEX moved_players_by_end ON moved_players (moved_to);

-- Named keys of operators and game servers. The key itself is not here, only the hash of its secret.
CREATE TABLE access_keys (
    key_id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    -- Such as `boards:read players:act`.
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
-- access_key/create.sql: a name means one key that is good.
CREATE UNIQUE INDEX access_keys_by_name ON access_keys (name) WHERE revoked_at IS NULL;

-- Sessions of operators that were ended before their time, until they would be over by themselves.
CREATE TABLE ended_sessions (
    session TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What operators and keys did. Rows are only added.
CREATE TABLE audit_log (
    audit_no INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    key_id BLOB,
    address TEXT,
    what TEXT NOT NULL,
    target TEXT NOT NULL,
    note TEXT,
    -- JSON: what the act changed.
    before TEXT,
    after TEXT
) STRICT;

-- state/probe.sql: written and removed again to find out whether a disk that was full still is.
CREATE TABLE probes (
    id INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
) STRICT;

-- For people: every stored event as its client sent it.
CREATE VIEW readable_events AS
SELECT p.player_id, lower(hex(e.event_id)) AS event_id, e.event_time, s.event_type,
    coalesce(e.counted_at, e.event_time) AS happened_at, e.received_at, e.applied_at,
    CASE s.names WHEN '' THEN e.payload ELSE (
        SELECT json_group_object(n.value, json(e.payload -> CAST(n.key AS INTEGER)))
        FROM json_each(s.names) n
    ) END AS payload
FROM events e
JOIN player_numbers p ON p.player_no = e.player_no
JOIN payload_shapes s ON s.shape_no = e.shape_no;
