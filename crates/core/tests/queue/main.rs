//! The rules of the queue: what travels through it comes out as it was.

mod codec;
mod parcels;
mod shares;
