//! The texts of rejected events, as far as they are kept.
//!
//! Anybody can send events that are rejected; what is kept of them must not fill a disk. The beginning
//! of a long one tells an operator what it was. It cannot be replayed, and says so.

use super::json_text;

/// How the text of an event begins of which not all is kept: as no event does.
const CUT: &str = "\"(cut from ";

/// The JSON text of an event if it has at most `bytes_max` bytes, and otherwise its beginning as a JSON
/// text that says how many bytes there were.
pub(super) fn to(json: &str, bytes_max: usize) -> Box<str> {
    if json.len() <= bytes_max {
        return Box::from(json);
    }
    let mut begin = bytes_max;
    while !json.is_char_boundary(begin) {
        begin -= 1;
    }
    let told = format!("(cut from {} bytes) {}", json.len(), &json[..begin]);
    json_text::quoted(&told.replace('\0', "\\x00")).into_boxed_str()
}

/// Whether a text was cut by [`to`].
pub(super) fn is_cut(raw: &str) -> bool {
    raw.starts_with(CUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_kept_and_of_a_long_one_the_beginning_as_json() {
        assert_eq!(&*to("[1]", 3), "[1]");
        let cut = to("[\"é\",2]", 3);
        assert_eq!(&*cut, r#""(cut from 8 bytes) [\"""#);
        assert!(is_cut(&cut) && !is_cut("[1]") && !is_cut("\"(cut\""));
        let text: String = serde_json::from_str(&cut).expect("a JSON text");
        assert!(text.ends_with("[\""), "{text}");
    }
}
