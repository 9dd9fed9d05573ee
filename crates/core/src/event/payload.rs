//! Writes an event's payload: one flat JSON object, without whitespace between its tokens.

use super::json_text;

/// A payload being written.
#[derive(Debug)]
pub(super) struct Payload {
    json: String,
}

impl Payload {
    /// An empty payload with room for the text of a whole event.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut json = String::with_capacity(bytes);
        json.push('{');
        Self { json }
    }

    /// Starts a field. Its value must be written to what is answered.
    pub fn field(&mut self, name: &str) -> &mut String {
        self.separate();
        // Looks at every byte, found one or not: so the compiler makes it a few vector operations.
        let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if name.bytes().fold(true, |all, byte| all & plain(byte)) {
            self.json.push('"');
            self.json.push_str(name);
            self.json.push('"');
        } else {
            self.json.push_str(&json_text::quoted(name));
        }
        self.json.push(':');
        &mut self.json
    }

    /// Writes a field as its sender wrote it: a key with its quotes, a value on one line.
    pub fn raw(&mut self, key: &str, value: &str) {
        self.separate();
        self.json.push_str(key);
        self.json.push(':');
        self.json.push_str(value);
    }

    /// Where the next field will start.
    pub fn mark(&self) -> usize {
        self.json.len()
    }

    /// Takes back all fields since [`Payload::mark`].
    pub fn rewind(&mut self, mark: usize) {
        self.json.truncate(mark);
    }

    /// The whole object.
    pub fn finish(mut self) -> Box<str> {
        self.json.push('}');
        self.json.into_boxed_str()
    }

    fn separate(&mut self) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
    }
}
