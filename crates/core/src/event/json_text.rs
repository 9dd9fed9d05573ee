//! Walks over JSON text that is already known to be well-formed, without parsing it into a tree.
//!
//! Everything here is iterative: no nesting, however deep, can exhaust the stack. What is not
//! well-formed ends a walk early; it never panics.

use std::borrow::Cow;

/// What JSON may escape but no store can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// `\u0000`, which PostgreSQL text cannot hold.
    Nul,
    /// Half of a surrogate pair, which is no character in any encoding.
    LoneSurrogate,
}

/// How deep arrays and objects nest: 0 for a scalar, 1 for `{}`.
pub(crate) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for (_, byte) in outside_strings(json) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    deepest
}

/// The same JSON without whitespace between its tokens, so that it stays on one line.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    // Only objects and lists have more than one token.
    if !is_nested(json) {
        return Cow::Borrowed(json);
    }
    let mut kept = String::new();
    let mut copied = 0;
    for (place, byte) in outside_strings(json) {
        if is_whitespace(byte) {
            kept.push_str(&json[copied..place]);
            copied = place + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    kept.push_str(&json[copied..]);
    Cow::Owned(kept)
}

/// The first escape, in a key or a value at any depth, that no store can hold.
pub(crate) fn text_fault(json: &str) -> Option<TextFault> {
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        let Some(unit) = utf16_unit(&rest[place..]) else {
            rest = &rest[place + 2..];
            continue;
        };
        rest = &rest[place + 6..];
        match unit {
            0 => return Some(TextFault::Nul),
            0xD800..=0xDBFF => match utf16_unit(rest) {
                Some(0xDC00..=0xDFFF) => rest = &rest[6..],
                _ => return Some(TextFault::LoneSurrogate),
            },
            0xDC00..=0xDFFF => return Some(TextFault::LoneSurrogate),
            _ => {}
        }
    }
    None
}

/// The text that a JSON string stands for; `None` for any other value and for lone surrogates.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inside))
}

/// A text as JSON writes it.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// The fields of an object: each key, with its quotes, and its value, as they are written.
pub(crate) fn fields(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut walk = Walk { json: object, place: 1 };
    std::iter::from_fn(move || Some((walk.value()?, walk.value()?)))
}

/// The items of a list, as they are written.
pub(crate) fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut walk = Walk { json: list, place: 1 };
    std::iter::from_fn(move || walk.value())
}

/// A walk over the values of one object or list.
struct Walk<'j> {
    json: &'j str,
    place: usize,
}

impl<'j> Walk<'j> {
    /// The next value, or key, of this level; `None` at its end.
    fn value(&mut self) -> Option<&'j str> {
        let bytes = self.json.as_bytes();
        let is_between = |byte: u8| is_whitespace(byte) || byte == b',' || byte == b':';
        while bytes.get(self.place).copied().is_some_and(is_between) {
            self.place += 1;
        }
        let start = self.place;
        self.place = match bytes.get(start)? {
            b'"' => string_end(bytes, start),
            b'{' | b'[' => nested_end(bytes, start),
            _ => {
                let ends = |byte: &u8| is_between(*byte) || matches!(byte, b'}' | b']');
                let length = bytes[start..].iter().position(ends);
                length.map_or(bytes.len(), |length| start + length)
            }
        };
        self.json.get(start..self.place).filter(|value| !value.is_empty())
    }
}

/// Where the string that starts at `start` ends, quote included.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut place = start + 1;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    bytes.len()
}

/// Where the object or list that starts at `start` ends, bracket included.
fn nested_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut place = start;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => {
                place = string_end(bytes, place);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return place + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        place += 1;
    }
    bytes.len()
}

/// Whether a value is an object or a list.
pub(crate) fn is_nested(json: &str) -> bool {
    json.starts_with(['{', '['])
}

/// Whether a value is a number.
pub(crate) fn is_number(json: &str) -> bool {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// What kind of value it is, with its article.
pub(crate) fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a truth value",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Whether JSON allows the byte between tokens.
pub(crate) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The bytes outside of strings, with their places.
fn outside_strings(json: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut inside, mut escaped) = (false, false);
    json.bytes().enumerate().filter(move |&(_, byte)| {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            return false;
        }
        inside = byte == b'"';
        !inside
    })
}

/// The number in an escape such as `\u00e9` at the start of `json`.
fn utf16_unit(json: &str) -> Option<u32> {
    let digits = json.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth("{}"), 1);
        assert_eq!(depth(r#"{"a":[[1],{"b":2}]}"#), 3);
        assert_eq!(depth(r#"{"a":"[[[[\"[[\\"}"#), 1);
    }

    #[test]
    fn compact_keeps_what_stands_in_strings() {
        assert_eq!(compact("{ \"a b\" :\n[ 1 ,\t2 ] }\r\n"), r#"{"a b":[1,2]}"#);
        assert_eq!(compact(r#"" \" ""#), r#"" \" ""#);
        assert!(matches!(compact("[1,2]"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_escapes_that_stores_cannot_hold_are_faults() {
        assert_eq!(text_fault(r#""\u00e9\n\\u0000 \ud83d\ude00""#), None);
        assert_eq!(text_fault(r#"{"a":["\u0000"]}"#), Some(TextFault::Nul));
        assert_eq!(text_fault(r#"{"\u0000":1}"#), Some(TextFault::Nul));
        assert_eq!(text_fault(r#""\ud83d""#), Some(TextFault::LoneSurrogate));
        assert_eq!(text_fault(r#""\ud83d\u0041""#), Some(TextFault::LoneSurrogate));
        assert_eq!(text_fault(r#""\ude00\ud83d""#), Some(TextFault::LoneSurrogate));
    }

    #[test]
    fn fields_and_items_are_cut_out_as_they_are_written() {
        let object = "{ \"a\" : 1,\"b\\\"}\":[1,{\"c\":\"]\"}] ,\n\"\":\"x,y\", \"d\":{}}";
        let expected = [
            ("\"a\"", "1"),
            ("\"b\\\"}\"", "[1,{\"c\":\"]\"}]"),
            ("\"\"", "\"x,y\""),
            ("\"d\"", "{}"),
        ];
        assert_eq!(fields(object).collect::<Vec<_>>(), expected);
        assert_eq!(fields("{}").count(), 0);
        let list = r#"[ -1.5e3 ,"a,b",[[],[2]],null,{"k":[]} ]"#;
        let expected = ["-1.5e3", "\"a,b\"", "[[],[2]]", "null", "{\"k\":[]}"];
        assert_eq!(items(list).collect::<Vec<_>>(), expected);
        assert_eq!(items("[ ]").count(), 0);
    }

    #[test]
    fn what_is_not_well_formed_ends_a_walk() {
        let whole = r#"{"a":[1,{"b":"c\\"}],"d":tru,"é":"\"}"#;
        for (end, _) in whole.char_indices() {
            assert!(fields(&whole[..end]).count() <= 3);
            assert!(items(&whole[end..]).count() <= 12);
        }
        assert_eq!(items("[}").count(), 0);
    }

    #[test]
    fn strings_are_read_with_their_escapes() {
        assert_eq!(string(r#""plain""#).as_deref(), Some("plain"));
        assert_eq!(string(r#""a\"b\u00e9""#).as_deref(), Some("a\"bé"));
        assert_eq!(string(r#""\ud800""#), None);
        assert_eq!(string("12"), None);
    }
}
