//! Small simulations against servers within the test: what is right is found right, and what is wrong is
//! found.

mod faithful;
mod faults;
mod site;
