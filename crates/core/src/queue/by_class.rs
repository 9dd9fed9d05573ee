//! One value for each class.

use std::ops::{Index, IndexMut};

use crate::game::Class;

/// One value for each class of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByClass<T>(pub [T; 3]);

impl<T> ByClass<T> {
    /// The value of each class that `value_of` answers, the most urgent first.
    pub fn from_fn(mut value_of: impl FnMut(Class) -> T) -> Self {
        Self(Class::ALL.map(&mut value_of))
    }

    /// Each class with its value, the most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = (Class, &T)> {
        Class::ALL.into_iter().zip(&self.0)
    }

    /// Each value turned into another.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> ByClass<U> {
        ByClass(self.0.map(change))
    }
}

impl ByClass<u64> {
    /// All classes together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl<T> Index<Class> for ByClass<T> {
    type Output = T;

    fn index(&self, class: Class) -> &T {
        &self.0[class as usize]
    }
}

impl<T> IndexMut<Class> for ByClass<T> {
    fn index_mut(&mut self, class: Class) -> &mut T {
        &mut self.0[class as usize]
    }
}
