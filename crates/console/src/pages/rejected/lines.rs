//! The lines of the definition that refuse an event. Pure.

/// Lines shown before and after the one that refuses.
const AROUND: usize = 2;

/// One line of the definition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'s> {
    /// Its number, from 1.
    pub no: usize,
    /// What it says.
    pub text: &'s str,
    /// Whether it is the one.
    pub refuses: bool,
}

/// The lines around the one that says what a field of a type must be; the table of the type where the
/// field has no line of its own. None if the type has no table.
pub(super) fn lines<'s>(source: &'s str, event_type: &str, field: Option<&str>) -> Vec<Line<'s>> {
    let all: Vec<&str> = source.lines().collect();
    let of_type = |line: &str| {
        let header = line.trim().strip_prefix("[events.").and_then(|rest| rest.split_once(']'));
        header.is_some_and(|(name, _)| {
            let name = name.strip_suffix(".fields").unwrap_or(name);
            name.trim_matches('"') == event_type
        })
    };
    let Some(header) = all.iter().position(|line| of_type(line)) else { return Vec::new() };
    let is_end = |line: &&str| line.trim_start().starts_with('[') && !of_type(line);
    let end = all[header..].iter().position(is_end).map_or(all.len(), |length| header + length);
    // A path such as `items[2].id` is said by the line of `items`.
    let field = field.map(|field| field.split(['[', '.']).next().unwrap_or(field));
    let is_field = |line: &&str| {
        let name = line.split_once('=').map(|(name, _)| name.trim().trim_matches('"'));
        field.is_some() && name == field
    };
    let found = all[header..end].iter().position(is_field).map(|at| header + at);
    let at = found.unwrap_or(header);
    let from = at.saturating_sub(AROUND).max(header);
    let until = (at + AROUND + 1).min(end);
    (from..until)
        .map(|n| Line { no: n + 1, text: all[n], refuses: n == at })
        .filter(|line| line.refuses || !line.text.trim().is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use scoreline_core::game::SAMPLE;

    use super::*;

    #[test]
    fn the_line_of_the_field_is_found_with_its_neighbours() {
        let found = lines(SAMPLE, "app_installed", Some("country"));
        let line = found.iter().find(|line| line.refuses).expect("a line");
        assert!(line.text.starts_with("country = "), "{line:?}");
        assert_eq!(SAMPLE.lines().nth(line.no - 1), Some(line.text));
        assert!(found.len() > 1);
    }

    #[test]
    fn a_field_of_another_type_is_not_meant_and_one_without_a_line_leads_to_its_table() {
        let source =
            "[events.a]\n[events.a.fields]\nx = 1\n\n[events.b]\n[events.b.fields]\nx = 2\n";
        let refusing = |event_type, field| {
            let found = lines(source, event_type, field);
            found.into_iter().find(|line| line.refuses).map(|line| (line.no, line.text))
        };
        assert_eq!(refusing("b", Some("x")), Some((7, "x = 2")));
        assert_eq!(refusing("a", Some("x[0].y")), Some((3, "x = 1")));
        assert_eq!(refusing("a", Some("z")), Some((1, "[events.a]")));
        assert_eq!(refusing("c", Some("x")), None);
        assert_eq!(refusing("a", None), Some((1, "[events.a]")));
    }
}
