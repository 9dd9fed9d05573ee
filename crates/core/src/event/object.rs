//! Takes an event's object apart into keys and unparsed values.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::fault::ValueFault;
use super::json_text;
use crate::limits::EVENT_FIELDS_MAX;

/// Up to this many fields, comparing every pair of keys is faster than sorting them.
const FEW_FIELDS: usize = 32;

/// One field as the client sent it.
#[derive(Debug)]
pub(super) struct Pair<'e> {
    pub key: Cow<'e, str>,
    /// The key's JSON text, with its quotes.
    pub raw_key: &'e str,
    /// The value's JSON text, without whitespace around it.
    pub value: &'e str,
    /// Whether a rule has asked for this field. A field that no rule asks for is unknown.
    known: bool,
    /// Whether no rule may see it, because of what stands in [`Object::troubles`].
    hidden: bool,
}

/// An event's fields in the order they came.
#[derive(Debug, Default)]
pub(super) struct Object<'e> {
    pub pairs: SmallVec<[Pair<'e>; FEW_FIELDS]>,
    /// Where the last field was found: clients write fields in one order, so the next one asked for
    /// mostly follows.
    cursor: usize,
    /// What is wrong with fields whatever their rules say, with the place of each field: a key that
    /// stands there twice, a text that no store can hold, a value that nests too deep.
    pub troubles: Vec<(usize, ValueFault)>,
}

/// The object has more than [`EVENT_FIELDS_MAX`] fields. The first ones were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooManyFields;

impl<'e> Object<'e> {
    /// Takes a well-formed JSON object apart.
    pub fn read(&mut self, json: &'e str) -> Result<(), TooManyFields> {
        for (raw_key, value) in json_text::fields(json) {
            if self.pairs.len() == EVENT_FIELDS_MAX {
                return Err(TooManyFields);
            }
            // A key with half of a surrogate pair stands for no text; the event will be rejected.
            let key = json_text::string(raw_key).unwrap_or(Cow::Borrowed(raw_key));
            self.pairs.push(Pair { raw_key, key, value, known: false, hidden: false });
        }
        Ok(())
    }

    /// The value of a field that some rule knows.
    pub fn get(&mut self, name: &str) -> Option<&'e str> {
        let (before, after) = self.pairs.split_at(self.cursor);
        let found = after
            .iter()
            .position(|pair| pair.key == name && !pair.hidden)
            .map(|place| place + before.len())
            .or_else(|| before.iter().position(|pair| pair.key == name && !pair.hidden))?;
        self.cursor = found + 1;
        let pair = &mut self.pairs[found];
        pair.known = true;
        Some(pair.value)
    }

    /// The fields that no rule has asked for and that have no trouble.
    pub fn unknown(&self) -> impl Iterator<Item = &Pair<'e>> {
        self.pairs.iter().filter(|pair| !pair.known && !pair.hidden)
    }

    /// Hides a field from all rules because of what is wrong with it.
    pub fn hide(&mut self, place: usize, fault: ValueFault) {
        if !std::mem::replace(&mut self.pairs[place].hidden, true) {
            self.troubles.push((place, fault));
        }
    }

    /// What is wrong with a hidden field.
    pub fn trouble(&self, name: &str) -> Option<&ValueFault> {
        let is_named = |(place, _): &&(usize, ValueFault)| self.pairs[*place].key == name;
        self.troubles.iter().find(is_named).map(|(_, fault)| fault)
    }

    /// The places of all fields whose key stands in the object more than once.
    pub fn duplicates(&self) -> Vec<usize> {
        if !self.has_duplicate() {
            return Vec::new();
        }
        let mut places: Vec<usize> = (0..self.pairs.len()).collect();
        let key = |place: usize| &*self.pairs[place].key;
        places.sort_by_key(|place| key(*place));
        let groups = places.chunk_by(|one, other| key(*one) == key(*other));
        let mut places: Vec<usize> =
            groups.filter(|group| group.len() > 1).flatten().copied().collect();
        places.sort_unstable();
        places
    }

    fn has_duplicate(&self) -> bool {
        let keys = || self.pairs.iter().map(|pair| &*pair.key);
        if self.pairs.len() > FEW_FIELDS {
            let mut seen = rustc_hash::FxHashSet::default();
            return keys().any(|key| !seen.insert(key));
        }
        // A key whose traits no earlier one has needs no comparison.
        let mut traits_seen = 0_u64;
        keys().enumerate().any(|(n, key)| {
            let traits = 1 << trait_of(key);
            let perhaps = traits_seen & traits != 0;
            traits_seen |= traits;
            perhaps && keys().take(n).any(|earlier| earlier == key)
        })
    }
}

/// A number below 64 that equal keys share and others mostly do not.
fn trait_of(key: &str) -> usize {
    let bytes = key.as_bytes();
    let letter = |place: usize| usize::from(bytes.get(place).copied().unwrap_or(0));
    (bytes.len() * 7
        + letter(0) * 5
        + letter(bytes.len() / 2) * 3
        + letter(bytes.len().wrapping_sub(1)))
        % 64
}
