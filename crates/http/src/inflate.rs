//! What a compressed body holds. How far it may grow, of how many parts it may be made and how much
//! memory its window may take are bounded: a few bytes must not become minutes or gigabytes.

use std::io::Read;

use scoreline_core::limits::{
    BODY_BYTES_ORDINARY, BODY_PARTS_MAX, INFLATION_RATIO_MAX, INFLATION_WINDOW_LOG_MAX,
};

/// An encoding that bodies may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Zstd,
}

/// Why a body was not inflated.
#[derive(Debug)]
pub(crate) enum NotInflated {
    /// It is not what it says it is.
    Broken(std::io::Error),
    /// It has more bytes than asked for; the bytes that it may have.
    TooManyBytes(usize),
    /// It has more members or frames than one that a client makes.
    TooManyParts,
}

impl Encoding {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The bytes that a body of `received` bytes may inflate to, if a body may have `bytes_max`.
    pub fn allowed(received: usize, bytes_max: usize) -> usize {
        let worth = received.saturating_mul(INFLATION_RATIO_MAX).max(BODY_BYTES_ORDINARY);
        worth.min(bytes_max)
    }

    /// What `body` holds, if that is at most `bytes_max` bytes.
    pub fn inflate(self, body: &[u8], bytes_max: usize) -> Result<Vec<u8>, NotInflated> {
        let mut rest = body;
        let mut text = Vec::new();
        for _ in 0..BODY_PARTS_MAX {
            if rest.is_empty() {
                return Ok(text);
            }
            let more = bytes_max - text.len() + 1;
            rest = match self {
                Self::Gzip => member(rest, more, &mut text),
                Self::Zstd => frame(rest, more, &mut text),
            }
            .map_err(NotInflated::Broken)?;
            if text.len() > bytes_max {
                return Err(NotInflated::TooManyBytes(bytes_max));
            }
        }
        if rest.is_empty() { Ok(text) } else { Err(NotInflated::TooManyParts) }
    }
}

/// Inflates one member of gzip, up to `more` bytes; what follows it.
fn member<'b>(body: &'b [u8], more: usize, text: &mut Vec<u8>) -> std::io::Result<&'b [u8]> {
    let mut decoder = flate2::bufread::GzDecoder::new(body);
    decoder.by_ref().take(more as u64).read_to_end(text)?;
    Ok(decoder.into_inner())
}

/// Inflates one frame of zstd, up to `more` bytes; what follows it.
fn frame<'b>(body: &'b [u8], more: usize, text: &mut Vec<u8>) -> std::io::Result<&'b [u8]> {
    let mut decoder = zstd::Decoder::with_buffer(body)?.single_frame();
    decoder.window_log_max(INFLATION_WINDOW_LOG_MAX)?;
    decoder.by_ref().take(more as u64).read_to_end(text)?;
    Ok(decoder.finish())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).expect("compressed")
    }

    #[test]
    fn several_parts_are_one_text() {
        for (encoding, parts) in [
            (Encoding::Gzip, [gzip(b"one "), gzip(b""), gzip(b"two")]),
            (Encoding::Zstd, [zstd(b"one "), zstd(b""), zstd(b"two")]),
        ] {
            let text = encoding.inflate(&parts.concat(), 100).expect("both are whole");
            assert_eq!(text, b"one two", "{encoding:?}");
            assert!(matches!(
                encoding.inflate(&parts.concat(), 6),
                Err(NotInflated::TooManyBytes(6))
            ));
        }
    }

    #[test]
    fn thousands_of_empty_parts_are_refused_at_the_first_that_is_too_many() {
        for (encoding, part) in [(Encoding::Gzip, gzip(b"")), (Encoding::Zstd, zstd(b""))] {
            assert!(encoding.inflate(&part.repeat(BODY_PARTS_MAX), 10).is_ok(), "{encoding:?}");
            let many = part.repeat(BODY_PARTS_MAX + 1);
            assert!(
                matches!(encoding.inflate(&many, 10), Err(NotInflated::TooManyParts)),
                "{encoding:?}"
            );
        }
    }

    #[test]
    fn a_body_that_is_cut_off_or_followed_by_something_else_is_broken() {
        for (encoding, whole) in [(Encoding::Gzip, gzip(b"text")), (Encoding::Zstd, zstd(b"text"))]
        {
            let cut = &whole[..whole.len() - 3];
            assert!(matches!(encoding.inflate(cut, 10), Err(NotInflated::Broken(_))));
            let followed = [&whole[..], b"more"].concat();
            assert!(matches!(encoding.inflate(&followed, 10), Err(NotInflated::Broken(_))));
        }
    }

    #[test]
    fn a_window_that_needs_more_memory_than_bodies_have_is_refused() {
        // A frame that names a window of 128 MiB and holds one empty block.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00];
        assert!(matches!(Encoding::Zstd.inflate(&frame, 10), Err(NotInflated::Broken(_))));
    }

    #[test]
    fn how_far_a_body_may_grow_depends_on_what_was_sent() {
        assert_eq!(Encoding::allowed(10, 1_000_000), BODY_BYTES_ORDINARY);
        assert_eq!(Encoding::allowed(1_000, 1_000_000), 1_000 * INFLATION_RATIO_MAX);
        assert_eq!(Encoding::allowed(1_000_000, 1_000_000), 1_000_000);
    }
}
