//! Which program may work on which schema, so that an old and a new one may run side by side. Pure.
//!
//! A migration either adds what older programs do not mind (it expands), or removes what they use
//! (it contracts). Each says which is the oldest program that can still work once it has run, and the
//! database remembers that: so an older program goes on beside a newer one, and after it, for as long
//! as nothing that it uses is gone.

use super::{Result, StoreError};

/// A step of a schema. One that was released is never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its number and its name.
    pub name: &'static str,
    /// What it runs.
    pub sql: &'static str,
    /// The lowest version of the schema that a program must know to work on a database where this
    /// has run. One that expands leaves it as it was; one that contracts raises it to the version
    /// from which on programs do without what it removes.
    pub needs: i64,
}

/// A migration that a database has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Its number, from 1.
    pub version: i64,
    /// The checksum of its text.
    pub checksum: i64,
    /// As [`Migration::needs`].
    pub needs: i64,
}

impl Migration {
    /// FNV-1a of the text without its line ends, which differ between checkouts.
    pub fn checksum(&self) -> i64 {
        self.sql
            .bytes()
            .filter(|byte| !matches!(byte, b'\r' | b'\n'))
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
            .cast_signed()
    }

    /// What a database remembers of it, under its number.
    pub fn done(&self, version: i64) -> Done {
        Done { version, checksum: self.checksum(), needs: self.needs }
    }
}

/// Those of `known` that a database misses, with their numbers. `done` is in the order of versions.
///
/// Refuses a schema that was never released, and one of which a newer program has removed what this
/// one uses. One that a newer program has only added to is fine.
pub fn missing<'m>(known: &'m [Migration], done: &[Done]) -> Result<Vec<(i64, &'m Migration)>> {
    let numbered = (1_i64..).zip(known);
    for (found, (version, migration)) in done.iter().zip(numbered.clone()) {
        if *found != migration.done(version) {
            return Err(StoreError::Unusable(format!(
                "its schema of version {version} is not the released one; \
                 it was made by a development version of this program"
            )));
        }
    }
    let newer = done.get(known.len()..).unwrap_or_default();
    let needed = newer.iter().map(|one| one.needs).max().unwrap_or(0);
    if usize::try_from(needed).unwrap_or(usize::MAX) > known.len() {
        return Err(StoreError::Unusable(format!(
            "its schema is of version {}, which takes a program that knows version {needed}, but \
             this program knows versions up to {}; use the newer program",
            done.len(),
            known.len()
        )));
    }
    Ok(numbered.skip(done.len()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration { name: "1", sql: "CREATE\r\nTABLE a", needs: 1 };
    const EXPANDS: Migration = Migration { name: "2", sql: "ADD b", needs: 1 };
    const CONTRACTS: Migration = Migration { name: "3", sql: "DROP a", needs: 2 };
    const ALL: [Migration; 3] = [FIRST, EXPANDS, CONTRACTS];

    fn done(migrations: &[Migration]) -> Vec<Done> {
        (1..).zip(migrations).map(|(version, migration)| migration.done(version)).collect()
    }

    fn missing_names(known: &[Migration], done: &[Done]) -> std::result::Result<String, String> {
        let missing = missing(known, done).map_err(|error| error.to_string())?;
        let named = missing.iter().map(|(version, one)| format!("{version}={}", one.name));
        Ok(named.collect::<Vec<String>>().join(" "))
    }

    #[test]
    fn what_is_missing_is_the_rest() {
        assert_eq!(missing_names(&ALL, &[]), Ok("1=1 2=2 3=3".to_owned()));
        assert_eq!(missing_names(&ALL, &done(&ALL[..2])), Ok("3=3".to_owned()));
        assert_eq!(missing_names(&ALL, &done(&ALL)), Ok(String::new()));
    }

    #[test]
    fn an_older_program_works_on_until_what_it_uses_is_gone() {
        assert_eq!(missing_names(&ALL[..1], &done(&ALL[..2])), Ok(String::new()));
        let refused = missing_names(&ALL[..1], &done(&ALL)).expect_err("it uses what is gone");
        assert!(refused.contains("version 3") && refused.contains("knows version 2"), "{refused}");
        assert_eq!(missing_names(&ALL[..2], &done(&ALL)), Ok(String::new()), "it does without");
    }

    #[test]
    fn a_schema_that_was_never_released_is_refused_though_line_ends_may_differ() {
        let mut other = done(&ALL);
        other[1].checksum += 1;
        assert!(missing_names(&ALL, &other).expect_err("changed").contains("version 2"));
        let unix = Migration { sql: "CREATE\nTABLE a", ..FIRST };
        assert_eq!(unix.checksum(), FIRST.checksum());
    }
}
