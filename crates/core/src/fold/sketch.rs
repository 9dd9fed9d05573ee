//! How many distinct players there were, in bounded space: exact while they are few, HyperLogLog
//! when they are many.
//!
//! Up to [`EXACT_MAX`] distinct 32-bit hashes are kept as they are; beyond that, 4,096 registers
//! with a standard error of 1.6 % (Flajolet, Fusy, Gandouet, Meunier: "HyperLogLog", 2007, with the
//! linear-counting correction for small ranges). Which of the two forms a sketch has depends only
//! on the set, so that merging commutes and equal sets are equal bytes.
//!
//! A batch rewrites every sketch that it changes, so bytes are few: a register has five bits, and
//! hashes are kept only while they take no more room than registers would.

use sha2::{Digest, Sha256};

/// Bits of the hash that choose the register.
const REGISTER_BITS: u32 = 12;
const REGISTERS: usize = 1 << REGISTER_BITS;
/// The most that a register holds: one more than the hash has other bits.
const POSITION_MAX: u8 = 21;
/// Bits that hold a register.
const POSITION_BITS: usize = 5;
const POSITION_MASK: u64 = (1 << POSITION_BITS) - 1;
/// Registers that fill whole bytes together, and those bytes.
const GROUP: usize = 8;
const GROUP_BYTES: usize = GROUP * POSITION_BITS / 8;
const REGISTERS_BYTES: usize = REGISTERS / GROUP * GROUP_BYTES;

const HASH_BYTES: usize = size_of::<u32>();
/// Distinct hashes that are kept exactly.
const EXACT_MAX: usize = REGISTERS_BYTES / HASH_BYTES;

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
        Self::from_sorted(hashes)
    }

    /// The sketch of these hashes, which are sorted and different.
    fn from_sorted(hashes: Vec<u32>) -> Self {
        if hashes.len() <= EXACT_MAX {
            return Self(Form::Exact(hashes));
        }
        let mut registers = Box::new([0; REGISTERS]);
        note_all(&mut registers, &hashes);
        Self(Form::Registers(registers))
    }

    /// Takes in another set. Answers whether it is a larger one now, as far as this can tell.
    pub fn merge(&mut self, other: &Self) -> bool {
        match (&mut self.0, &other.0) {
            (Form::Exact(mine), Form::Exact(theirs)) => {
                let known = mine.len();
                let is_new = |hash: &&u32| mine[..known].binary_search(hash).is_err();
                let new: Vec<u32> = theirs.iter().filter(is_new).copied().collect();
                if new.is_empty() {
                    return false;
                }
                let mut all = std::mem::take(mine);
                all.extend(new);
                #[expect(
                    clippy::stable_sort_primitive,
                    reason = "it finds two sorted parts and merges them, which the unstable one does not"
                )]
                all.sort();
                *self = Self::from_sorted(all);
                true
            }
            (Form::Registers(mine), Form::Exact(theirs)) => note_all(mine, theirs),
            (Form::Exact(mine), Form::Registers(theirs)) => {
                let mut registers = theirs.clone();
                note_all(&mut registers, mine);
                self.0 = Form::Registers(registers);
                true
            }
            (Form::Registers(mine), Form::Registers(theirs)) => {
                let mut is_larger = false;
                for (mine, theirs) in mine.iter_mut().zip(theirs.iter()) {
                    is_larger |= *theirs > *mine;
                    *mine = (*mine).max(*theirs);
                }
                is_larger
            }
        }
    }

    /// How many members it has: exact up to 640, about 1.6 % off beyond.
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

    /// The sketch as bytes: at most 2,561.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + REGISTERS_BYTES);
        match &self.0 {
            Form::Exact(hashes) => {
                bytes.push(TAG_EXACT);
                for hash in hashes {
                    bytes.extend_from_slice(&hash.to_le_bytes());
                }
            }
            Form::Registers(registers) => {
                bytes.push(TAG_REGISTERS);
                for group in registers.as_chunks().0 {
                    bytes.extend_from_slice(&packed(*group));
                }
            }
        }
        bytes
    }

    /// The sketch that [`Sketch::to_bytes`] wrote. What it would have written otherwise is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        let form = match bytes.split_first() {
            Some((&TAG_EXACT, hashes)) => read_hashes(hashes).map(Form::Exact),
            Some((&TAG_REGISTERS, registers)) => read_registers(registers).map(Form::Registers),
            _ => None,
        };
        form.map(Self).ok_or(SketchError)
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Form::Exact(Vec::new()))
    }
}

fn read_hashes(bytes: &[u8]) -> Option<Vec<u32>> {
    let (hashes, []) = bytes.as_chunks::<HASH_BYTES>() else { return None };
    let hashes: Vec<u32> = hashes.iter().map(|four| u32::from_le_bytes(*four)).collect();
    (hashes.len() <= EXACT_MAX && hashes.is_sorted_by(|a, b| a < b)).then_some(hashes)
}

fn read_registers(bytes: &[u8]) -> Option<Box<[u8; REGISTERS]>> {
    let bytes: &[u8; REGISTERS_BYTES] = bytes.try_into().ok()?;
    let mut registers = Box::new([0; REGISTERS]);
    for (group, bytes) in registers.as_chunks_mut().0.iter_mut().zip(bytes.as_chunks().0) {
        *group = unpacked(*bytes);
    }
    registers.iter().all(|position| *position <= POSITION_MAX).then_some(registers)
}

/// A group of registers side by side, the first in the lowest bits.
fn packed(group: [u8; GROUP]) -> [u8; GROUP_BYTES] {
    let mut bits = 0;
    for position in group.into_iter().rev() {
        bits = bits << POSITION_BITS | u64::from(position);
    }
    let [packed @ .., _, _, _] = bits.to_le_bytes();
    packed
}

fn unpacked(packed: [u8; GROUP_BYTES]) -> [u8; GROUP] {
    let mut bytes = [0; size_of::<u64>()];
    bytes[..GROUP_BYTES].copy_from_slice(&packed);
    let bits = u64::from_le_bytes(bytes);
    std::array::from_fn(|place| (bits >> (place * POSITION_BITS) & POSITION_MASK) as u8)
}

/// Notes members in the registers. Answers whether any register has changed.
fn note_all(registers: &mut [u8; REGISTERS], hashes: &[u32]) -> bool {
    let mut is_changed = false;
    for &hash in hashes {
        let register = (hash >> (u32::BITS - REGISTER_BITS)) as usize;
        // The position of the first 1 among the other bits, from 1.
        let rest = hash << REGISTER_BITS | 1 << (REGISTER_BITS - 1);
        let position = rest.leading_zeros() + 1;
        #[expect(clippy::cast_possible_truncation, reason = "at most POSITION_MAX")]
        let position = position as u8;
        is_changed |= position > registers[register];
        registers[register] = registers[register].max(position);
    }
    is_changed
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
    use proptest::prelude::*;

    use super::*;

    fn sketch(members: std::ops::Range<u32>) -> Sketch {
        Sketch::from_hashes(members.map(|n| Sketch::hash(&n.to_string())).collect())
    }

    #[test]
    fn few_members_are_counted_exactly() {
        for n in [0, 1, 50, 640] {
            assert_eq!(sketch(0..n).len(), u64::from(n));
        }
    }

    #[test]
    fn many_members_are_counted_within_five_percent() {
        for n in [641_u32, 2_000, 20_000, 300_000] {
            let found = sketch(0..n).len() as f64;
            assert!((found / f64::from(n) - 1.0).abs() < 0.05, "{found} for {n}");
        }
    }

    #[test]
    fn any_split_of_a_set_merges_to_the_same_sketch() {
        let whole = sketch(0..5_000);
        for cut in [0, 1, 500, 640, 641, 4_999] {
            let (mut left, right) = (sketch(0..cut), sketch(cut / 2..5_000));
            left.merge(&right);
            assert_eq!(left, whole);
            let (left, mut right) = (sketch(0..cut), sketch(cut / 2..5_000));
            right.merge(&left);
            assert_eq!(right, whole);
        }
    }

    #[test]
    fn no_sketch_takes_more_bytes_than_its_registers() {
        for (n, bytes) in [(0, 1), (3, 13), (640, 2_561), (641, 2_561), (90_000, 2_561)] {
            assert_eq!(sketch(0..n).to_bytes().len(), bytes, "{n} members");
        }
    }

    #[test]
    fn every_register_keeps_its_place_and_its_value() {
        let mut registers = Box::new([0; REGISTERS]);
        for (place, position) in registers.iter_mut().enumerate() {
            *position = [0, 1, 7, 20, 21][place % 5];
        }
        let sketch = Sketch(Form::Registers(registers));
        assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Ok(sketch));
        // Those of the first two registers are the lowest ten bits.
        let low_bits =
            Sketch(Form::Registers(Box::new(std::array::from_fn(|n| u8::from(n < 2) * 21))));
        assert_eq!(low_bits.to_bytes()[..4], [TAG_REGISTERS, 0b1011_0101, 0b10, 0]);
    }

    #[test]
    fn hashes_of_which_all_other_bits_are_0_fit_a_register() {
        // One for each register.
        let hashes: Vec<u32> = (0..4_096).map(|register| register << 20).collect();
        let sketch = Sketch::from_hashes(hashes);
        assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Ok(sketch));
    }

    #[test]
    fn bytes_that_no_sketch_writes_are_refused() {
        let exact = |hashes: &[u32]| {
            let bytes = hashes.iter().flat_map(|hash| hash.to_le_bytes());
            std::iter::once(TAG_EXACT).chain(bytes).collect::<Vec<u8>>()
        };
        let registers = |bytes: usize, each: u8| {
            std::iter::once(TAG_REGISTERS).chain(std::iter::repeat_n(each, bytes)).collect()
        };
        let too_many: Vec<u32> = (0..641).collect();
        let refused: [(&str, Vec<u8>); 10] = [
            ("nothing", vec![]),
            ("another tag", vec![2]),
            ("half a hash", vec![TAG_EXACT, 1, 2]),
            ("hashes out of order", exact(&[2, 1])),
            ("a hash twice", exact(&[1, 1])),
            ("more hashes than are kept", exact(&too_many)),
            ("too few registers", registers(2_559, 0)),
            ("too many registers", registers(2_561, 0)),
            ("registers of a byte each", registers(4_096, 0)),
            ("registers of more than 21", registers(2_560, 0xff)),
        ];
        for (what, bytes) in refused {
            assert_eq!(Sketch::from_bytes(&bytes), Err(SketchError), "{what}");
        }
        assert!(Sketch::from_bytes(&exact(&too_many[..640])).is_ok());
        assert!(Sketch::from_bytes(&registers(2_560, 0)).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn equal_sets_are_equal_bytes_and_bytes_bring_the_sketch_back(
            hashes in prop::collection::vec(any::<u32>(), 0..2_000),
            cut in any::<prop::sample::Index>(),
            // Many hashes in few registers, and registers of great values.
            shift in 0..32_u32,
        ) {
            let mut hashes = hashes;
            for hash in &mut hashes {
                *hash >>= shift;
            }
            let whole = Sketch::from_hashes(hashes.clone());
            let bytes = whole.to_bytes();
            prop_assert_eq!(Sketch::from_bytes(&bytes), Ok(whole));
            prop_assert!(bytes.len() <= 2_561);
            hashes.reverse();
            let (some, others) = hashes.split_at(cut.index(hashes.len() + 1));
            let mut merged = Sketch::from_hashes(some.to_vec());
            let before = merged.clone();
            let is_larger = merged.merge(&Sketch::from_hashes(others.to_vec()));
            prop_assert_eq!(merged.to_bytes(), &*bytes);
            prop_assert_eq!(is_larger, before.to_bytes() != bytes);
        }

        #[test]
        fn bytes_that_are_read_are_those_that_would_be_written(
            tag in 0..3_u8,
            registers in any::<bool>(),
            mut bytes in prop::collection::vec(0..=u8::MAX, 0..16),
            each in 0..=u8::MAX,
        ) {
            bytes.insert(0, tag);
            if registers {
                bytes.resize(2_561, each);
            }
            if let Ok(sketch) = Sketch::from_bytes(&bytes) {
                prop_assert_eq!(sketch.to_bytes(), bytes);
            }
        }
    }
}
