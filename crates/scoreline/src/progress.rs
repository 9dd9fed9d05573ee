//! Progress of long work: a bar where somebody watches, nothing elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scoreline_core::store::Progress;

/// Shows how far something has come.
#[derive(Clone)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for work on some kind of thing, such as "events".
    pub fn new(what: &str) -> Self {
        let bar = ProgressBar::new(0);
        if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} ({eta})");
            bar.set_style(style.expect("a constant template"));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// Takes over how far the work has come.
    pub fn show(&self, progress: Progress) {
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
    }

    /// Says what is going on.
    pub fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// The same as a function.
    pub fn shower(&self) -> Arc<dyn Fn(Progress) + Send + Sync> {
        let bar = self.clone();
        Arc::new(move |progress| bar.show(progress))
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
