use super::*;

const MINUTE_MS: i64 = 60 * 1_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const YEAR_MS: i64 = 365 * DAY_MS;

fn start() -> Timestamp {
    Timestamp::parse("2026-11-23T10:00:00Z").expect("a time")
}

/// Clocks that a test sets, on a machine that runs.
struct Clocks {
    keeping: Timekeeping,
    /// How long the test has lasted, which is the truth.
    elapsed_ms: i64,
    /// How far the clock that stamps is off.
    off_ms: i64,
    /// The same of the one that bears witness, if there is one.
    witness_off_ms: Option<i64>,
}

impl Clocks {
    fn new(witness_off_ms: Option<i64>) -> Self {
        let keeping = Timekeeping::default();
        let mut clocks = Self { keeping, elapsed_ms: 0, off_ms: 0, witness_off_ms };
        let reading = clocks.reading();
        assert_eq!(clocks.keeping.begin(None, reading).doubt, None);
        clocks
    }

    /// Another process on the same machine, with what the store kept.
    fn restarted(self, note: ClockNote) -> (Self, Told) {
        let mut clocks = Self { keeping: Timekeeping::default(), ..self };
        let reading = clocks.reading();
        let told = clocks.keeping.begin(Some(note), reading);
        (clocks, told)
    }

    fn reading(&self) -> Reading {
        let truth = start().plus_ms(self.elapsed_ms);
        Reading {
            told: truth.plus_ms(self.off_ms),
            witness: self.witness_off_ms.map(|off_ms| truth.plus_ms(off_ms)),
            uptime: Duration::from_millis(self.elapsed_ms.unsigned_abs()),
        }
    }

    fn read(&mut self) -> Told {
        let reading = self.reading();
        self.keeping.read(reading)
    }

    fn note(&mut self) -> ClockNote {
        let reading = self.reading();
        self.keeping.note(reading)
    }

    /// Lets time pass with a reading every minute, and answers the last one.
    fn pass(&mut self, ms: i64) -> Told {
        let mut told = None;
        for _ in 0..ms / MINUTE_MS {
            self.elapsed_ms += MINUTE_MS;
            told = Some(self.read());
        }
        told.expect("at least a minute")
    }

    fn truth(&self) -> Timestamp {
        start().plus_ms(self.elapsed_ms)
    }
}

#[test]
fn a_year_ahead_or_back_moves_nothing_until_an_operator_says_so() {
    for jump_ms in [YEAR_MS, -YEAR_MS, 130 * DAY_MS] {
        let mut clocks = Clocks::new(None);
        clocks.pass(HOUR_MS);
        clocks.off_ms = jump_ms;
        clocks.elapsed_ms += 500;
        let told = clocks.read();
        assert_eq!((told.time, told.turn), (clocks.truth(), Some(Turn::Doubted)));
        let doubt = told.doubt.expect("time is in doubt");
        assert_eq!((doubt.offset_ms, doubt.proved_in_ms), (jump_ms, None));

        let told = clocks.pass(3 * DAY_MS);
        assert_eq!((told.time, told.turn), (clocks.truth(), None), "it goes on from before");
        assert!(told.doubt.is_some(), "nothing but time has passed");

        let reading = clocks.reading();
        let told = clocks.keeping.trust(reading).expect("there was something to trust");
        assert_eq!((told.time, told.doubt), (clocks.truth().plus_ms(jump_ms), None));
        assert_eq!(told.turn, Some(Turn::Accepted(Proof::Operator)));
        assert_eq!(clocks.keeping.epoch(), 1);
        assert_eq!(clocks.keeping.trust(reading), None, "there is nothing left to trust");
        assert_eq!(clocks.pass(HOUR_MS).time, clocks.truth().plus_ms(jump_ms));
    }
}

#[test]
fn what_time_servers_correct_is_no_jump() {
    let mut clocks = Clocks::new(None);
    for step_ms in [130, -130, 2_000, -45_000, 60_000, -60_000] {
        clocks.off_ms += step_ms;
        let told = clocks.pass(MINUTE_MS);
        assert_eq!((told.time, told.doubt), (clocks.reading().told, None), "{step_ms}");
    }
}

#[test]
fn a_clock_that_comes_back_was_never_followed() {
    let mut clocks = Clocks::new(None);
    clocks.off_ms = YEAR_MS;
    assert!(clocks.pass(10 * MINUTE_MS).doubt.is_some());
    clocks.off_ms = 0;
    clocks.elapsed_ms += 1;
    let told = clocks.read();
    assert_eq!((told.time, told.doubt), (clocks.truth(), None));
    assert_eq!((told.turn, clocks.keeping.epoch()), (Some(Turn::CameBack), 0));
}

#[test]
fn a_jump_of_hours_proves_itself_by_holding_and_starts_anew_when_it_jumps_again() {
    let mut clocks = Clocks::new(None);
    // A machine that was put to sleep, where the system does not tell for how long.
    clocks.off_ms = 8 * HOUR_MS;
    let doubt = clocks.pass(10 * MINUTE_MS).doubt.expect("in doubt");
    assert_eq!(doubt.proved_in_ms, Some(6 * MINUTE_MS));
    clocks.off_ms = 3 * HOUR_MS;
    clocks.elapsed_ms += 1;
    let doubt = clocks.read().doubt.expect("still in doubt");
    assert_eq!(doubt.proved_in_ms, Some(CLOCK_PROOF_MS));
    assert!(clocks.pass(14 * MINUTE_MS).doubt.is_some());
    let told = clocks.pass(MINUTE_MS);
    assert_eq!((told.turn, told.doubt), (Some(Turn::Accepted(Proof::Held)), None));
    assert_eq!(told.time, clocks.reading().told);
}

#[test]
fn a_machine_whose_sleep_is_counted_does_not_jump_when_it_wakes() {
    let mut clocks = Clocks::new(None);
    clocks.pass(HOUR_MS);
    clocks.elapsed_ms += 9 * HOUR_MS;
    let told = clocks.read();
    assert_eq!((told.time, told.doubt), (clocks.truth(), None));
}

#[test]
fn a_clock_that_did_not_jump_proves_a_correction_and_refutes_an_error() {
    // The database's clock was an hour slow and is put right: the machine's said so all along.
    let mut clocks = Clocks::new(Some(HOUR_MS));
    clocks.pass(20 * MINUTE_MS);
    clocks.off_ms = HOUR_MS;
    let told = clocks.pass(MINUTE_MS);
    assert_eq!(
        (told.time, told.turn),
        (clocks.reading().told, Some(Turn::Accepted(Proof::Witness)))
    );

    // The database's clock goes wrong by an hour: the machine's says otherwise, for however long.
    let mut clocks = Clocks::new(Some(0));
    clocks.pass(20 * MINUTE_MS);
    clocks.off_ms = HOUR_MS;
    let told = clocks.pass(5 * HOUR_MS);
    assert_eq!(told.time, clocks.truth());
    assert_eq!(told.doubt.expect("in doubt").proved_in_ms, None);
}

#[test]
fn two_clocks_of_one_machine_that_jump_together_prove_nothing() {
    let mut clocks = Clocks::new(Some(0));
    clocks.pass(20 * MINUTE_MS);
    // The witness is read first, as it is whenever the database has not been asked yet.
    clocks.witness_off_ms = Some(YEAR_MS);
    clocks.elapsed_ms += 1;
    assert_eq!(clocks.read().doubt, None);
    clocks.off_ms = YEAR_MS;
    let told = clocks.pass(5 * DAY_MS);
    assert_eq!(told.time, clocks.truth());
    assert!(told.doubt.is_some());
}

#[test]
fn the_machines_own_clock_may_jump_where_the_databases_counts() {
    let mut clocks = Clocks::new(Some(0));
    clocks.witness_off_ms = Some(-YEAR_MS);
    let told = clocks.pass(HOUR_MS);
    assert_eq!((told.time, told.doubt), (clocks.truth(), None));
}

#[test]
fn a_start_far_from_what_the_store_kept_is_a_jump_and_weeks_of_rest_are_none() {
    let day = |days: i64| days * DAY_MS;
    for (off_ms, is_jump) in [
        (day(23), false),
        (day(28), false),
        (day(29), true),
        (YEAR_MS, true),
        (-MINUTE_MS, false),
        (-2 * MINUTE_MS, true),
        (-YEAR_MS, true),
    ] {
        let mut clocks = Clocks::new(None);
        let note = clocks.note();
        clocks.off_ms = off_ms;
        let (clocks, told) = clocks.restarted(note);
        assert_eq!(told.doubt.is_some(), is_jump, "{off_ms}");
        let expected = if is_jump { clocks.truth() } else { clocks.reading().told };
        assert_eq!(told.time, expected, "{off_ms}");
        assert_eq!(told.turn, is_jump.then_some(Turn::Doubted));
    }
}

#[test]
fn a_restart_does_not_prove_a_jump() {
    for jump_ms in [20 * DAY_MS, YEAR_MS, -YEAR_MS] {
        let mut clocks = Clocks::new(None);
        clocks.off_ms = jump_ms;
        clocks.pass(MINUTE_MS);
        let note = clocks.note();
        assert_eq!(note.offset_ms, Some(jump_ms));
        clocks.elapsed_ms += HOUR_MS;
        let (mut clocks, told) = clocks.restarted(note);
        assert_eq!(told.time, clocks.truth(), "the hour of rest counts");
        assert_eq!(told.doubt.expect("in doubt").offset_ms, jump_ms);

        // Put right while the server was down again.
        let note = clocks.note();
        clocks.off_ms = 0;
        clocks.elapsed_ms += 2 * DAY_MS;
        let (clocks, told) = clocks.restarted(note);
        assert_eq!((told.time, told.doubt), (clocks.truth(), None), "{jump_ms}");
    }
}

#[test]
fn a_clock_that_is_put_right_after_a_doubtful_start_is_followed_though_time_was_lost_meanwhile() {
    let mut clocks = Clocks::new(None);
    let note = clocks.note();
    clocks.elapsed_ms += 10 * DAY_MS;
    clocks.off_ms = YEAR_MS;
    let (mut clocks, told) = clocks.restarted(note);
    assert_eq!(told.time, start(), "nobody can tell how long it rested");
    clocks.off_ms = 0;
    let told = clocks.pass(MINUTE_MS);
    assert_eq!((told.time, told.doubt), (clocks.truth(), None));
    assert_eq!(told.turn, Some(Turn::Accepted(Proof::Fits)));
}

#[test]
fn what_one_node_accepts_the_others_accept_and_one_that_saw_no_jump_vouches() {
    let mut one = Clocks::new(None);
    let mut other = Clocks::new(None);
    for node in [&mut one, &mut other] {
        node.off_ms = YEAR_MS;
        node.pass(MINUTE_MS);
    }
    // Nobody has accepted anything: a note of a node that doubts too vouches for nothing.
    let (note, reading) = (one.note(), other.reading());
    assert!(other.keeping.heed(note, reading).doubt.is_some());
    let reading = one.reading();
    one.keeping.trust(reading).expect("accepted");
    let (note, reading) = (one.note(), other.reading());
    let told = other.keeping.heed(note, reading);
    assert_eq!((told.time, told.doubt), (reading.told, None));
    assert_eq!((told.turn, other.keeping.epoch()), (Some(Turn::Accepted(Proof::Node)), 1));

    // This one's machine stood still for three days, and nothing told it.
    let mut slept = Clocks::new(None);
    slept.off_ms = 3 * DAY_MS;
    assert!(slept.pass(MINUTE_MS).doubt.is_some());
    let last_at = slept.reading().told.plus_ms(-MINUTE_MS);
    let reading = slept.reading();
    let told = slept.keeping.heed(ClockNote { epoch: 0, last_at, offset_ms: None }, reading);
    assert_eq!((told.time, told.doubt), (reading.told, None));
}

#[test]
fn before_anything_is_known_the_clock_is_followed_wherever_it_goes() {
    let mut keeping = Timekeeping::default();
    for ms in [0, YEAR_MS, -YEAR_MS] {
        let told = start().plus_ms(ms);
        let reading = Reading { told, witness: None, uptime: Duration::ZERO };
        assert_eq!(keeping.read(reading), Told { time: told, doubt: None, turn: None });
    }
}

#[test]
fn a_note_tells_whether_a_server_that_starts_now_would_doubt_its_clock() {
    let note = |offset_ms| ClockNote { epoch: 1, last_at: Timestamp::EPOCH, offset_ms };
    let told = |ms| note(None).doubts(Timestamp::EPOCH.plus_ms(ms));
    assert_eq!(told(CLOCK_DOWNTIME_MAX_MS), None);
    assert_eq!(told(-CLOCK_STEP_TOLERATED_MS), None);
    let ahead = told(CLOCK_DOWNTIME_MAX_MS + 60_000).expect("no game is down for so long");
    assert!(ahead.contains("672 h 1 min ahead of the last time"), "{ahead}");
    let behind = told(-7_200_000).expect("time does not go back");
    assert!(behind.contains("2 h 0 min behind"), "{behind}");
    let jumped = note(Some(3_600_000)).doubts(Timestamp::EPOCH).expect("it jumped");
    assert!(jumped.contains("1 h 0 min ahead of the time that counts"), "{jumped}");
}
