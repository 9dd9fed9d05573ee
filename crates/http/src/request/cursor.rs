//! Where a page starts, as a text that clients hand back.

use scoreline_core::audit::AuditNo;
use scoreline_core::review::ReviewNo;
use scoreline_core::store::{DeadNo, QuarantineNo};

use super::kinds::Text;
use crate::problem::Problem;

/// A place where a page starts.
pub(crate) trait Cursor: Sized {
    /// Reads what [`Cursor::text`] wrote.
    fn read(text: &str) -> Option<Self>;
    /// The text.
    fn text(&self) -> String;
}

/// Numbers are such places.
macro_rules! numbers {
    ($($number:ident),*) => {
        $(impl Cursor for $number {
            fn read(text: &str) -> Option<Self> {
                text.parse().map(Self).ok()
            }

            fn text(&self) -> String {
                self.0.to_string()
            }
        })*
    };
}

numbers!(AuditNo, DeadNo, QuarantineNo, ReviewNo);

/// Where the page starts that a request asks for, if it is not the first one.
pub(crate) fn after<C: Cursor>(cursor: Option<&Text>) -> Result<Option<C>, Problem> {
    cursor.map(|text| C::read(&text.0).ok_or_else(not_one)).transpose()
}

/// What is told of a text that is no cursor.
pub(crate) fn not_one() -> Problem {
    Problem::field("cursor", "must be the next_cursor of the page before")
}
