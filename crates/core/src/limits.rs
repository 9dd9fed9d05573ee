//! The limits that clients, operators or several crates rely on, in one place: sizes, counts, times
//! and rates, with their units in their names. What concerns one file alone is named on top of it.
//!
//! Limits that an operator may change are defaults here and settings in `scoreline.toml`; the rest
//! are part of the contract with clients, or of how the parts work together.

/// Events in one POST, by default.
pub const BATCH_EVENTS_MAX: usize = 500;
/// Bytes of one request body after decompression, by default: 10 MiB.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of a body that is ordinary: 64 KiB, hundreds of events. Larger ones share the room below.
pub const BODY_BYTES_ORDINARY: usize = 64 * 1024;
/// Bytes of all bodies larger than that which may be in memory at once, received and inflated, before
/// more are refused with 503: 256 MiB.
pub const BODIES_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How many addresses it takes at least to fill that room: each may have a quarter of it.
pub const BODIES_ADDRESS_SHARE: usize = 4;
/// Bytes of a body that is no batch of events: 1 MiB.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// How many times the size that was sent a body may inflate to, where that is no ordinary size. Events
/// compress to a tenth or a fiftieth; a thousandth is nobody's data.
pub const INFLATION_RATIO_MAX: usize = 200;
/// Sets of names of fields that SQLite keeps once for all events that have the same ones. Payloads with further sets lie
/// whole in their events.
pub const PAYLOAD_SHAPES_MAX: usize = 10_000;
/// Members of gzip or frames of zstd in one body.
pub const BODY_PARTS_MAX: usize = 64;
/// The logarithm of the bytes that zstd may look back, as a decoder keeps them in memory: 8 MiB.
pub const INFLATION_WINDOW_LOG_MAX: u32 = 23;
/// Bytes of a body that is inflated and checked by the thread that serves its request: 256 KiB. Larger
/// ones wait for their turn beside those threads.
pub const WORK_BYTES_INLINE_MAX: usize = 256 * 1024;
/// Pieces of such work of one address that may stand in line or run.
pub const HEAVY_OF_ADDRESS_MAX: usize = 4;
/// How long a further piece waits to stand in line before it is refused with 503: 1 s. Whoever asks
/// again as soon as they are refused is slowed down by that.
pub const HEAVY_WAIT_MS_MAX: u64 = 1_000;
/// Bytes of a request's head: 64 KiB.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Connections of clients, by default.
pub const CONNECTIONS_MAX: usize = 10_000;
/// How many addresses it takes at least to have them all: each may have half of them.
pub const CONNECTIONS_ADDRESS_SHARE: usize = 2;
/// Which part of the connections is closed at once where room is needed: a sixteenth, as far as they rest.
pub const CONNECTIONS_ROOM_SHARE: usize = 16;
/// Files that are left to everything but the connections of clients.
pub const FILES_RESERVED: usize = 128;
/// How long a new client may take to send the head of its first request: 5 s.
pub const FIRST_HEAD_MS_MAX: u64 = 5_000;
/// How long a later head may take from its first byte to its last: 10 s.
pub const HEAD_MS_MAX: u64 = 10_000;
/// How long a connection may rest between two requests: 75 s. Longer than proxies keep theirs (60 s is
/// usual), so that none sends a request into a connection that is just being closed.
pub const CONNECTION_IDLE_MS_MAX: u64 = 75_000;
/// How long a body may take, beside what its size is worth: 30 s.
pub const BODY_MS_MAX: u64 = 30_000;
/// How long a body may pause while it arrives: 10 s.
pub const BODY_SILENCE_MS_MAX: u64 = 10_000;
/// Bytes that the system keeps of what a client has not read yet: 256 KiB.
pub const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// How long a request waits for its answer before it is told to come again, operators' requests aside:
/// 15 s. More than a request with events waits to be stored.
pub const ANSWER_MS_MAX: u64 = 15_000;
/// How long the reader of an answer may take, beside what its size is worth: 30 s.
pub const WRITE_MS_MAX: u64 = 30_000;
/// The bytes that are worth a second more to whoever sends or reads them: 128 KiB.
pub const PROGRESS_BYTES_PER_S: u64 = 128 * 1024;
/// How long a connection whose client is still sending is kept after its last answer: 2 s.
pub const LINGER_MS_MAX: u64 = 2_000;
/// Bytes that are thrown away meanwhile: 1 MiB.
pub const LINGER_BYTES_MAX: usize = 1024 * 1024;
/// Characters of the admin token, the server key and what signs players' tokens, at least.
pub const SECRET_CHARS_MIN: usize = 16;
/// Bytes of one event's JSON text. A larger one is rejected; the rest of its batch goes on.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;
/// Bytes that are kept of a rejected event's text: 4 KiB. Of a longer one the beginning is kept.
pub const REJECTED_RAW_BYTES_MAX: usize = 4 * 1024;
/// Bytes that are kept of the texts of one request's rejected events: 256 KiB.
pub const REQUEST_RAW_BYTES_MAX: usize = 256 * 1024;
/// Bytes that are kept of a rejected event's text beyond that.
pub const REJECTED_RAW_BYTES_LEAST: usize = 256;
/// MiB that quarantine may take in the database, and as much the dead events, by default.
pub const SET_ASIDE_MIB_MAX: u32 = 64;
/// Days that events in quarantine and dead ones are kept, by default.
pub const SET_ASIDE_DAYS: u32 = 90;
/// Bytes that an entry is counted with beside its texts: its numbers and its place in the indexes.
pub const SET_ASIDE_ENTRY_BYTES: usize = 256;
/// To which share of its room what is set aside is brought down once it is full, in percent: the oldest is
/// looked for seldom then.
pub const SET_ASIDE_TRIMMED_PERCENT: u64 = 90;
/// How many dead events of one player count towards an alert: what a single one sends alarms nobody.
pub const DEAD_OF_PLAYER_ALARMING_MAX: i64 = 10;
/// Events that are removed at once where room is made. Others write in between.
pub const ROOM_STEP_EVENTS: usize = 1_000;
/// Bytes of events that are given up at once: 1 MiB. On a full disk, there is little room to write them anew.
pub const DISCARD_STEP_BYTES: i64 = 1024 * 1024;
/// Bytes that are kept for operators on the disk of an embedded store, at most: 16 MiB. They are let go of
/// when the disk is full, for what makes room on it. A small disk keeps a sixteenth of its size.
pub const RESERVE_BYTES: u64 = 16 * 1024 * 1024;
/// Requests with events that one player may send a minute, by default, where a server is reached from
/// elsewhere.
pub const PLAYER_REQUESTS_PER_MINUTE: u32 = 1_200;
/// Tries a minute to have a session of one player, from one address.
pub const GUESSES_PER_MINUTE: u32 = 20;
/// New players a minute from one address: a school or a café.
pub const BINDINGS_OF_ADDRESS_PER_MINUTE: u32 = 120;
/// Times a minute that one address may use the page by which players ask to be erased.
pub const ERASURE_ASKED_PER_MINUTE: u32 = 10;
/// Requests of players to be erased that wait for an operator at once: beyond that, none is taken.
pub const ERASURE_REQUESTS_MAX: usize = 1_000;
/// Characters of what a player says beside such a request.
pub const ERASURE_MESSAGE_CHARS_MAX: usize = 300;
/// Days after which a secret that was bound to a player of whom nothing else was ever heard is forgotten.
pub const UNUSED_BINDING_DAYS: i64 = 30;
/// The last events of a player of which one must be known by whoever claims the player.
pub const CLAIM_EVENTS: usize = 20;
/// New players a minute in all.
pub const BINDINGS_PER_MINUTE: u32 = 6_000;
/// KiB of bodies, after inflating, that one address may send a minute: 128 MiB, some three hundred thousand
/// events. Twice that of the largest body where that is more.
pub const ADDRESS_KIB_PER_MINUTE: u32 = 128 * 1024;
/// KiB of bodies that one player may send a minute: 32 MiB. Twice that of the largest body where that is more.
pub const PLAYER_KIB_PER_MINUTE: u32 = 32 * 1024;
/// KiB of bodies that may be sent with one key a minute: 4 GiB, some ten million events.
pub const KEY_KIB_PER_MINUTE: u32 = 4 * 1024 * 1024;
/// Bytes of the fields of one event that its type does not know, by default, which are kept: 16 KiB.
pub const UNKNOWN_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the values of one event that are set aside, which are kept: 16 KiB. Of others, only what is wrong
/// with them is.
pub const SET_ASIDE_VALUES_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the list of what was set aside that an event may bring along, as an exported one does: 64 KiB.
pub const FLAWS_LIST_BYTES_MAX: usize = 64 * 1024;
/// Fields of one event, its own and unknown ones together.
pub const EVENT_FIELDS_MAX: usize = 256;
/// Nesting of arrays and objects inside one event.
pub const EVENT_DEPTH_MAX: usize = 32;
/// Flaws and mistakes of one event that its sender is told.
pub const EVENT_FLAWS_TOLD_MAX: usize = 20;
/// Bytes up to which all mistakes of an event are told in one line; the first is told whatever its length.
pub const REJECTED_MESSAGE_BYTES: usize = 1_000;
/// Characters of an `event_id` that is no UUID and still tells events apart, least and most: shorter ones
/// are mostly counters, which start anew.
pub const EVENT_ID_CHARS: std::ops::RangeInclusive<usize> = 16..=255;
/// Characters of a player id.
pub const PLAYER_ID_CHARS_MAX: usize = 255;
/// Characters of a session's or a campaign's id.
pub const CONTEXT_ID_CHARS_MAX: usize = 255;
/// Characters of a locale.
pub const LOCALE_CHARS_MAX: usize = 20;
/// Characters of a country, neither more nor less.
pub const COUNTRY_CHARS: usize = 2;
/// Characters of an event type's name.
pub const EVENT_TYPE_CHARS_MAX: usize = 100;
/// The largest whole number of an event's field, 2^53 − 1, and the negative of the smallest: what
/// every JSON reader holds exactly.
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;
/// Characters of a text field for which the definition names no other limit.
pub const TEXT_CHARS_MAX: usize = 4_096;
/// Sums that one board may keep beside its score.
pub const BOARD_SUMS_MAX: usize = 4;
/// Event types, boards, tournaments or statistics in one definition, each.
pub const DEFINITION_ITEMS_MAX: usize = 1_000;
/// Event types in one definition that are patterns, such as `conversion_*`.
pub const EVENT_PATTERNS_MAX: usize = 100;
/// Characters of a name in a definition: an event type, a field, a board and so on.
pub const DEFINITION_NAME_CHARS_MAX: usize = 100;
/// Characters of a text in a definition that people see: a game's name, a board's title.
pub const DEFINITION_TITLE_CHARS_MAX: usize = 100;
/// Values that a definition may list in one place.
pub const DEFINITION_CHOICES_MAX: usize = 1_000;
/// Platforms of one game.
pub const PLATFORMS_MAX: usize = 50;
/// The greatest scale of a number field: six digits behind the point.
pub const SCALE_MAX: i64 = 1_000_000;
/// Bytes of a definition file.
pub const DEFINITION_BYTES_MAX: usize = 1024 * 1024;

/// How far in the past an event's time may lie before it counts as of its receipt: 30 days.
pub const EVENT_AGE_MAX_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How far in the future an event's time may lie before it counts as of its receipt: 5 minutes.
pub const EVENT_AHEAD_MAX_MS: i64 = 5 * 60 * 1000;
/// How far the time within an event's id may lie ahead of its application before a table of keys leads to the
/// event: 5 minutes.
pub const KEY_AHEAD_MAX_MS: i64 = 5 * 60 * 1000;
/// How far it may lie ahead before the event lies where it was received: 15 minutes. No transaction takes as
/// long as there is between the two, and no two clocks of nodes differ by so much.
pub const KEY_FAR_AHEAD_MS: i64 = 15 * 60 * 1000;
/// The start of 2025, in milliseconds since 1970: a clock before it was never set. It is older than anything
/// that Scoreline can have received.
pub const CLOCK_SET_SINCE_MS: i64 = 1_735_689_600_000;
/// How far `sent_at` may be after the receipt before the device's clock is taken to run ahead: a minute.
pub const CLOCK_SKEW_TOLERATED_MS: i64 = 60 * 1000;

/// How far a clock may step at once before that is a jump: a minute, more than time servers correct.
pub const CLOCK_STEP_TOLERATED_MS: i64 = 60 * 1000;
/// How long a jump must hold to prove itself, and a clock must not have jumped to bear witness: 15
/// minutes.
pub const CLOCK_PROOF_MS: i64 = 15 * 60 * 1000;
/// The greatest jump that proves itself by holding: a day. A machine that slept, or was set to the wrong
/// zone, jumps by less.
pub const CLOCK_PROOF_JUMP_MAX_MS: i64 = 24 * 60 * 60 * 1000;
/// How much later than the store's last time a server may start: 28 days. More is a jump.
pub const CLOCK_DOWNTIME_MAX_MS: i64 = 28 * 24 * 60 * 60 * 1000;
/// How often a server notes the time in the store: every minute.
pub const CLOCK_NOTE_MS: i64 = 60 * 1000;
/// How old a note of another node may be that vouches for the time: 3 minutes.
pub const CLOCK_VOUCHED_MS: i64 = 3 * 60 * 1000;

/// Rows of one leaderboard page.
pub const BOARD_PAGE_MAX: usize = 1_000;
/// Rows of a leaderboard page when the client names no limit.
pub const BOARD_PAGE_DEFAULT: usize = 15;
/// Players of one friends query.
pub const FRIENDS_MAX: usize = 100;
/// Neighbours on each side of one "around me" query.
pub const NEIGHBOURS_MAX: usize = 50;
/// Neighbours on each side of one "around me" query when the client names no number.
pub const NEIGHBOURS_DEFAULT: usize = 5;
/// Periods of a board that its page lists, the latest ones.
pub const BOARD_PERIODS_LISTED_MAX: usize = 100;
/// Rows of one page for operators (recent, dead, quarantine), and of tournaments.
pub const OPERATOR_PAGE_MAX: usize = 1_000;
/// Rows of such a page when no limit is named.
pub const OPERATOR_PAGE_DEFAULT: usize = 100;
/// Entries of quarantine, and dead events, that are looked at to group them: the newest ones, told by their
/// numbers.
pub const SET_ASIDE_GROUPED_MAX: i64 = 100_000;
/// Characters of a device's secret, least and most.
pub const DEVICE_SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=255;
/// Rows of one prize history page.
pub const PRIZE_HISTORY_MAX: usize = 1_000;
/// Rows of a prize history page when the client names no limit.
pub const PRIZE_HISTORY_DEFAULT: usize = 10;
/// Characters of a nickname, least and most, by default.
pub const NICKNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=20;
/// The most characters that a definition may allow a nickname.
pub const NICKNAME_CHARS_MOST: usize = 64;
/// Marks on one letter of a nickname. No language puts more than three on one.
pub const NICKNAME_MARKS_MAX: usize = 4;
/// Entries or names that are read from the store at once while a node loads them.
pub const LOADED_AT_ONCE: usize = 8_192;
/// Boards beyond the current ones that a node holds at most, because somebody asked for them; those
/// that were asked for last.
pub const ASKED_BOARDS_MAX: usize = 32;
/// How long the change feed is kept at least, in PostgreSQL: 2 minutes. A node that heard nothing for
/// longer loads its boards anew.
pub const FEED_KEPT_MS: i64 = 2 * 60 * 1_000;
/// Bytes of changes that a node reads at once after it heard nothing for a while: 64 MiB. Beyond them,
/// loading anew is quicker.
pub const FEED_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// Changes that the feed of an embedded store keeps for its readers.
pub const FEED_CHANGES_MAX: usize = 65_536;
/// How often a node looks into the change feed though nothing rang: every second.
pub const FEED_POLL_MS: u64 = 1_000;
/// How often it does where nothing can ring, because a pooler stands before PostgreSQL: every 50 ms.
pub const FEED_POLL_POOLED_MS: u64 = 50;
/// How long a node that heard an announcement waits for more before it looks: 10 ms.
pub const FEED_GAP_MS: u64 = 10;
/// How long after an announcement of changes a node announces the next: 3 ms.
pub const FEED_RING_MS: u64 = 3;
/// Ranks that win a prize in one tournament.
pub const PRIZE_RANKS_MAX: u64 = 10_000;

/// The events that a listing of the last ones looks through at most for those of a rare type.
pub const RECENT_LOOKED_THROUGH: usize = 200_000;

/// Events of one transaction. Larger ones gain little and delay the acknowledgement.
pub const APPLY_EVENTS_MAX: usize = 8_192;
/// Events that may wait for the next transaction before new ones are refused with 503.
pub const DIRECT_WAITING_EVENTS_MAX: usize = 65_536;
/// Bytes of payload that may wait for the next transaction before new events are refused with 503:
/// 64 MiB. Ordinary events reach the other limit first.
pub const DIRECT_WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long the first in line may wait for the next transaction before new events are refused with 503:
/// 5 s.
pub const DIRECT_WAIT_MAX_MS: u64 = 5_000;
/// How long a request waits for its events to be stored before it is told to come again: 10 s. Less
/// than clients wait, and less than a node may be silent.
pub const DIRECT_ANSWER_MAX_MS: u64 = 10_000;
/// Critical events that may be unsettled in the queue, by default.
pub const QUEUE_OPEN_CRITICAL_EVENTS_MAX: u64 = 5_000_000;
/// Normal events that may be unsettled in the queue, by default.
pub const QUEUE_OPEN_NORMAL_EVENTS_MAX: u64 = 3_000_000;
/// Bulk events that may be unsettled in the queue, by default.
pub const QUEUE_OPEN_BULK_EVENTS_MAX: u64 = 2_000_000;
/// How long a worker may hold events of the queue before others take them over: 60 s.
pub const QUEUE_LEASE_MS: u64 = 60_000;
/// How often the events of the queue are tried before they are dead, by default.
pub const QUEUE_ATTEMPTS_MAX: u32 = 3;
/// The pause after the first attempt that failed: 2 s. It doubles with each.
pub const QUEUE_RETRY_FIRST_MS: u64 = 2_000;
/// The longest pause between two attempts: 5 minutes.
pub const QUEUE_RETRY_LONGEST_MS: u64 = 300_000;
/// Events that a worker takes out of the queue at once. More make a transaction cheaper for each
/// event, and urgent ones wait longer for it.
pub const QUEUE_CLAIM_EVENTS_MAX: usize = 2_000;
/// How long events gather in the queue while others of the node are being applied, so that they make one transaction: 25 ms
/// after the last were taken out, or until those are applied.
pub const QUEUE_GATHER_MS: u64 = 25;
/// Bytes of events that are read from the store at once, wherever they are listed, scanned or tried again:
/// 4 MiB, and one event more. Ordinary ones reach the limits in events first.
pub const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of payloads that one entry of the queue holds, or a single event: 1 MiB.
pub const QUEUE_PARCEL_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of events that a worker takes out of the queue at once: 2 MiB of each class, and one parcel more.
pub const QUEUE_CLAIM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of events that all workers of a node hold at most before another one takes some: 8 MiB. Ordinary
/// ones fill it by ten workers that have all the events they may.
pub const QUEUE_HELD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Events of one step of a rebuild, a verification, a retention run or an export.
pub const SCAN_EVENTS: usize = 4_096;
/// Events that a verification folds at once.
pub const RECOMPUTED_AT_ONCE: usize = 50_000;
/// Bytes of payloads that a verification folds at once, and one page of events more: 4 MiB.
pub const RECOMPUTED_BYTES: usize = 4 * 1024 * 1024;

/// Events of a player who is erased that go in one transaction: a write that comes meanwhile waits for it.
pub const ERASED_AT_ONCE: usize = 1_000;
/// Names that are compared anew in one transaction after the rules for that have changed.
pub const NAMES_RENEWED_AT_ONCE: usize = 1_000;
/// Characters of an event's own text that a list shows at most.
pub const LISTED_TEXT_CHARS: i64 = 4_000;
/// Characters kept of a rejected event's own text when it is not JSON that could be stored whole.
pub const ERROR_TEXT_CHARS_MAX: usize = 500;
/// Types and fields that the figures of events name with their flaws: those with the most.
pub const FLAWS_LISTED_MAX: usize = 100;
/// Days that raw events are kept, by default.
pub const RETENTION_DAYS: u32 = 90;
/// The shortest retention: the window in which a resend is recognised.
pub const RETENTION_DAYS_MIN: u32 = 31;

/// The longest tournament that an operator may create, in days.
pub const TOURNAMENT_DAYS_MAX: i64 = 366;
/// Characters of a tournament's id.
pub const TOURNAMENT_ID_CHARS_MAX: usize = 100;
/// Characters of a tournament's name.
pub const TOURNAMENT_NAME_CHARS_MAX: usize = 100;
/// Coins or gems of one prize.
pub const PRIZE_AMOUNT_MAX: i64 = 1_000_000_000;
/// How long the board of a closed tournament stays in memory whether or not anybody asks for it: 2 days.
pub const CLOSED_HELD_MS: i64 = 2 * 24 * 60 * 60 * 1000;
/// How long the ranks of a board that is over stay in memory after the last question for them: 15
/// minutes.
pub const BOARD_IDLE_MS: i64 = 15 * 60 * 1000;
/// How long before it begins a period of a board or a tournament counts as current and is loaded: a
/// minute.
pub const BOARD_AHEAD_MS: i64 = 60 * 1000;

/// Named keys that one store keeps, revoked ones among them.
pub const KEYS_MAX: usize = 1_000;
/// Characters of a key's name.
pub const KEY_NAME_CHARS_MAX: usize = 100;
/// How long a key may be good, in days.
pub const KEY_DAYS_MAX: usize = 3_650;
/// How long a node believes what it last read of the keys: 1 s. A key that another node revoked is good
/// here for no longer.
pub const KEYS_HELD_MS: i64 = 1_000;
/// How often the last use of a key is written down: once a minute.
pub const KEY_USE_NOTED_MS: i64 = 60 * 1_000;
/// The longest pause within a session: 30 minutes.
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1000;
/// Session ids of one player and day that are told apart. Of more, some are not counted.
pub const SESSIONS_PER_PLAYER_DAY_MAX: usize = 32;
/// Combinations of platform, version and country that a player's day keeps.
pub const CONTEXTS_PER_PLAYER_DAY_MAX: usize = 16;
/// Platforms, versions or countries, each, of one player that are told apart. Of more, some are not
/// counted; the player is.
pub const VALUES_PER_PLAYER_MAX: usize = 48;
/// Characters of a platform, a version, a source or a sink that analytics count under; bytes as well
/// unless it is longer than that and cut.
pub const ANALYTICS_VALUE_CHARS_MAX: usize = 32;
/// Bytes of what is kept of one player and day, at most. The fullest that limits allow is tested.
pub const PLAYER_DAY_BYTES_MAX: usize = 768 * 1024;
/// Bytes of what is kept of one player over all days, at most: ten years of activity with everything
/// else as full as limits allow.
pub const PLAYER_LIFE_BYTES_MAX: usize = 384 * 1024;
/// Funnels of one game.
pub const FUNNELS_MAX: usize = 20;
/// Steps of one funnel.
pub const FUNNEL_STEPS_MAX: u32 = 500;
/// Events of one type whose times are remembered of a player, for rules over several events.
pub const REMEMBERED_TIMES_MAX: usize = 16;
/// Beginnings that are remembered of a player, of one type, for events that must follow one.
pub const REMEMBERED_BEGINNINGS_MAX: usize = 16;
/// The longest time that a rule over several events can name, in seconds: 30 days.
pub const SUSPICION_SECONDS_MAX: i64 = 30 * 24 * 60 * 60;
/// How many events may have to count before improvements are judged.
pub const SUSPICION_AFTER_MAX: i64 = 1_000_000;
/// For how long a ticket for a run is good where the definition does not say: a day.
pub const TICKET_GOOD_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of why an event is in review.
pub const REVIEW_REASON_BYTES_MAX: usize = 1_024;
/// Events in review that a player is shown as if they counted. Of more, the first.
pub const REVIEWS_SHOWN_MAX: usize = 200;
/// Events that wait for review, of all players together. Of more, the oldest are refused.
pub const REVIEWS_WAITING_MAX: u64 = 100_000;
/// Entries of the review list that one act decides.
pub const REVIEWS_DECIDED_MAX: usize = 1_000;
/// Event types that are purchases, sources or sinks, each.
pub const FLOWS_MAX: usize = 50;
/// The most that one event can earn, spend or pay, in the smallest unit. A larger amount counts as
/// nothing: a sum over all players must not end because of one.
pub const FLOW_AMOUNT_MAX: i64 = 1_000_000_000_000;
/// Days that one question about analytics may span.
pub const ANALYTICS_DAYS_MAX: i32 = 400;
/// Days of an answer about analytics when the question names none.
pub const ANALYTICS_DAYS_DEFAULT: i32 = 30;
/// Values of a split that one answer lists; those with the most.
pub const ANALYTICS_VALUES_MAX: usize = 100;
