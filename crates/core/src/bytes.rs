//! Numbers, times and texts as bytes: what the queue and the change feed are written in.
//!
//! A whole number is written seven bits at a time, the lowest first, with the eighth bit set as long
//! as more follow. A signed one is folded so that small negative numbers stay short. A text is its
//! length and its UTF-8.

use uuid::Uuid;

use crate::event::ContentHash;
use crate::time::Timestamp;

/// Bytes that were not written by Scoreline, or changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its bytes are damaged at {at}: {wrong}")]
pub struct Damaged {
    /// How many bytes from the start.
    pub at: usize,
    /// What is wrong there.
    pub wrong: &'static str,
}

/// Puts bytes together.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn count(&mut self, count: usize) {
        self.unsigned(count as u64);
    }

    pub fn time(&mut self, time: Timestamp) {
        self.signed(time.as_ms());
    }

    /// Writes how much later `time` is than `from`.
    pub fn difference(&mut self, time: Timestamp, from: Timestamp) {
        self.signed(time.as_ms().wrapping_sub(from.as_ms()));
    }

    pub fn uuid(&mut self, id: Uuid) {
        self.0.extend_from_slice(id.as_bytes());
    }

    pub fn hash(&mut self, hash: ContentHash) {
        self.0.extend_from_slice(&hash.0.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A text that may be absent: its length is one more than it is, and 0 if it is absent.
    pub fn optional(&mut self, text: Option<&str>) {
        self.count(text.map_or(0, |text| text.len() + 1));
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    /// Writes 64 bits as they are.
    pub fn word(&mut self, word: u64) {
        self.0.extend_from_slice(&word.to_le_bytes());
    }

    pub fn signed(&mut self, number: i64) {
        self.unsigned((number << 1 ^ number >> 63).cast_unsigned());
    }

    fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the lowest seven bits are wanted"
            )]
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        #[expect(clippy::cast_possible_truncation, reason = "less than 128")]
        self.0.push(number as u8);
    }
}

/// Takes bytes apart. Fails where they end too soon or make no sense.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Result<T> = std::result::Result<T, Damaged>;

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn damaged(&self, wrong: &'static str) -> Damaged {
        Damaged { at: self.at, wrong }
    }

    /// Makes sure that nothing follows.
    pub fn end(&self) -> Result<()> {
        if self.is_at_end() { Ok(()) } else { Err(self.damaged("something follows")) }
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged("this is neither yes nor no")),
        }
    }

    pub fn number(&mut self) -> Result<usize> {
        let number = self.unsigned()?;
        usize::try_from(number).map_err(|_| self.damaged("the number is too large"))
    }

    pub fn number_below(&mut self, end: usize) -> Result<usize> {
        let number = self.number()?;
        if number < end { Ok(number) } else { Err(self.damaged("there is no text of this number")) }
    }

    /// How many things follow, each of which takes at least `bytes_least`. A count for which there are
    /// not enough bytes is refused, so that nobody reserves memory for it.
    pub fn count(&mut self, bytes_least: usize) -> Result<usize> {
        let count = self.number()?;
        if count <= (self.bytes.len() - self.at) / bytes_least {
            Ok(count)
        } else {
            Err(self.damaged("there is not as much as announced"))
        }
    }

    pub fn time(&mut self) -> Result<Timestamp> {
        self.time_from(Timestamp::EPOCH)
    }

    pub fn time_from(&mut self, from: Timestamp) -> Result<Timestamp> {
        let later_ms = self.signed()?;
        Timestamp::from_ms(from.as_ms().wrapping_add(later_ms))
            .ok_or(self.damaged("the time lies outside the calendar"))
    }

    pub fn uuid(&mut self) -> Result<Uuid> {
        let mut id = [0; 16];
        id.copy_from_slice(self.take(16)?);
        Ok(Uuid::from_bytes(id))
    }

    pub fn hash(&mut self) -> Result<ContentHash> {
        let mut hash = [0; 8];
        hash.copy_from_slice(self.take(8)?);
        Ok(ContentHash(i64::from_le_bytes(hash)))
    }

    pub fn word(&mut self) -> Result<u64> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(word))
    }

    pub fn text(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        self.utf8(length)
    }

    pub fn optional(&mut self) -> Result<Option<&'a str>> {
        match self.number()? {
            0 => Ok(None),
            longer => self.utf8(longer - 1).map(Some),
        }
    }

    fn utf8(&mut self, length: usize) -> Result<&'a str> {
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.damaged("the text is not UTF-8"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..length).ok_or(self.damaged("it ends too soon"))?;
        self.at += length;
        Ok(taken)
    }

    pub fn signed(&mut self) -> Result<i64> {
        let folded = self.unsigned()?;
        Ok((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
    }

    fn unsigned(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.damaged("the number is too large"))
    }
}
