//! The one check of prizes, whoever wrote them: the definition file or an operator's request.
//!
//! Both turn what they read into [`WrittenTier`]s. Mistakes are [`TierFault`]s, which name the tier
//! and its key: reading a file adds the line, answering a request adds the field.

use std::fmt;

use serde_json::Value;

use crate::game::PrizeTier;
use crate::limits::{PRIZE_AMOUNT_MAX, PRIZE_RANKS_MAX};
use crate::suggestion::did_you_mean;

/// What a tier may say. Its ranks are one rank or a range, or the first and the last of them.
const KEYS: [&str; 5] = ["ranks", "first_rank", "last_rank", "coins", "gems"];
/// Characters of a key or a value that a fault repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// A value as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A whole number of 64 bits.
    Integer(i64),
    /// A text.
    Text(String),
    /// Anything else, described: `a list`.
    Other(String),
}

/// A tier as somebody wrote it: its keys and values, in their order.
pub type WrittenTier = Vec<(String, Written)>;

/// What is wrong with the prizes of a tournament.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierFault {
    /// The tier's place in the list, from 0; `None` where the list as a whole is at fault.
    pub tier: Option<usize>,
    /// The key of the tier; `None` where the tier as a whole is at fault.
    pub key: Option<String>,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// What to write instead, where that can be told.
    pub suggestion: Option<String>,
    /// Whether something is missing or has no meaning here, rather than being wrong in itself.
    pub is_absence: bool,
}

impl TierFault {
    /// Where it is: `prizes`, `prizes[1]` or `prizes[1].coins`.
    pub fn path(&self) -> String {
        match (self.tier, &self.key) {
            (None, _) => "prizes".to_owned(),
            (Some(tier), None) => format!("prizes[{tier}]"),
            (Some(tier), Some(key)) => format!("prizes[{tier}].{}", shortened(key)),
        }
    }

    /// What is wrong and what to write instead: `there is no such key (did you mean "coins"?)`.
    pub fn words(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("{} ({suggestion})", self.reason),
            None => self.reason.clone(),
        }
    }
}

impl fmt::Display for TierFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.words())
    }
}

/// The prizes that JSON of a request describes, best ranks first, or everything wrong with them.
pub fn from_json(written: Option<&Value>) -> Result<Vec<PrizeTier>, Vec<TierFault>> {
    let Some(written) = written else { return Err(vec![no_prizes()]) };
    let Value::Array(items) = written else {
        let reason = format!("must be a list of tiers, but is {}", described(written));
        return Err(vec![TierFault { is_absence: false, ..fault(None, None, reason) }]);
    };
    let mut tiers = Vec::new();
    let mut faults = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let Value::Object(keys) = item else {
            let reason = format!("must be an object, but is {}", described(item));
            faults.push(fault(Some(place), None, reason));
            continue;
        };
        let keys = keys.iter().map(|(key, value)| (key.clone(), written_as(value)));
        tiers.push((place, keys.collect()));
    }
    finish(tiers, faults)
}

/// The prizes that these tiers describe, best ranks first, or everything wrong with them.
pub fn check(tiers: Vec<WrittenTier>) -> Result<Vec<PrizeTier>, Vec<TierFault>> {
    finish(tiers.into_iter().enumerate().collect(), Vec::new())
}

/// The fault of a tournament that does not mention prizes: `prizes = []` says that nothing is won.
pub fn no_prizes() -> TierFault {
    TierFault {
        suggestion: Some("an empty list makes a tournament without prizes".to_owned()),
        is_absence: true,
        ..fault(None, None, "is missing".to_owned())
    }
}

fn finish(
    written: Vec<(usize, WrittenTier)>,
    mut faults: Vec<TierFault>,
) -> Result<Vec<PrizeTier>, Vec<TierFault>> {
    let mut tiers: Vec<(PrizeTier, usize)> = Vec::new();
    for (place, tier) in written {
        let mut reader = Reader { place, keys: tier, faults: &mut faults };
        tiers.extend(reader.read().map(|tier| (tier, place)));
    }
    tiers.sort_by_key(|(tier, place)| (tier.first_rank, *place));
    for pair in tiers.windows(2) {
        let [(before, _), (after, place)] = pair else { continue };
        if after.first_rank <= before.last_rank {
            let reason = format!("overlap with the ranks {}", before.ranks());
            faults.push(fault(Some(*place), Some("ranks"), reason));
        }
    }
    faults.sort_by_key(|fault| fault.tier);
    if faults.is_empty() {
        Ok(tiers.into_iter().map(|(tier, _)| tier).collect())
    } else {
        Err(faults)
    }
}

/// Reads one tier and notes what is wrong with it.
struct Reader<'f> {
    place: usize,
    keys: WrittenTier,
    faults: &'f mut Vec<TierFault>,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<PrizeTier> {
        let faults_before = self.faults.len();
        self.refuse_unknown_keys();
        let ranks = self.ranks();
        let (coins, gems) = (self.amount("coins"), self.amount("gems"));
        let ((first_rank, last_rank), coins, gems) = (ranks?, coins?, gems?);
        if coins == 0 && gems == 0 {
            self.absent("wins nothing", "add coins or gems");
        }
        let tier = PrizeTier { first_rank, last_rank, coins, gems };
        (self.faults.len() == faults_before).then_some(tier)
    }

    fn refuse_unknown_keys(&mut self) {
        for (key, _) in &self.keys {
            if !KEYS.contains(&key.as_str()) {
                self.faults.push(TierFault {
                    suggestion: did_you_mean(key, KEYS),
                    is_absence: true,
                    ..fault(
                        Some(self.place),
                        Some(key),
                        format!("there is no such key here: there are {}", KEYS.join(", ")),
                    )
                });
            }
        }
    }

    fn value(&self, key: &str) -> Option<&Written> {
        self.keys.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    fn wrong(&mut self, key: &str, reason: impl Into<String>, suggestion: Option<String>) {
        let fault = fault(Some(self.place), Some(key), reason.into());
        self.faults.push(TierFault { suggestion, ..fault });
    }

    fn absent(&mut self, reason: &str, suggestion: &str) {
        self.faults.push(TierFault {
            suggestion: Some(suggestion.to_owned()),
            is_absence: true,
            ..fault(Some(self.place), None, reason.to_owned())
        });
    }

    fn ranks(&mut self) -> Option<(u64, u64)> {
        let (ends, ranks) = (["first_rank", "last_rank"], self.value("ranks").cloned());
        let some_end = ends.into_iter().find(|key| self.value(key).is_some());
        match (ranks, some_end) {
            (Some(_), Some(end)) => {
                self.wrong(end, "says again what ranks says", Some("leave one out".to_owned()));
                None
            }
            (Some(ranks), None) => self.range(&ranks),
            (None, Some(_)) => {
                let [first, last] = ends.map(|key| self.rank(key));
                self.in_order(first?, last?, "last_rank")
            }
            (None, None) => {
                self.absent("ranks is missing", "write ranks = 1, or ranks = \"4-10\"");
                None
            }
        }
    }

    /// `1`, or `"4-10"`.
    fn range(&mut self, written: &Written) -> Option<(u64, u64)> {
        const EXPECTED: &str = "must be a rank such as 1 or a range such as \"4-10\"";
        match written {
            Written::Integer(_) => self.rank("ranks").map(|rank| (rank, rank)),
            Written::Other(_) => {
                self.wrong("ranks", EXPECTED, None);
                None
            }
            Written::Text(text) => {
                let rank = |text: &str| text.trim().parse::<u64>().ok();
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let Some((first, last)) = rank(first).zip(rank(last)) else {
                    self.wrong("ranks", EXPECTED, None);
                    return None;
                };
                if first == 0 || last > PRIZE_RANKS_MAX || first > PRIZE_RANKS_MAX {
                    self.wrong("ranks", format!("ranks go from 1 to {PRIZE_RANKS_MAX}"), None);
                    return None;
                }
                self.in_order(first, last, "ranks")
            }
        }
    }

    fn in_order(&mut self, first: u64, last: u64, key: &str) -> Option<(u64, u64)> {
        if first <= last {
            return Some((first, last));
        }
        let suggestion = (key == "ranks").then(|| format!("write \"{last}-{first}\""));
        self.wrong(key, "the first rank is after the last", suggestion);
        None
    }

    fn rank(&mut self, key: &str) -> Option<u64> {
        let most = i64::try_from(PRIZE_RANKS_MAX).unwrap_or(i64::MAX);
        let Some(_) = self.value(key) else {
            self.absent(&format!("{key} is missing"), &format!("write {key}, or ranks alone"));
            return None;
        };
        self.integer(key, 1, most).map(i64::unsigned_abs)
    }

    /// Coins or gems; 0 if absent.
    fn amount(&mut self, key: &str) -> Option<i64> {
        if self.value(key).is_none() {
            return Some(0);
        }
        self.integer(key, 0, PRIZE_AMOUNT_MAX)
    }

    fn integer(&mut self, key: &str, least: i64, most: i64) -> Option<i64> {
        let found = match self.value(key)? {
            Written::Integer(number) if (least..=most).contains(number) => return Some(*number),
            Written::Integer(number) => number.to_string(),
            Written::Text(text) => format!("the text {:?}", shortened(text)),
            Written::Other(description) => description.clone(),
        };
        let reason = format!("must be a whole number from {least} to {most}, but is {found}");
        self.wrong(key, reason, None);
        None
    }
}

fn fault(tier: Option<usize>, key: Option<&str>, reason: String) -> TierFault {
    let key = key.map(str::to_owned);
    TierFault { tier, key, reason, suggestion: None, is_absence: false }
}

fn shortened(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

fn written_as(value: &Value) -> Written {
    match value {
        Value::Number(number) if number.is_i64() => {
            Written::Integer(number.as_i64().unwrap_or_default())
        }
        Value::String(text) => Written::Text(text.clone()),
        other => Written::Other(described(other)),
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {:?}", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(written: &Value) -> Vec<String> {
        let faults = from_json(Some(written)).expect_err("there is a fault");
        faults.iter().map(ToString::to_string).collect()
    }

    fn one(tier: Value) -> String {
        let found = faults(&Value::Array(vec![tier]));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    #[test]
    fn prizes_come_in_the_order_of_their_ranks_however_they_were_written() {
        let written = json!([
            { "ranks": "4-10", "coins": 10 },
            { "first_rank": 2, "last_rank": 3, "gems": 5 },
            { "ranks": 1, "coins": 100, "gems": 1 },
        ]);
        let tiers = from_json(Some(&written)).expect("no fault");
        let tier =
            |first_rank, last_rank, coins, gems| PrizeTier { first_rank, last_rank, coins, gems };
        assert_eq!(tiers, [tier(1, 1, 100, 1), tier(2, 3, 0, 5), tier(4, 10, 10, 0)]);
        assert_eq!(from_json(Some(&json!([]))), Ok(Vec::new()), "none, and said so");
    }

    #[test]
    fn a_misspelt_key_awards_nothing_silently() {
        let found = faults(&json!([{ "ranks": 1, "coin": 100 }]));
        assert_eq!(
            found,
            [
                "prizes[0].coin: there is no such key here: there are ranks, first_rank, \
                 last_rank, coins, gems (did you mean \"coins\"?)",
                "prizes[0]: wins nothing (add coins or gems)",
            ]
        );
    }

    #[test]
    fn a_tournament_without_prizes_says_so() {
        let found = from_json(None).expect_err("a fault");
        let expected = "prizes: is missing (an empty list makes a tournament without prizes)";
        assert_eq!(found[0].to_string(), expected);
    }

    #[test]
    fn every_fault_names_its_place_and_reason() {
        let cases = [
            (json!({ "ranks": 1, "coins": 0 }), "prizes[0]: wins nothing (add coins or gems)"),
            (
                json!({ "coins": 1 }),
                "prizes[0]: ranks is missing (write ranks = 1, or ranks = \"4-10\")",
            ),
            (
                json!({ "ranks": 0, "coins": 1 }),
                "prizes[0].ranks: must be a whole number from 1 to 10000, but is 0",
            ),
            (
                json!({ "ranks": "3-2", "coins": 1 }),
                "prizes[0].ranks: the first rank is after the last (write \"2-3\")",
            ),
            (
                json!({ "first_rank": 3, "last_rank": 2, "coins": 1 }),
                "prizes[0].last_rank: the first rank is after the last",
            ),
            (
                json!({ "first_rank": 3, "coins": 1 }),
                "prizes[0]: last_rank is missing (write last_rank, or ranks alone)",
            ),
            (
                json!({ "ranks": 1, "last_rank": 2, "coins": 1 }),
                "prizes[0].last_rank: says again what ranks says (leave one out)",
            ),
            (
                json!({ "ranks": "1-99999", "coins": 1 }),
                "prizes[0].ranks: ranks go from 1 to 10000",
            ),
            (
                json!({ "ranks": 1, "gems": -1 }),
                "prizes[0].gems: must be a whole number from 0 to 1000000000, but is -1",
            ),
            (
                json!({ "ranks": 1, "gems": 1.5 }),
                "prizes[0].gems: must be a whole number from 0 to 1000000000, but is 1.5",
            ),
            (json!([1]), "prizes[0]: must be an object, but is a list"),
        ];
        for (tier, expected) in cases {
            assert_eq!(one(tier), expected);
        }
        let overlapping = json!([
            { "ranks": "3-4", "coins": 1 }, { "ranks": "1-3", "coins": 1 },
        ]);
        assert_eq!(faults(&overlapping), ["prizes[0].ranks: overlap with the ranks 1st-3rd"]);
        assert_eq!(faults(&json!({})), ["prizes: must be a list of tiers, but is an object"]);
    }
}
