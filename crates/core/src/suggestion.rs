//! Suggests an existing name for one that was mistyped.

/// Longer names are not compared: nobody mistypes one of these, and it costs the square of it.
const COMPARED_CHARS_MAX: usize = 100;

/// `did you mean "score"?`, if one of the names that exist is near enough to the one written.
pub fn did_you_mean<'n>(
    written: &str,
    existing: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let nearest = nearest(written, existing)?;
    Some(format!("did you mean {nearest:?}?"))
}

/// The existing name that is nearest, at most a third of its letters away.
fn nearest<'n>(written: &str, existing: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let length = written.chars().count();
    if length > COMPARED_CHARS_MAX {
        return None;
    }
    let written = written.to_lowercase();
    existing
        .into_iter()
        .filter_map(|name| {
            let most = (length.max(name.len()) / 3).max(1);
            if name.len() > COMPARED_CHARS_MAX || name.len().abs_diff(length) > most {
                return None;
            }
            let distance = strsim::osa_distance(&written, &name.to_lowercase());
            // At least one letter must be the same: "x" is no misspelling of "y".
            (distance <= most && distance < length.max(name.len())).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let names = ["score", "duration_seconds", "stars", "id"];
        assert_eq!(nearest("scroe", names), Some("score"));
        assert_eq!(nearest("Score", names), Some("score"));
        assert_eq!(nearest("duration_second", names), Some("duration_seconds"));
        assert_eq!(nearest("star", names), Some("stars"));
        assert_eq!(nearest("i", names), Some("id"));
        assert_eq!(nearest("x", names), None);
        assert_eq!(nearest("coins", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest(&"score".repeat(1_000), names), None);
    }
}
