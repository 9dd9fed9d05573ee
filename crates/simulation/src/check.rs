//! What must be true once everything has come to rest. Each complaint is a sentence for whoever repeats the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::fold::{Changes, FigureKey, Layer, Plan, ProjectionKind, State};
use scoreline_core::id::{BoardKey, EventKey, PlayerId, Slot};
use scoreline_core::queue::{Queue, QueueSettings};
use scoreline_core::rank::PlayerEntry;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;
use scoreline_testkit::queue_conformance::world::DATABASE;

use crate::database::Database;
use crate::devices::{Sent, Stage};
use crate::nodes::Running;
use crate::reckoning::{self, Happened, Rows};
use crate::shared::Shared;

/// All that is wrong. While something waits that must come to an end first, only that.
pub async fn complaints(shared: &Arc<Shared>, stage: &Stage) -> Vec<String> {
    let mut found = Vec::new();
    waiting(shared, &mut found).await;
    if !found.is_empty() {
        return found;
    }
    {
        let mut database = shared.database.lock();
        let ledger = stage.ledger.lock();
        let plan = database.plan(&stage.definition).expect("the definition is in force");
        kept(&database, &ledger, &mut found);
        folded(&database, &plan, &mut found);
        let events = counted(&database, &ledger);
        boards(&database, &plan, &events, &mut found);
        for tournament in &database.tournaments {
            closed(&database, tournament, &events, &mut found);
        }
    }
    let nodes: Vec<Arc<Running>> = stage.nodes.lock().iter().flatten().cloned().collect();
    for node in nodes.iter().filter(|node| !node.line.life.is_over()) {
        shown(shared, node, &mut found).await;
    }
    found
}

/// No tournament waits to be closed and nothing waits in the queue, and nothing was lost in it.
async fn waiting(shared: &Shared, found: &mut Vec<String>) {
    for tournament in &shared.database.lock().tournaments {
        if tournament.closed_at.is_none() {
            found.push(format!("tournament {} is not closed", tournament.id));
        }
    }
    let looking = shared.broker.connect(QueueSettings::of(DATABASE));
    let Ok(figures) = looking.figures().await else {
        found.push("the queue does not answer".to_owned());
        return;
    };
    let open: u64 = figures.by_class.iter().map(|(_, class)| class.open_events()).sum();
    if open > 0 {
        found.push(format!("{open} events wait in the queue"));
    }
    if figures.losses.times > 0 {
        found.push(format!("the queue lost {} events", figures.losses.events));
    }
}

/// Every event that was promised is kept, each once, and as of a receipt that it had.
fn kept(database: &Database, ledger: &BTreeMap<EventKey, Sent>, found: &mut Vec<String>) {
    for (key, sent) in ledger {
        let name = format!("event {} of {}", key.id, key.player);
        let promised = sent.promised.iter().min();
        let (stored, dead) = (database.events.get(key), database.dead.contains_key(key));
        match stored {
            None if promised.is_some() && !dead => found.push(format!("{name} is lost")),
            Some(_) if dead => found.push(format!("{name} is stored and among the dead")),
            Some(kept) if !sent.receipts.contains(&kept.event.received_at) => {
                found.push(format!("{name} has a receipt that it never had"));
            }
            Some(kept) if promised.is_some_and(|promised| *promised < kept.event.received_at) => {
                let counts = kept.event.received_at;
                found.push(format!("{name} counts as of {counts}, not of {promised:?}"));
            }
            _ => {}
        }
    }
    for key in database.events.keys().filter(|key| !ledger.contains_key(key)) {
        found.push(format!("event {} of {} was never sent", key.id, key.player));
    }
}

/// Derived state, put together batch by batch, is what all events say at once.
fn folded(database: &Database, plan: &Plan, found: &mut Vec<String>) {
    let events = database.events.values().map(|kept| (&kept.event, kept.applied_at));
    let mut again = State::default();
    let changes = plan.fold(events, Layer::Recompute).expect("values are small");
    again.absorb(&changes).expect("values are small");
    let State { boards, statistics, figures, parts, counters } = &database.state;
    // Of events that count at another time since, what sketches hold of before lies in the baselines.
    for projection in &plan.projections {
        let baseline = figures.iter().filter(|(key, _)| key.slot == projection.baseline());
        let figures = baseline.map(|(key, figure)| {
            (FigureKey { slot: projection.slot, ..key.clone() }, figure.clone())
        });
        let figures = figures.collect();
        again.absorb(&Changes { figures, ..Changes::default() }).expect("values are small");
    }
    let live = figures.iter().filter(|(key, _)| key.slot.0 > 0);
    let counts = |attempts: i64| attempts > 0;
    let differing = [
        ("boards", boards.iter().filter(|row| counts(row.1.attempts)).ne(again.boards.iter())),
        ("statistics", *statistics != again.statistics),
        ("figures", live.ne(again.figures.iter())),
        ("players' parts of analytics", *parts != again.parts),
        ("counters of analytics", *counters != again.counters),
    ];
    for (what, _) in differing.into_iter().filter(|(_, differ)| *differ) {
        found.push(format!("{what} are not the fold of the events"));
    }
}

/// The events that count, as they were sent and as of their receipts.
fn counted(database: &Database, ledger: &BTreeMap<EventKey, Sent>) -> Vec<Happened> {
    let one = |(key, sent): (&EventKey, &Sent)| {
        let event = &database.events.get(key)?.event;
        Some(Happened {
            player: key.player.clone(),
            id: key.id,
            event_type: sent.event_type,
            value: sent.value,
            received_at: event.received_at,
            counted_at: event.counted_at,
        })
    };
    ledger.iter().filter_map(one).collect()
}

/// Boards and statistics say what was reckoned.
fn boards(database: &Database, plan: &Plan, events: &[Happened], found: &mut Vec<String>) {
    let slot = |kind, name| plan.projection(kind, name).expect("it is in the definition").slot;
    let always =
        |name| BoardKey { slot: slot(ProjectionKind::Board, name), period: Timestamp::EPOCH };
    let best = reckoning::best(events, Timestamp::MIN, Timestamp::MAX);
    compare(database, "best", always("best"), &best, found);
    compare(database, "latest", always("latest"), &reckoning::latest(events), found);
    let minute = slot(ProjectionKind::Board, "minute");
    for (period, rows) in reckoning::minutes(events) {
        compare(database, "minute", BoardKey { slot: minute, period }, &rows, found);
    }
    let runs = slot(ProjectionKind::Statistic, "runs");
    let of_runs = database.state.statistics.iter().filter(|((_, slot), _)| *slot == runs);
    let counts: BTreeMap<PlayerId, i128> =
        of_runs.map(|((player, _), count)| (player.clone(), *count)).collect();
    if counts != reckoning::counts(events) {
        found.push("the runs of players are counted wrongly".to_owned());
    }
}

fn compare(database: &Database, name: &str, board: BoardKey, due: &Rows, found: &mut Vec<String>) {
    let row = |one: PlayerEntry| {
        let (standing, attempts) = (one.entry.standing, one.entry.attempts);
        (one.player, (standing.points, standing.reached_at, attempts))
    };
    let kept: Rows = database.entries_of(board).into_iter().map(row).collect();
    if kept != *due {
        found.push(format!("board {name} holds {kept:?}, and {due:?} is due"));
    }
}

/// All that was received within the time of a tournament counts in it, and prizes are those of its standings.
fn closed(
    database: &Database,
    tournament: &Tournament,
    events: &[Happened],
    found: &mut Vec<String>,
) {
    let id = &tournament.id;
    let due = reckoning::best(events, tournament.starts_at, tournament.ends_at);
    let board = BoardKey { slot: tournament.slot, period: Timestamp::EPOCH };
    compare(database, id, board, &due, found);
    let of_it = database.prizes.iter().filter(|((of, _), _)| of == id);
    let won: BTreeSet<(PlayerId, i64)> =
        of_it.map(|((_, player), prize)| (player.clone(), prize.coins)).collect();
    let prizes = reckoning::prizes(&due);
    if won != prizes {
        found.push(format!("prizes of {id} are {won:?}, and {prizes:?} are due"));
    }
}

/// A node shows what the database holds.
async fn shown(shared: &Shared, node: &Running, found: &mut Vec<String>) {
    let held: Vec<(BoardKey, Vec<PlayerEntry>)> = {
        let database = shared.database.lock();
        let boards: BTreeSet<BoardKey> = database.state.boards.keys().map(|key| key.0).collect();
        boards.into_iter().map(|board| (board, database.ranked(board))).collect()
    };
    let name = |slot: Slot| {
        let database = shared.database.lock();
        let cup = database.tournaments.iter().find(|one| one.slot == slot);
        cup.map_or_else(|| format!("slot {}", slot.0), |cup| cup.id.to_string())
    };
    let ranks = node.workers.ranks();
    for (board, due) in held {
        let shown = match ranks.range(board, 0, due.len() + 1).await {
            Ok(shown) => shown.answer,
            Err(error) => {
                found.push(format!("node {} shows nothing: {error}", node.line.node));
                return;
            }
        };
        let shown: Vec<PlayerEntry> = shown
            .into_iter()
            .map(|place| PlayerEntry { player: place.player, entry: place.entry })
            .collect();
        if shown != due {
            let (node, of) = (node.line.node, name(board.slot));
            found.push(format!("node {node} shows {shown:?} of {of}, and {due:?} is stored"));
        }
    }
}
