//! Numbers of things in sentences.

/// How many there are of something, such as `1 mistake` and `2 mistakes`. `what` takes an s.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
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
    }
}
