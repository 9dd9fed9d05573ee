//! How many files this process may have open, which bounds the connections of clients.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scoreline_core::limits::FILES_RESERVED;

/// The fewest connections of clients that a server makes do with.
const CONNECTIONS_MIN: usize = 16;

/// The connections of clients that there can be: as many as `wanted`, if so many files may be open
/// beside those of the database. A limit that the process may raise itself is raised.
pub fn connections(wanted: usize, to_database: usize) -> usize {
    let beside = FILES_RESERVED + to_database;
    let needed = u64::try_from(wanted + beside).unwrap_or(u64::MAX);
    let may_open = usize::try_from(raised(needed)).unwrap_or(usize::MAX);
    let most = within(may_open, beside);
    if most < wanted {
        tracing::warn!(
            connections.wanted = wanted,
            connections.possible = most,
            files.max = may_open,
            "the limit on open files allows fewer connections of clients than connections_max"
        );
    }
    wanted.min(most)
}

/// The files that may be open, raised to `needed` as far as the system lets us.
fn raised(needed: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(now) = current else { return u64::MAX };
    let wanted = maximum.map_or(needed, |maximum| needed.min(maximum));
    if wanted <= now {
        return now;
    }
    let limit = Rlimit { current: Some(wanted), maximum };
    if setrlimit(Resource::Nofile, limit).is_ok() { wanted } else { now }
}

fn within(may_open: usize, beside: usize) -> usize {
    may_open.saturating_sub(beside).max(CONNECTIONS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_everything_else_are_left_over() {
        assert_eq!(within(1_024, FILES_RESERVED), 1_024 - FILES_RESERVED);
        assert_eq!(within(100, FILES_RESERVED), CONNECTIONS_MIN, "some can always come in");
    }
}
