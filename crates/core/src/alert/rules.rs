//! One rule a figure: what it is, and what an operator should do about it when it is above its threshold.

use super::{Alert, Figures, Level, Threshold, Thresholds};

/// One figure with its rule.
pub(super) struct Rule {
    pub metric: &'static str,
    pub value: f64,
    pub threshold: Threshold,
    advice: &'static str,
}

impl Rule {
    pub fn level(&self) -> Option<Level> {
        // NaN is above no threshold.
        if self.value > self.threshold.critical {
            Some(Level::Critical)
        } else if self.value > self.threshold.warning {
            Some(Level::Warning)
        } else {
            None
        }
    }

    pub fn alert(&self) -> Option<Alert> {
        let level = self.level()?;
        let Threshold { warning, critical } = self.threshold;
        let Self { metric, value, advice, .. } = *self;
        Some(Alert { metric, value, warning, critical, level, advice })
    }
}

impl Thresholds {
    /// How much waits: as seconds of work where the rate is known, because two hundred events are
    /// nothing to a server that applies eighty thousand a second; as events otherwise.
    fn waiting_rule(&self, figures: &Figures) -> Rule {
        let waiting = figures.waiting as f64;
        match figures.capacity_per_second.filter(|rate| *rate > 0.0) {
            Some(rate) => Rule {
                metric: "queue_waiting_seconds",
                value: waiting / rate,
                threshold: self.queue_waiting_seconds,
                advice: "More events arrive than are applied; the value is how many seconds the \
                         waiting ones take at the measured rate. Short bursts drain by themselves. \
                         If it keeps growing, look at database_load and at the disk, then \
                         add workers or a faster disk.",
            },
            None => Rule {
                metric: "queue_waiting",
                value: waiting,
                threshold: self.queue_waiting,
                advice: "Events wait to be applied, and the rate at which they are is not measured \
                         yet. If the number does not fall within a minute, see whether the \
                         database can be reached and whether the queue is paused.",
            },
        }
    }

    /// The rules of all figures that are always known.
    pub(super) fn rules(&self, figures: &Figures) -> [Rule; 11] {
        [
            self.waiting_rule(figures),
            Rule {
                metric: "oldest_waiting_seconds",
                value: figures.oldest_waiting_seconds,
                threshold: self.oldest_waiting_seconds,
                advice: "An accepted event has waited this long, so leaderboards are behind by as \
                         much and tournaments that end now close later. See whether the database \
                         can be reached, whether a class is paused, and whether the disk is full.",
            },
            Rule {
                metric: "queue_failed",
                value: figures.failed as f64,
                threshold: self.queue_failed,
                advice: "Events could not be applied. They are kept: read the reasons at \
                         /api/events/dead, put right what they name, then POST \
                         /api/events/retry-failed. Trying again is safe.",
            },
            Rule {
                metric: "set_aside_room",
                value: figures.set_aside_room_percent,
                threshold: self.set_aside_room,
                advice: "Rejected or dead events take much of the room that they may have; \
                         services.set_aside says which. When it is full, the oldest of the kind that \
                         takes most are removed for good. Read what they are at /api/events/quarantine \
                         and /api/events/dead; requeue, retry or discard them, and 'scoreline \
                         free-space' removes what was discarded. SCORELINE_SET_ASIDE_MIB_MAX gives more \
                         room.",
            },
            Rule {
                metric: "review_waiting_hours",
                value: figures.review_waiting_hours,
                threshold: self.review_waiting_hours,
                advice: "An event has waited this long for somebody to decide whether it counts; until then only \
                         its player sees it, and a tournament that closes meanwhile goes on without it. \
                         Read what waits at /api/admin/review or in the console, then accept or refuse \
                         it. If honest players are held often, a rule is too strict.",
            },
            Rule {
                metric: "erasure_waiting_hours",
                value: figures.erasure_waiting_hours,
                threshold: self.erasure_waiting_hours,
                advice: "A player asked this long ago to be erased and could not prove who they are, so that \
                         somebody has to decide. Read the requests at /console/erasure-requests or \
                         /api/admin/erasure-requests; erase the player, or dismiss the request with a note. The \
                         law of many countries wants an answer within a month.",
            },
            Rule {
                metric: "queue_lost",
                value: figures.losses as f64,
                threshold: self.queue_lost,
                advice: "The queue lost what waited in it within the last day: its data was \
                         deleted, or a replica took over that had not heard of everything. What \
                         was applied before is not affected, and intake went on by itself. The \
                         number lost is an estimate (services.redis.lost_events). Find out why: \
                         Redis needs appendonly yes and noeviction, and no FLUSHALL. Devices that \
                         keep their events may send them again; none counts twice.",
            },
            Rule {
                metric: "queue_foreign",
                value: f64::from(u8::from(figures.queue_is_foreign)),
                threshold: self.queue_foreign,
                advice: "The queue in Redis belongs to another database, so this node leaves it alone: \
                         events go to its own database directly, and nothing is lost. Two servers \
                         share one Redis, or its data was replaced. Set REDIS_URL to a Redis, or a \
                         database number, of its own; services.redis and 'scoreline doctor' name both \
                         databases. If the other one is gone for good, stop its nodes and run \
                         'scoreline identity --adopt-queue'.",
            },
            Rule {
                metric: "clock_in_doubt",
                value: f64::from(u8::from(figures.clock_is_in_doubt)),
                threshold: self.clock_in_doubt,
                advice: "The clock jumped, and nothing proves yet that it is right. Events are taken, stamped by the \
                         time from before the jump; no tournament begins or closes, and nothing is \
                         removed. services.clock says how far off it is. Set the clock right (of the \
                         database's machine, where there is one), and all goes on by itself; if it \
                         is right, run 'scoreline clock --trust' or POST /api/admin/clock/trust.",
            },
            Rule {
                metric: "worker_utilization",
                value: figures.worker_utilization_percent,
                threshold: self.worker_utilization,
                advice: "The workers are busy nearly all the time, so a burst will have to wait. \
                         Add workers (SCORELINE_WORKERS) or nodes while the database has room, a \
                         faster disk or more processors where it has not.",
            },
            Rule {
                metric: "pool_utilization",
                value: figures.pool_utilization_percent,
                threshold: self.pool_utilization,
                advice: "Nearly all database connections are in use, so reads will have to wait. \
                         Look for slow queries first, then raise the number of connections, \
                         within what the database allows.",
            },
        ]
    }

    /// The rule of the database's load, where that is known.
    pub(super) fn database_rule(&self, figures: &Figures) -> Option<Rule> {
        let value = figures.database_load_percent?;
        Some(Rule {
            metric: "database_load",
            value,
            threshold: self.database_load,
            advice: "The database lets a trivial question wait, so it is the bottleneck or soon will \
                     be (or the network to it is). See what else runs on its machine, move \
                     dashboards and exports to quiet hours, then give it more processors or a \
                     faster disk.",
        })
    }
}
