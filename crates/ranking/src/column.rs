//! A column of numbers that are close to one another.
//!
//! Neighbours on a board differ little: their points, the weeks in which they reached them, how
//! often they played. A column keeps differences to a base of its own, two bytes each where all of
//! them fit, otherwise four or eight.

use crate::players::make_room;

/// Some numbers in their order. Any `i64` can be put in.
#[derive(Debug)]
pub struct Column {
    base: i64,
    offsets: Offsets,
}

/// What is to be added to the base.
#[derive(Debug)]
enum Offsets {
    Two(Vec<u16>),
    Four(Vec<u32>),
    Eight(Vec<u64>),
}

/// Runs the same code on the offsets, whatever their width.
macro_rules! each_width {
    ($offsets:expr, $list:ident => $work:expr) => {
        match $offsets {
            Offsets::Two($list) => $work,
            Offsets::Four($list) => $work,
            Offsets::Eight($list) => $work,
        }
    };
}

impl Default for Column {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Column {
    /// A column with room for so many numbers that are close to one another.
    pub fn with_capacity(numbers: usize) -> Self {
        Self { base: 0, offsets: Offsets::Two(Vec::with_capacity(numbers)) }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        each_width!(&self.offsets, list => list.len())
    }

    /// The number at `index`.
    pub fn get(&self, index: usize) -> i64 {
        let offset = match &self.offsets {
            Offsets::Two(list) => u64::from(list[index]),
            Offsets::Four(list) => u64::from(list[index]),
            Offsets::Eight(list) => list[index],
        };
        self.base.wrapping_add_unsigned(offset)
    }

    /// Puts a number in at `index`.
    pub fn insert(&mut self, index: usize, number: i64) {
        if self.len() == 0 {
            self.base = centred(number, number, self.widest());
        }
        if !self.try_insert(index, number) {
            self.widen_for(number);
            assert!(self.try_insert(index, number), "a column was widened for this number");
        }
    }

    /// Replaces the number at `index`.
    pub fn set(&mut self, index: usize, number: i64) {
        if !self.try_set(index, number) {
            self.widen_for(number);
            assert!(self.try_set(index, number), "a column was widened for this number");
        }
    }

    /// Takes the number at `index` out.
    pub fn remove(&mut self, index: usize) {
        each_width!(&mut self.offsets, list => {
            list.remove(index);
        });
    }

    /// Splits off the numbers from `index` on.
    pub fn split_off(&mut self, index: usize) -> Self {
        let rest = Self::of((index..self.len()).map(|at| self.get(at)));
        each_width!(&mut self.offsets, list => list.truncate(index));
        rest
    }

    /// Puts the numbers of `rest` at the end.
    pub fn append(&mut self, rest: &Self) {
        self.reserve_exact(rest.len());
        for at in 0..rest.len() {
            self.insert(self.len(), rest.get(at));
        }
    }

    /// Makes room for so many more, and for none beyond them.
    pub fn reserve_exact(&mut self, more: usize) {
        each_width!(&mut self.offsets, list => list.reserve_exact(more));
    }

    /// Makes room for so many more, and for some beyond them.
    pub fn make_room(&mut self, more: usize) {
        each_width!(&mut self.offsets, list => make_room(list, more));
    }

    /// Gives room beyond so many numbers back.
    pub fn shrink_to(&mut self, numbers: usize) {
        each_width!(&mut self.offsets, list => list.shrink_to(numbers));
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        fn bytes<T>(list: &Vec<T>) -> usize {
            list.capacity() * size_of::<T>()
        }
        each_width!(&self.offsets, list => bytes(list))
    }

    /// A column of these numbers.
    pub fn of(numbers: impl ExactSizeIterator<Item = i64> + Clone) -> Self {
        let mut column = Self::with_capacity(0);
        column.encode(numbers.len(), numbers);
        column
    }

    /// Answers whether the number lies so near to the base that it could be put in.
    fn try_insert(&mut self, index: usize, number: i64) -> bool {
        let offset = self.offset_of(number);
        each_width!(&mut self.offsets, list => {
            narrowed(offset).map(|offset| list.insert(index, offset)).is_some()
        })
    }

    /// Answers whether the number lies so near to the base that it could take another's place.
    fn try_set(&mut self, index: usize, number: i64) -> bool {
        let offset = self.offset_of(number);
        each_width!(&mut self.offsets, list => {
            narrowed(offset).map(|offset| list[index] = offset).is_some()
        })
    }

    fn offset_of(&self, number: i64) -> u64 {
        number.wrapping_sub(self.base).cast_unsigned()
    }

    /// The greatest offset that fits.
    fn widest(&self) -> u64 {
        match &self.offsets {
            Offsets::Two(_) => u64::from(u16::MAX),
            Offsets::Four(_) => u64::from(u32::MAX),
            Offsets::Eight(_) => u64::MAX,
        }
    }

    /// Moves the base, and takes wider offsets if need be, so that this number can be put in too.
    fn widen_for(&mut self, number: i64) {
        let capacity = each_width!(&self.offsets, list => list.capacity());
        let mut numbers: Vec<i64> = (0..self.len()).map(|at| self.get(at)).collect();
        numbers.push(number);
        self.encode(capacity, numbers.iter().copied());
        self.remove(numbers.len() - 1);
    }

    /// Takes these numbers instead of those it has.
    fn encode(&mut self, capacity: usize, numbers: impl ExactSizeIterator<Item = i64> + Clone) {
        let lowest = numbers.clone().min().unwrap_or(0);
        let highest = numbers.clone().max().unwrap_or(0);
        let range = highest.wrapping_sub(lowest).cast_unsigned();
        let capacity = capacity.max(numbers.len());
        self.offsets = if u16::try_from(range).is_ok() {
            Offsets::Two(Vec::with_capacity(capacity))
        } else if u32::try_from(range).is_ok() {
            Offsets::Four(Vec::with_capacity(capacity))
        } else {
            Offsets::Eight(Vec::with_capacity(capacity))
        };
        self.base = centred(lowest, highest, self.widest());
        for (at, number) in numbers.enumerate() {
            assert!(self.try_insert(at, number), "the width was chosen for the range");
        }
    }
}

fn narrowed<T: TryFrom<u64>>(offset: u64) -> Option<T> {
    T::try_from(offset).ok()
}

/// A base that leaves as much room below the lowest as above the highest: numbers that come in
/// order, up or down, seldom need another.
fn centred(lowest: i64, highest: i64, widest: u64) -> i64 {
    let room = widest - highest.wrapping_sub(lowest).cast_unsigned();
    lowest.wrapping_sub_unsigned(room / 2)
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
    fn numbers_close_to_one_another_take_two_bytes_wherever_they_lie() {
        for base in [0, i64::MAX - 60_000, i64::MIN, 1_795_392_000_000] {
            let mut column = Column::with_capacity(100);
            (0..100).for_each(|n| column.insert(0, base + n * 300));
            assert_eq!(column.heap_bytes(), 200, "from {base} on");
        }
    }

    #[test]
    fn a_column_that_had_to_be_wide_is_narrow_again_where_it_is_split() {
        let mut column = Column::default();
        (0..100).for_each(|n| column.insert(0, if n < 50 { n } else { n + 1_000_000_000 }));
        assert!(matches!(column.offsets, Offsets::Four(_)));
        assert!(matches!(column.split_off(50).offsets, Offsets::Two(_)));
    }
}
