//! Numbers of things in sentences.

/// How many there are of something, such as `1 mistake` and `2 mistakes`. `what` takes an s, or `ies` for a
/// `ry` at its end.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    match (count.try_into().unwrap_or(u64::MAX), what.strip_suffix("ry")) {
        (1, _) => format!("1 {what}"),
        (count, Some(stem)) => format!("{count} {stem}ries"),
        (count, None) => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_without_an_s() {
        assert_eq!(counted(0_u64, "mistake"), "0 mistakes");
        assert_eq!(counted(1_usize, "mistake"), "1 mistake");
        assert_eq!(counted(2_u32, "mistake"), "2 mistakes");
        assert_eq!([0_u32, 1].map(|count| counted(count, "entry")), ["0 entries", "1 entry"]);
    }
}
