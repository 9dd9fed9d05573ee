//! What `doctor` asks PostgreSQL and Redis, where they are configured.

use std::time::Duration;

use scoreline_core::id::DatabaseId;
use scoreline_core::queue::{Objection, ObjectionKind, Queue, QueueFigures};
use scoreline_server::{
    Config, Examination, PostgresConfig, database_identity, examine_postgres, exposure,
    shared_queue,
};
use tokio::time::Instant;

use super::Finding::{self, Fine, Warning, Wrong};

/// A way to a server that takes longer than this makes everything slow: 5 ms.
const ROUND_TRIP_SUSPECT: Duration = Duration::from_millis(5);
/// How often the way to Redis is measured; the quickest counts.
const ROUND_TRIPS: usize = 5;
const MIB: i64 = 1024 * 1024;
/// Log between two checkpoints that docs/deployment.md advises: 8 GB. With less, pages are written
/// again and again.
const MAX_WAL_BYTES_ADVISED: i64 = 8 * 1024 * MIB;
/// Connections that other programs may need beside one node.
const CONNECTIONS_SPARE: i64 = 10;
/// Share of its memory from which on Redis refuses bulk events, in percent.
const MEMORY_PERCENT_SUSPECT: f64 = 80.0;

type Findings = Vec<(&'static str, Finding)>;

/// What speaks against PostgreSQL as it is set up.
pub async fn postgres(config: &Config) -> Findings {
    let Some(postgres) = config.profile.postgres() else { return Vec::new() };
    let mut findings = vec![("PostgreSQL connection", way(exposure(config)))];
    match examine_postgres(config).await {
        Ok(Some(found)) => {
            findings.extend(judge_postgres(&found, postgres));
            findings
        }
        // Why it cannot be reached is reported by the check of the database.
        Ok(None) | Err(_) => findings,
    }
}

fn way(exposure: Option<&str>) -> Finding {
    match exposure {
        Some(exposure) => Warning(exposure.to_owned()),
        None => Fine("nobody on the way can read or change what is sent".to_owned()),
    }
}

fn judge_postgres(found: &Examination, postgres: &PostgresConfig) -> Findings {
    let mut findings =
        vec![("PostgreSQL", distance(&format!("version {}", found.version), found.round_trip))];
    let mut risks = Vec::new();
    if !found.fsync {
        risks.push("fsync is off: a crash of its machine destroys the database; set fsync on");
    }
    if !found.full_page_writes {
        risks.push("full_page_writes is off: a crash of its machine can tear pages; set it on");
    }
    if matches!(found.synchronous_commit.as_str(), "off") {
        risks.push(
            "synchronous_commit is off: acknowledged events are lost when it crashes; set it on",
        );
    }
    findings.push((
        "PostgreSQL durability",
        if risks.is_empty() {
            let commits = &found.synchronous_commit;
            Fine(format!("commits are on its disk before they answer ({commits})"))
        } else {
            Wrong(risks.join("; "))
        },
    ));
    let (own, most) = (i64::from(postgres.connections), found.max_connections);
    findings.push((
        "PostgreSQL connections",
        if own + CONNECTIONS_SPARE > most {
            Warning(format!(
                "a node opens up to {own} and the server gives {most}, for all programs together: requests \
                 wait where it has none left; raise max_connections or the limit of the role or database, or \
                 lower SCORELINE_DATABASE_CONNECTIONS"
            ))
        } else {
            Fine(format!("a node opens up to {own}, and the server gives {most}"))
        },
    ));
    if found.max_wal_bytes < MAX_WAL_BYTES_ADVISED {
        let (mib, advised) = (found.max_wal_bytes / MIB, MAX_WAL_BYTES_ADVISED / 1024 / MIB);
        let text = format!(
            "max_wal_size is {mib} MB; with less than {advised} GB, heavy load writes pages again and again"
        );
        findings.push(("PostgreSQL log", Warning(text)));
    }
    findings
}

/// What speaks against Redis as it is set up.
pub async fn redis(config: &Config) -> Findings {
    let identity = database_identity(config).await.ok().flatten();
    let setup = match shared_queue(config, identity.unwrap_or(DatabaseId::NOBODY)) {
        Ok(Some(setup)) => setup,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![("Redis", Wrong(error.to_string()))],
    };
    let queue = &*setup.queue;
    let (round_trip, objections) = match look(queue).await {
        Ok(answered) => answered,
        Err(error) => {
            let text = format!("{error}; events go to PostgreSQL directly until it is back");
            return vec![("Redis", Wrong(text))];
        }
    };
    let mut findings = vec![("Redis", distance("it answers", round_trip))];
    let is_foreign = |objection: &Objection| objection.about == ObjectionKind::Foreign;
    let (foreign, objections): (Vec<_>, Vec<_>) = objections.into_iter().partition(is_foreign);
    for objection in &objections {
        findings.push((
            "Redis durability",
            if objection.about.is_accepted_by(&setup.accepted) {
                Warning(format!("accepted as a risk: {}", objection.message))
            } else {
                let message = &objection.message;
                Wrong(format!("{message}; until then events go to PostgreSQL directly"))
            },
        ));
    }
    if objections.is_empty() {
        let text = "what it takes is on its disk before it answers, and nothing is evicted";
        findings.push(("Redis durability", Fine(text.to_owned())));
    }
    if identity.is_none() {
        // Whose the queue should be is not known without the database, and reading would take it.
        return findings;
    }
    if let Some(Objection { message, .. }) = foreign.first() {
        let text = format!("{message}; until then events go to PostgreSQL directly");
        findings.push(("queue", Wrong(text)));
        return findings;
    }
    match queue.figures().await {
        Ok(figures) => findings.extend(judge_queue(&figures)),
        Err(error) => findings.push(("queue", Wrong(error.to_string()))),
    }
    findings
}

async fn look(queue: &dyn Queue) -> scoreline_core::queue::Result<(Duration, Vec<Objection>)> {
    let objections = queue.preflight().await?;
    let mut round_trip = Duration::MAX;
    for _ in 0..ROUND_TRIPS {
        let begin = Instant::now();
        queue.ping().await?;
        round_trip = round_trip.min(begin.elapsed());
    }
    Ok((round_trip, objections))
}

fn judge_queue(figures: &QueueFigures) -> Findings {
    let mib = |bytes: u64| bytes / (1024 * 1024);
    let used = figures.memory.used_bytes;
    let memory = match figures.memory.most_bytes {
        None => Warning(format!(
            "{} MB used and no maxmemory; set it, so that events are refused before the machine \
             has no memory left",
            mib(used)
        )),
        Some(most) => {
            let percent = used as f64 * 100.0 / most.max(1) as f64;
            let text = format!("{} of {} MB used ({percent:.0} %)", mib(used), mib(most));
            if percent > MEMORY_PERCENT_SUSPECT {
                Warning(format!("{text}: bulk events are refused; more memory or more workers"))
            } else {
                Fine(text)
            }
        }
    };
    let (mut waiting, mut paused) = (0, Vec::new());
    for (class, of_class) in figures.by_class.iter() {
        waiting += of_class.open_events();
        if of_class.paused {
            paused.push(class.as_str());
        }
    }
    let waiting = format!("{waiting} events wait");
    let queue = if paused.is_empty() {
        Fine(waiting)
    } else {
        let paused = paused.join(", ");
        Warning(format!("{waiting}; paused by an operator: {paused}; POST /api/admin/queue/resume"))
    };
    let mut findings = vec![("Redis memory", memory), ("queue", queue)];
    if figures.losses.times > 0 {
        let text = format!(
            "it lost what waited in it {} times, about {} events in all",
            figures.losses.times, figures.losses.events
        );
        findings.push(("queue losses", Warning(text)));
    }
    findings
}

fn distance(what: &str, round_trip: Duration) -> Finding {
    let text = format!("{what}; a question and its answer take {round_trip:.1?}");
    if round_trip > ROUND_TRIP_SUSPECT {
        return Warning(format!("{text}: bring it nearer, every acknowledgement waits for it"));
    }
    Fine(text)
}
