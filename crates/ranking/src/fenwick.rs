//! Sums over the first blocks of a sequence, kept in a binary indexed tree: a change of one size,
//! the sum before a block and the block that holds a given place take O(log n) each.

/// The sizes of blocks in their order.
#[derive(Debug, Default)]
pub struct Fenwick {
    /// Entry `n` holds the sum of the `(n + 1) & -(n + 1)` sizes that end with size `n`.
    tree: Vec<u32>,
}

impl Fenwick {
    /// Replaces all sizes.
    pub fn rebuild(&mut self, sizes: impl Iterator<Item = u32>) {
        self.tree.clear();
        self.tree.extend(sizes);
        for index in 0..self.tree.len() {
            let parent = parent(index);
            if parent < self.tree.len() {
                self.tree[parent] += self.tree[index];
            }
        }
    }

    /// The size at `position` grew by one.
    pub fn increment(&mut self, position: usize) {
        let mut index = position;
        while index < self.tree.len() {
            self.tree[index] += 1;
            index = parent(index);
        }
    }

    /// The size at `position` shrank by one.
    pub fn decrement(&mut self, position: usize) {
        let mut index = position;
        while index < self.tree.len() {
            self.tree[index] -= 1;
            index = parent(index);
        }
    }

    /// The sum of all sizes before `position`.
    pub fn before(&self, position: usize) -> u64 {
        let mut sum = 0;
        let mut count = position;
        while count > 0 {
            sum += u64::from(self.tree[count - 1]);
            count &= count - 1;
        }
        sum
    }

    /// The position whose block holds the `place`-th entry, from 0, and how many of its entries
    /// come before that one. Beyond the last entry it is the position after the last block.
    pub fn locate(&self, place: u64) -> (usize, u64) {
        let mut position = 0;
        let mut left = place;
        let mut step = (self.tree.len() + 1).next_power_of_two();
        while step > 0 {
            if let Some(&sum) = self.tree.get(position + step - 1)
                && u64::from(sum) <= left
            {
                left -= u64::from(sum);
                position += step;
            }
            step /= 2;
        }
        (position, left)
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.tree.capacity() * size_of::<u32>()
    }
}

/// The next entry whose sum covers the one at `index`.
fn parent(index: usize) -> usize {
    index | (index + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_and_places_agree_with_counting(
            mut sizes in prop::collection::vec(0..9_u32, 0..70),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..40),
        ) {
            let mut fenwick = Fenwick::default();
            fenwick.rebuild(sizes.iter().copied());
            for (index, grows) in changes {
                if sizes.is_empty() {
                    break;
                }
                let position = index.index(sizes.len());
                if grows {
                    fenwick.increment(position);
                    sizes[position] += 1;
                } else if sizes[position] > 0 {
                    fenwick.decrement(position);
                    sizes[position] -= 1;
                }
            }
            let mut place = 0;
            for (position, &size) in sizes.iter().enumerate() {
                prop_assert_eq!(fenwick.before(position), place);
                for offset in 0..u64::from(size) {
                    prop_assert_eq!(fenwick.locate(place + offset), (position, offset));
                }
                place += u64::from(size);
            }
            prop_assert_eq!(fenwick.before(sizes.len()), place);
            prop_assert_eq!(fenwick.locate(place + 3), (sizes.len(), 3));
        }
    }
}
