//! How many distinct players there were, in bounded space: exact while they are few, HyperLogLog
//! when they are many.
//!
//! Up to [`EXACT_MAX`] distinct 32-bit hashes are kept as they are; beyond that, 4,096 registers
//! with a standard error of 1.6 % (Flajolet, Fusy, Gandouet, Meunier: "HyperLogLog", 2007, with the
//! linear-counting correction for small ranges). Which of the two forms a sketch has depends only
//! on the set, so that merging commutes and equal sets are equal bytes.

use sha2::{Digest, Sha256};

/// Distinct hashes that are kept exactly.
const EXACT_MAX: usize = 1_024;
/// Bits of the hash that choose the register.
const REGISTER_BITS: u32 = 12;
const REGISTERS: usize = 1 << REGISTER_BITS;

const TAG_EXACT: u8 = 0;
const TAG_REGISTERS: u8 = 1;

/// A set of players, as far as its size goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Sorted, without duplicates, at most [`EXACT_MAX`].
    Exact(Vec<u32>),
    Registers(Box<[u8; REGISTERS]>),
}

/// Why bytes are no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no player sketch")]
pub struct SketchError;

impl Sketch {
    /// The hash of one member.
    pub fn hash(member: &str) -> u32 {
        let digest = Sha256::digest(member.as_bytes());
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The sketch of the members with these hashes.
    pub fn from_hashes(mut hashes: Vec<u32>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        if hashes.len() <= EXACT_MAX {
            return Self(Form::Exact(hashes));
        }
        let mut registers = Box::new([0; REGISTERS]);
        note_all(&mut registers, &hashes);
        Self(Form::Registers(registers))
    }

    /// Takes in another set.
    pub fn merge(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (Form::Exact(mine), Form::Exact(theirs)) => {
                let mut all = std::mem::take(mine);
                all.extend_from_slice(theirs);
                *self = Self::from_hashes(all);
            }
            (Form::Registers(mine), Form::Exact(theirs)) => note_all(mine, theirs),
            (Form::Exact(mine), Form::Registers(theirs)) => {
                let mut registers = theirs.clone();
                note_all(&mut registers, mine);
                self.0 = Form::Registers(registers);
            }
            (Form::Registers(mine), Form::Registers(theirs)) => {
                for (mine, theirs) in mine.iter_mut().zip(theirs.iter()) {
                    *mine = (*mine).max(*theirs);
                }
            }
        }
    }

    /// How many members it has: exact up to 1,024, about 1.6 % off beyond.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Form::Exact(hashes) => hashes.len() as u64,
            Form::Registers(registers) => estimate(registers),
        }
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sketch as bytes: at most 4,097.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Form::Exact(hashes) => std::iter::once(TAG_EXACT)
                .chain(hashes.iter().flat_map(|hash| hash.to_le_bytes()))
                .collect(),
            Form::Registers(registers) => {
                std::iter::once(TAG_REGISTERS).chain(registers.iter().copied()).collect()
            }
        }
    }

    /// The sketch that [`Sketch::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        match bytes.split_first() {
            Some((&TAG_EXACT, hashes)) if hashes.len() % 4 == 0 => {
                let hashes = hashes
                    .chunks_exact(4)
                    .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
                    .collect();
                Ok(Self::from_hashes(hashes))
            }
            Some((&TAG_REGISTERS, registers)) => {
                let registers: [u8; REGISTERS] = registers.try_into().map_err(|_| SketchError)?;
                Ok(Self(Form::Registers(Box::new(registers))))
            }
            _ => Err(SketchError),
        }
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Form::Exact(Vec::new()))
    }
}

fn note_all(registers: &mut [u8; REGISTERS], hashes: &[u32]) {
    for &hash in hashes {
        let register = (hash >> (u32::BITS - REGISTER_BITS)) as usize;
        // The position of the first 1 among the other bits, from 1.
        let rest = hash << REGISTER_BITS | 1 << (REGISTER_BITS - 1);
        let position = rest.leading_zeros() + 1;
        #[expect(clippy::cast_possible_truncation, reason = "at most 21")]
        let position = position as u8;
        registers[register] = registers[register].max(position);
    }
}

fn estimate(registers: &[u8; REGISTERS]) -> u64 {
    let m = REGISTERS as f64;
    let alpha = 0.7213 / (1.0 + 1.079 / m);
    let harmonic: f64 = registers.iter().map(|&position| 0.5_f64.powi(i32::from(position))).sum();
    let raw = alpha * m * m / harmonic;
    let empty: f64 = registers.iter().map(|&position| f64::from(position == 0)).sum();
    let corrected = if raw <= 2.5 * m && empty > 0.0 { m * (m / empty).ln() } else { raw };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 2^33"
    )]
    let rounded = corrected.round() as u64;
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(members: std::ops::Range<u32>) -> Sketch {
        Sketch::from_hashes(members.map(|n| Sketch::hash(&n.to_string())).collect())
    }

    #[test]
    fn few_members_are_counted_exactly() {
        for n in [0, 1, 50, 1_000] {
            assert_eq!(sketch(0..n).len(), u64::from(n));
        }
    }

    #[test]
    fn many_members_are_counted_within_five_percent() {
        for n in [2_000_u32, 20_000, 300_000] {
            let found = sketch(0..n).len() as f64;
            assert!((found / f64::from(n) - 1.0).abs() < 0.05, "{found} for {n}");
        }
    }

    #[test]
    fn any_split_of_a_set_merges_to_the_same_sketch() {
        let whole = sketch(0..5_000);
        for cut in [0, 1, 700, 1_024, 1_025, 4_999] {
            let (mut left, right) = (sketch(0..cut), sketch(cut / 2..5_000));
            left.merge(&right);
            assert_eq!(left, whole);
            let (left, mut right) = (sketch(0..cut), sketch(cut / 2..5_000));
            right.merge(&left);
            assert_eq!(right, whole);
        }
    }

    #[test]
    fn bytes_bring_the_same_sketch_back() {
        for n in [0, 3, 1_024, 1_025, 9_000] {
            let sketch = sketch(0..n);
            assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Ok(sketch));
        }
        assert_eq!(Sketch::from_bytes(&[]), Err(SketchError));
        assert_eq!(Sketch::from_bytes(&[1, 2, 3]), Err(SketchError));
    }
}
