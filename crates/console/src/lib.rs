//! The operator's console: pages that say how the game is doing, what is wrong and what to press.
//!
//! Rendered here, without JavaScript; one small script saves reloads. It shows what the API shows, out of
//! the same parts ([`scoreline_http::parts`]), and decides no rule of the game. No page walks through
//! events: each costs the same however many there are. Where to look: a page is a file of `pages/`, who
//! may see it is decided in `sign_in/guard.rs`, every text of a client passes `html.rs`.

mod assets;
mod charts;
mod compare;
mod console;
mod events;
mod forms;
mod frame;
mod history;
mod hours;
mod html;
mod live;
mod looking;
mod moment;
mod pages;
mod privacy;
mod router;
mod sampler;
mod sign_in;
mod thresholds;
mod trouble;
mod truth;
mod words;

pub use console::{Console, Setup};
pub use router::router;
