//! What forms of acts carry, and how it is read: who is meant, why, until when, and the word that
//! confirms it.

use percent_encoding::percent_decode_str;
use scoreline_core::audit::Act;
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use scoreline_http::{Problem, Slug};

use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// From how many events on an act must be confirmed by typing.
pub(crate) const TYPED_ABOVE: u64 = 1_000;
/// Characters of a note.
pub(crate) const NOTE_CHARS_MAX: usize = 500;

/// What a form carries as it stands in an address: every byte comes back as it was.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A player's id that a form carries as it stands in an address.
pub(crate) fn player(coded: &str) -> Result<PlayerId, Problem> {
    PlayerId::new(&decoded(coded)).map_err(|error| Problem::field("id", error.to_string()))
}

/// Why something is done.
pub(crate) fn note(text: &str) -> Result<String, Problem> {
    let note = text.trim();
    if note.is_empty() || note.chars().count() > NOTE_CHARS_MAX {
        let reason = format!("must have 1 to {NOTE_CHARS_MAX} characters");
        return Err(Problem::field("note", reason));
    }
    Ok(note.to_owned())
}

/// A moment as a field for date and time writes it, in UTC; `None` if nothing is chosen.
pub(crate) fn moment(field: &'static str, text: &str) -> Result<Option<Timestamp>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // Browsers leave out seconds that are 0.
    let whole = if text.len() == "2026-11-29T19:41".len() {
        format!("{text}:00Z")
    } else {
        format!("{text}Z")
    };
    let at = Timestamp::parse(&whole).or_else(|| Timestamp::parse(text));
    let wrong =
        || Problem::field(field, "must be a time in UTC such as 2026-11-29T19:41".to_owned());
    at.map(Some).ok_or_else(wrong)
}

/// What must be typed to confirm an act on this number of `events`.
pub(crate) fn confirmation(verb: &str, events: u64) -> String {
    format!("{verb} {events}")
}

/// Fails unless what is typed says how many events there are, where there are many.
pub(crate) fn confirmed(verb: &str, events: u64, typed: Option<&str>) -> Result<(), Trouble> {
    let wanted = confirmation(verb, events);
    if events <= TYPED_ABOVE || typed.map(str::trim) == Some(&*wanted) {
        return Ok(());
    }
    let events = words::count(events);
    let detail = format!("{events} events are meant by now; type {wanted:?} to confirm that");
    Err(Trouble::of(Problem::new(Slug::Conflict, detail)))
}

/// What an operator does, as the log of acts has it.
pub(crate) fn act(
    operator: &Operator,
    what: &str,
    target: &impl ToString,
    note: String,
    at: Timestamp,
) -> Act {
    let (by, what, target) = (operator.actor(), what.to_owned(), target.to_string());
    Act { by, what, target, note: Some(note), at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_browsers_write_it() {
        let read = |text| moment("until", text).map(|at| at.map(|at| at.to_string()));
        for text in ["2026-11-29T19:41", "2026-11-29T19:41:00", "2026-11-29T19:41:00.000Z"] {
            let read = read(text).unwrap_or_default();
            assert_eq!(read.as_deref(), Some("2026-11-29T19:41:00.000Z"), "{text}");
        }
        assert!(matches!(moment("until", " "), Ok(None)));
        assert!(moment("until", "tomorrow").is_err());
    }

    #[test]
    fn many_events_are_confirmed_by_their_number() {
        assert!(confirmed("void", 1_000, None).is_ok());
        assert!(confirmed("void", 1_001, None).is_err());
        assert!(confirmed("void", 1_001, Some("void 1000")).is_err());
        assert!(confirmed("void", 1_001, Some(" void 1001 ")).is_ok());
    }
}
