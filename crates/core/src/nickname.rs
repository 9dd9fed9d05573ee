//! What a player may be called.
//!
//! The messages are part of the contract with clients, which show them.

use crate::error::ErrorKind;
use crate::limits::NICKNAME_CHARS;

/// Why a text cannot be a nickname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// It is too short or too long.
    #[error("Nickname must be {}-{} characters", NICKNAME_CHARS.start(), NICKNAME_CHARS.end())]
    Length,
    /// It contains something else than letters, numbers and spaces.
    #[error("Nickname can only contain letters, numbers, and spaces")]
    Characters,
}

impl NicknameError {
    /// What kind of trouble it is: always the sender's.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// The nickname without spaces around it, if it is one.
pub fn check(text: &str) -> Result<&str, NicknameError> {
    let trimmed = text.trim();
    // Counted up to one too many only: the text may be as long as a request.
    let length = trimmed.chars().take(NICKNAME_CHARS.end() + 1).count();
    if !NICKNAME_CHARS.contains(&length) {
        return Err(NicknameError::Length);
    }
    let allowed = |letter: char| letter == ' ' || letter.is_alphanumeric() || is_mark(letter);
    // Marks alone are no letters: they would be drawn onto whatever stands before the name.
    if !trimmed.chars().all(allowed) || trimmed.chars().next().is_some_and(is_mark) {
        return Err(NicknameError::Characters);
    }
    Ok(trimmed)
}

/// Signs without which words of their scripts cannot be written, though Unicode counts them neither
/// as letters nor as numbers: accents written apart, and what changes or silences a vowel in the
/// scripts of India and its neighbours.
fn is_mark(letter: char) -> bool {
    let code = u32::from(letter);
    match code {
        // The scripts from Devanagari to Sinhala are laid out alike: nukta and virama.
        0x0900..=0x0DFF => matches!(code & 0x7F, 0x3C | 0x4D) || code == 0x0DCA,
        0x0300..=0x036F
        | 0x0E47..=0x0E4E
        | 0x0EC8..=0x0ECE
        | 0x0F84
        | 0x1037
        | 0x1039
        | 0x103A
        | 0x17C9..=0x17D3 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_numbers_of_any_script_are_a_name() {
        for name in ["Ace Pilot", "Zoë", "Зоя 7", "飛行機王", "हिन्दी", "นักบิน", "Jose\u{301}", "٣٤٥"]
        {
            assert_eq!(check(name), Ok(name), "{name}");
        }
        assert_eq!(check("  Ace \n"), Ok("Ace"));
        assert_eq!(check(&"a".repeat(20)), Ok("a".repeat(20).as_str()));
    }

    #[test]
    fn length_counts_characters_after_trimming() {
        for name in ["", "   ", "ab", " a ", "飛行", &"a".repeat(21), &"é".repeat(100_000)] {
            assert_eq!(check(name), Err(NicknameError::Length), "{name:.30}");
        }
    }

    #[test]
    fn anything_else_is_no_name() {
        for name in
            ["a_b_c", "<b>x</b>", "ace\tpilot", "ace\0", "😀😀😀", "\u{301}ab", "a\u{202e}bc"]
        {
            assert_eq!(check(name), Err(NicknameError::Characters), "{name:?}");
        }
    }
}
