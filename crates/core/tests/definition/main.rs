//! The game definition: what is read from a file, and what is said about its mistakes.

mod examples;
mod mistakes;
mod reading;
mod robustness;
mod sample;
