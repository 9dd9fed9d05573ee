//! The fold as a store uses it: any split, order, repetition and crash gives the state of the set.

mod game;
mod judging;
mod layers;
mod operators;
mod sets;
mod store;
