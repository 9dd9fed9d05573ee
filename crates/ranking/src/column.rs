//! A column of numbers that are close to one another.
//!
//! Neighbours on a board differ little: their points, the weeks in which they reached them, how
//! often they played. A column keeps differences to a base of its own, each in as many bytes as the
//! greatest of them needs: none where all numbers are equal, as the sums that a board does not keep.

/// Numbers by which a full column grows: one that doubled would be half empty most of the time.
pub const GROWTH: usize = 64;

/// Some numbers in their order. Any `i64` can be put in.
#[derive(Debug, Default)]
pub struct Column {
    base: i64,
    numbers: usize,
    /// Bytes of each difference, from 0 to 8.
    width: usize,
    /// What is to be added to the base, the lowest byte first.
    differences: Vec<u8>,
}

impl Column {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.numbers
    }

    /// The number at `index`.
    pub fn get(&self, index: usize) -> i64 {
        assert!(index < self.numbers, "a column is asked for what it has");
        let start = index * self.width;
        // Reading eight bytes and dropping some is quicker than reading as many as there are.
        let difference = if let Some(eight) = self.differences.get(start..start + 8) {
            let eight = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
            eight & self.widest()
        } else {
            let mut eight = [0; 8];
            let bytes = &self.differences[start..start + self.width];
            eight[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(eight)
        };
        self.base.wrapping_add_unsigned(difference)
    }

    /// Puts a number in at `index`.
    pub fn insert(&mut self, index: usize, number: i64) {
        let bytes = self.difference_for(number).to_le_bytes();
        let start = index * self.width;
        self.grow_if_full();
        self.differences.splice(start..start, bytes[..self.width].iter().copied());
        self.numbers += 1;
    }

    /// Puts a number in at the end.
    pub fn push(&mut self, number: i64) {
        let bytes = self.difference_for(number).to_le_bytes();
        self.grow_if_full();
        self.differences.extend_from_slice(&bytes[..self.width]);
        self.numbers += 1;
    }

    /// Replaces the number at `index`.
    pub fn set(&mut self, index: usize, number: i64) {
        assert!(index < self.numbers, "a column replaces what it has");
        let bytes = self.difference_for(number).to_le_bytes();
        let start = index * self.width;
        self.differences[start..start + self.width].copy_from_slice(&bytes[..self.width]);
    }

    /// Takes the number at `index` out.
    pub fn remove(&mut self, index: usize) {
        let start = index * self.width;
        self.differences.drain(start..start + self.width);
        self.numbers -= 1;
    }

    /// Splits off the numbers from `index` on.
    pub fn split_off(&mut self, index: usize) -> Self {
        let rest = Self::of((index..self.len()).map(|at| self.get(at)));
        self.differences.truncate(index * self.width);
        self.numbers = index;
        rest
    }

    /// Puts the numbers of `rest` at the end.
    pub fn append(&mut self, rest: &Self) {
        self.differences.reserve_exact(rest.len() * self.width);
        for at in 0..rest.len() {
            self.push(rest.get(at));
        }
    }

    /// Makes room for this many more numbers, and for some beyond them.
    pub fn make_room(&mut self, more: usize) {
        make_room(&mut self.differences, more * self.width);
    }

    /// Gives room beyond this many numbers back.
    pub fn shrink_to(&mut self, numbers: usize) {
        self.differences.shrink_to(numbers * self.width);
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.differences.capacity()
    }

    /// A column of these numbers.
    pub fn of(numbers: impl ExactSizeIterator<Item = i64> + Clone) -> Self {
        let mut column = Self::default();
        column.encode(numbers.len(), numbers);
        column
    }

    /// The difference between a number and the base, which is moved, as the width is widened, where
    /// that is needed for the number to be put in.
    fn difference_for(&mut self, number: i64) -> u64 {
        if self.numbers == 0 {
            self.base = centred(number, number, self.widest());
        }
        if self.difference(number) > self.widest() {
            self.widen_for(number);
        }
        let difference = self.difference(number);
        assert!(difference <= self.widest(), "a column was widened for this number");
        difference
    }

    fn grow_if_full(&mut self) {
        if self.differences.capacity() - self.differences.len() < self.width {
            self.differences.reserve_exact(GROWTH * self.width);
        }
    }

    fn difference(&self, number: i64) -> u64 {
        number.wrapping_sub(self.base).cast_unsigned()
    }

    /// The greatest difference that fits.
    fn widest(&self) -> u64 {
        widest(self.width)
    }

    /// Moves the base, and takes more bytes if need be, so that this number can be put in too.
    fn widen_for(&mut self, number: i64) {
        let room = self.differences.capacity().checked_div(self.width).unwrap_or(0);
        let mut numbers: Vec<i64> = (0..self.len()).map(|at| self.get(at)).collect();
        numbers.push(number);
        self.encode(room, numbers.iter().copied());
        self.remove(numbers.len() - 1);
    }

    /// Takes these numbers instead of those it has, with room for `room`.
    fn encode(&mut self, room: usize, numbers: impl ExactSizeIterator<Item = i64> + Clone) {
        let lowest = numbers.clone().min().unwrap_or(0);
        let highest = numbers.clone().max().unwrap_or(0);
        let range = highest.wrapping_sub(lowest).cast_unsigned();
        self.width = (0..8).find(|width| range <= widest(*width)).unwrap_or(8);
        self.base = centred(lowest, highest, self.widest());
        self.numbers = numbers.len();
        self.differences = Vec::with_capacity(room.max(self.numbers) * self.width);
        for number in numbers {
            let bytes = self.difference(number).to_le_bytes();
            self.differences.extend_from_slice(&bytes[..self.width]);
        }
    }
}

/// The greatest number that fits in this many bytes.
fn widest(bytes: usize) -> u64 {
    if bytes == 0 { 0 } else { u64::MAX >> (64 - 8 * bytes) }
}

/// A base that leaves as much room below the lowest as above the highest: numbers that come in
/// order, up or down, seldom need another.
fn centred(lowest: i64, highest: i64, widest: u64) -> i64 {
    let room = widest - highest.wrapping_sub(lowest).cast_unsigned();
    lowest.wrapping_sub_unsigned(room / 2)
}

/// Room for `more`. A list that doubles would be half empty at times; a million players are many
/// bytes to waste.
pub fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more + list.len() / 8);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(usize, i64),
        Set(usize, i64),
        Remove(usize),
        SplitAndAppend(usize),
    }

    fn any_number() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => 0..100_i64,
            2 => -70_000..70_000_i64,
            1 => -5_000_000_000..5_000_000_000_i64,
            1 => prop::sample::select(&[i64::MIN, i64::MAX, 0][..]),
        ]
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (any::<usize>(), any_number()).prop_map(|(at, number)| Step::Insert(at, number)),
            1 => (any::<usize>(), any_number()).prop_map(|(at, number)| Step::Set(at, number)),
            1 => any::<usize>().prop_map(Step::Remove),
            1 => any::<usize>().prop_map(Step::SplitAndAppend),
        ]
    }

    fn numbers(column: &Column) -> Vec<i64> {
        (0..column.len()).map(|at| column.get(at)).collect()
    }

    proptest! {
        #[test]
        fn a_column_is_a_list(steps in prop::collection::vec(any_step(), 0..80)) {
            let (mut column, mut list) = (Column::default(), Vec::new());
            for step in steps {
                match step {
                    Step::Insert(at, number) => {
                        let at = at % (list.len() + 1);
                        column.insert(at, number);
                        list.insert(at, number);
                    }
                    Step::Set(at, number) if !list.is_empty() => {
                        let at = at % list.len();
                        column.set(at, number);
                        list[at] = number;
                    }
                    Step::Remove(at) if !list.is_empty() => {
                        let at = at % list.len();
                        column.remove(at);
                        list.remove(at);
                    }
                    Step::SplitAndAppend(at) => {
                        let at = at % (list.len() + 1);
                        let rest = column.split_off(at);
                        prop_assert_eq!(numbers(&rest), &list[at..]);
                        column.append(&rest);
                    }
                    Step::Set(..) | Step::Remove(_) => {}
                }
                prop_assert_eq!(numbers(&column), &*list);
            }
        }
    }

    #[test]
    fn numbers_take_as_many_bytes_as_their_differences_need_wherever_they_lie() {
        for (step, bytes) in [(0, 0), (1, 1), (300, 2), (9_000, 3), (50_000_000, 5)] {
            for base in [0, i64::MAX - 5_000_000_000, i64::MIN, 1_795_392_000_000] {
                let column = Column::of((0..100_u8).map(|n| base + i64::from(n) * step));
                assert_eq!(column.heap_bytes(), 100 * bytes, "by {step} from {base} on");
            }
        }
    }

    #[test]
    fn a_column_that_had_to_be_wide_is_narrow_again_where_it_is_split() {
        let mut column = Column::default();
        (0..100).for_each(|n| column.insert(0, if n < 50 { n } else { n + 1_000_000_000 }));
        assert_eq!(column.width, 4);
        assert_eq!(column.split_off(50).width, 1);
    }
}
