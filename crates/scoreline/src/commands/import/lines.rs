//! The lines of an exported file, one by one, whatever they were written with.
//!
//! A byte order mark, ends of lines of any system and compression are no faults. A line that is too long,
//! and a file that was cut off, are told as what they are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use scoreline_core::limits::EVENT_BYTES_MAX;

/// Bytes of a line: an event and what stands around it.
const LINE_BYTES_MAX: usize = 2 * EVENT_BYTES_MAX;
/// What some editors write before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What every gzip file begins with.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A line that is not empty.
pub struct Line<'l> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its text, or why it has none.
    pub text: Result<&'l str, String>,
}

/// Reads a file line by line.
pub struct Lines {
    reader: Box<dyn BufRead>,
    bytes: Vec<u8>,
    number: u64,
    is_over: bool,
    /// Bytes of the file that were read, as they lie on the disk.
    done: Arc<AtomicU64>,
    total: u64,
}

impl Lines {
    /// Opens a file, compressed or not.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("{} cannot be read", path.display());
        let mut file = File::open(path).with_context(unreadable)?;
        let total = file.metadata().with_context(unreadable)?.len();
        let mut begins = [0; GZIP_MAGIC.len()];
        let is_compressed = file.read_exact(&mut begins).is_ok() && begins == GZIP_MAGIC;
        file.rewind().with_context(unreadable)?;
        let done = Arc::new(AtomicU64::new(0));
        let file = Counted { file, done: Arc::clone(&done) };
        let reader: Box<dyn BufRead> = if is_compressed {
            Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
        } else {
            Box::new(BufReader::new(file))
        };
        Ok(Self { reader, bytes: Vec::new(), number: 0, is_over: false, done, total })
    }

    /// The next line that is not empty; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            if self.is_over {
                return Ok(None);
            }
            self.bytes.clear();
            self.number += 1;
            let fault = match self.read_line() {
                Ok(fault) => fault,
                // What is compressed ends in the middle, or cannot be read on.
                Err(error) if is_damage(&error) => {
                    self.is_over = true;
                    Some(format!("the compressed file is damaged from here on: {error}"))
                }
                Err(error) => return Err(error),
            };
            let number = self.number;
            if let Some(fault) = fault {
                return Ok(Some(Line { number, text: Err(fault) }));
            }
            if self.number == 1 && self.bytes.starts_with(BYTE_ORDER_MARK) {
                self.bytes.drain(..BYTE_ORDER_MARK.len());
            }
            if self.bytes.trim_ascii().is_empty() {
                continue;
            }
            let text = std::str::from_utf8(self.bytes.trim_ascii());
            let text = text.map_err(|error| format!("it is not UTF-8: {error}"));
            return Ok(Some(Line { number, text }));
        }
    }

    /// Reads up to the next end of a line. Answers what is wrong with it.
    fn read_line(&mut self) -> io::Result<Option<String>> {
        let most = LINE_BYTES_MAX as u64;
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.bytes)?;
        let is_whole = self.bytes.last() == Some(&b'\n');
        if is_whole || (read as u64) < most {
            self.is_over = !is_whole;
            return Ok(None);
        }
        self.bytes.clear();
        self.is_over = self.reader.skip_until(b'\n')? == 0;
        Ok(Some(format!("it has more than {LINE_BYTES_MAX} bytes")))
    }

    /// How many bytes of the file were read, out of how many.
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total)
    }
}

fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData
    )
}

/// A file that counts the bytes read of it.
struct Counted {
    file: File,
    done: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// The lines of a file, those without a text by a `!`.
    fn lines(content: &[u8]) -> Vec<(u64, String)> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(content).expect("written");
        let mut lines = Lines::open(file.path()).expect("it is there");
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("it can be read") {
            all.push((line.number, line.text.map_or_else(|why| format!("!{why}"), str::to_owned)));
        }
        all
    }

    fn compressed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn plain(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
        expected.iter().map(|(number, text)| (*number, (*text).to_owned())).collect()
    }

    #[test]
    fn marks_blanks_and_ends_of_lines_of_any_system_are_no_faults() {
        assert_eq!(lines(b"a\nb\n"), plain(&[(1, "a"), (2, "b")]));
        assert_eq!(lines(b"\xef\xbb\xbfa\r\n\r\n  b \r\n"), plain(&[(1, "a"), (3, "b")]));
        assert_eq!(lines(b"a\nb"), plain(&[(1, "a"), (2, "b")]), "the last one has no end");
        assert_eq!(lines(b""), []);
        let members = [compressed("a\n"), compressed("b\n")].concat();
        assert_eq!(lines(&members), plain(&[(1, "a"), (2, "b")]));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_by_its_number_and_the_next_one_follows() {
        let mut content = b"a\n\xff\n".to_vec();
        content.extend(vec![b'x'; LINE_BYTES_MAX + 5]);
        content.extend(b"\nb\n");
        let found = lines(&content);
        assert_eq!([&found[0].1, &found[3].1], ["a", "b"]);
        assert!(found[1].1.starts_with("!it is not UTF-8"), "{found:?}");
        assert!(found[2].1.starts_with("!it has more than"), "{found:?}");
        assert_eq!(found.iter().map(|line| line.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_compressed_file_that_was_cut_off_gives_what_is_there() {
        let long: Vec<String> = (0..50_000).map(|n| format!("line {n}")).collect();
        let whole = compressed(&long.join("\n"));
        let found = lines(&whole[..whole.len() / 2]);
        let (last, before) = found.split_last().expect("lines");
        assert!(before.len() > 1_000, "{}", before.len());
        assert!(last.1.starts_with("!the compressed file is damaged"), "{last:?}");
    }
}
