//! What a player may be called.
//!
//! Names are letters, numbers and spaces of any script, by the rules of Unicode: kept in their composed
//! form (NFC), with joiners where a script needs them (UAX 31), and without what only deceives: letters
//! that nobody sees, piles of marks, letters of one script among those of another that they imitate
//! (UTS 39). The version of Unicode is that of the crates; docs/game-definition.md names it. The messages
//! are part of the contract with clients, which show them.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};
use unicode_security::GeneralSecurityProfile;
use unicode_security::general_security_profile::IdentifierType;
use unicode_security::mixed_script::AugmentedScriptSet;

use crate::error::ErrorKind;
use crate::limits::{NICKNAME_CHARS, NICKNAME_MARKS_MAX};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// The combining class of the signs that silence a vowel in the scripts of India and its neighbours.
const VIRAMA: u8 = 9;

/// Why a text cannot be a nickname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// It is too short or too long.
    #[error("Nickname must be {least}-{most} characters")]
    Length {
        /// Characters that it must have.
        least: usize,
        /// Characters that it may have.
        most: usize,
    },
    /// It contains something else than letters, numbers and spaces.
    #[error("Nickname can only contain letters, numbers, and spaces")]
    Characters,
    /// It contains a letter that nobody sees.
    #[error("Nickname must not contain invisible characters")]
    Invisible,
    /// Marks pile up on a letter.
    #[error("Nickname must not pile marks on a letter")]
    Marks,
    /// A letter looks like one of another script that stands beside it.
    #[error("Nickname must not mix letters with look-alikes of another script")]
    LookAlike,
    /// The definition reserves it.
    #[error("Nickname is reserved")]
    Reserved,
}

impl NicknameError {
    /// What kind of trouble it is: always the sender's.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// What a game allows its players to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nicknames {
    /// The smallest number of characters.
    pub min_length: usize,
    /// The greatest number of characters.
    pub max_length: usize,
    /// Whether no two players may be called the same, or what looks the same.
    pub unique: bool,
    /// Names that nobody may have, as [`resembling`] makes them.
    pub reserved: BTreeSet<String>,
}

impl Default for Nicknames {
    fn default() -> Self {
        Self {
            min_length: *NICKNAME_CHARS.start(),
            max_length: *NICKNAME_CHARS.end(),
            unique: false,
            reserved: BTreeSet::new(),
        }
    }
}

impl Nicknames {
    /// The nickname in its composed form without spaces around it, if it is one.
    pub fn check(&self, text: &str) -> Result<String, NicknameError> {
        let name = self.check_form(text)?;
        if self.reserved.contains(&resembling(&name)) {
            return Err(NicknameError::Reserved);
        }
        Ok(name)
    }

    /// The same for an operator, who may give a reserved name.
    pub fn check_form(&self, text: &str) -> Result<String, NicknameError> {
        let length = NicknameError::Length { least: self.min_length, most: self.max_length };
        let trimmed = text.trim();
        // The text may be as long as a request; composing it makes it shorter by a few marks a letter.
        if trimmed.chars().nth(self.max_length * (NICKNAME_MARKS_MAX + 2)).is_some() {
            return Err(length);
        }
        let name: String = trimmed.nfc().collect();
        if !(self.min_length..=self.max_length).contains(&name.chars().count()) {
            return Err(length);
        }
        check_characters(&name)?;
        check_marks(&name)?;
        check_scripts(&name)?;
        Ok(name)
    }
}

/// What [`resembling`] does, apart from the data of Unicode. Whoever changes it raises this number.
const RESEMBLING: i64 = 1;

/// By which rules [`resembling`] compares, as a number: `RESEMBLING` and the versions of Unicode of
/// what it uses, four digits each: look-alikes, forms, case. It is stored with what was compared, because a
/// later version may draw other letters alike.
pub const RESEMBLING_RULES: i64 = {
    let (look_alikes, look_alikes_minor, _) = unicode_security::UNICODE_VERSION;
    let (forms, forms_minor, _) = unicode_normalization::UNICODE_VERSION;
    let (case, case_minor, _) = char::UNICODE_VERSION;
    let digits = look_alikes * 100 + look_alikes_minor;
    let digits = digits * 10_000 + forms as u64 * 100 + forms_minor as u64;
    let digits = digits * 10_000 + case as u64 * 100 + case_minor as u64;
    RESEMBLING * 1_000_000_000_000 + digits.cast_signed()
};

/// One text for all names that look alike: case, spaces and the choice among letters that are drawn
/// the same make no difference.
pub fn resembling(name: &str) -> String {
    let plain: String = name.chars().filter(|letter| !letter.is_whitespace()).collect();
    let skeleton: String = unicode_security::skeleton(&plain.to_lowercase()).collect();
    skeleton.to_lowercase()
}

fn check_characters(name: &str) -> Result<(), NicknameError> {
    let letters: Vec<char> = name.chars().collect();
    for (place, letter) in letters.iter().copied().enumerate() {
        let (before, after) = (&letters[..place], &letters[place + 1..]);
        let allowed = match letter {
            ' ' => true,
            ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => {
                if !is_needed(letter, before, after) {
                    return Err(NicknameError::Invisible);
                }
                true
            }
            _ if letter.identifier_type() == Some(IdentifierType::Default_Ignorable) => {
                return Err(NicknameError::Invisible);
            }
            // A mark alone would be drawn onto whatever stands before the name.
            _ if is_mark(letter) => before.last().is_some_and(|before| *before != ' '),
            _ => is_letter(letter) && !is_styled(letter),
        };
        if !allowed {
            return Err(NicknameError::Characters);
        }
    }
    Ok(())
}

fn is_letter(letter: char) -> bool {
    let group = letter.general_category_group();
    matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

fn is_mark(letter: char) -> bool {
    matches!(
        letter.general_category(),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark
    )
}

/// Whether it is a plain letter or digit in another style: bold, raised, double-struck. Wide and narrow
/// forms are not: keyboards of East Asia write them.
fn is_styled(letter: char) -> bool {
    if letter.is_ascii() || matches!(letter, '\u{ff00}'..='\u{ffef}') {
        return false;
    }
    let mut plain = std::iter::once(letter).nfkc();
    matches!((plain.next(), plain.next()), (Some(plain), None) if plain.is_ascii_alphanumeric())
}

fn is_virama(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| canonical_combining_class(letter) == VIRAMA)
}

/// Whether a joiner changes what is seen, by the contexts of UAX 31: between letters of Arabic that
/// would join, behind a virama, and in Bengali before one.
fn is_needed(joiner: char, before: &[char], after: &[char]) -> bool {
    let (last, next) = (before.last().copied(), after.first().copied());
    let letter_before = before.iter().rev().find(|letter| !is_mark(**letter)).copied();
    if is_virama(last) && letter_before.is_some_and(is_letter) {
        return joiner == ZERO_WIDTH_JOINER || next.is_some_and(is_letter);
    }
    if joiner == ZERO_WIDTH_JOINER {
        return last.is_some_and(is_letter) && is_virama(next);
    }
    letter_before.is_some_and(joins_the_next)
        && next.is_some_and(|next| next.script() == Script::Arabic && is_letter(next))
}

/// Whether a letter of Arabic joins the one behind it.
fn joins_the_next(letter: char) -> bool {
    let never = matches!(
        u32::from(letter),
        0x0621..=0x0625
            | 0x0627
            | 0x0629
            | 0x062F..=0x0632
            | 0x0648
            | 0x0671..=0x0673
            | 0x0675..=0x0677
            | 0x0688..=0x0699
            | 0x06C0
            | 0x06C3..=0x06CB
            | 0x06CD
            | 0x06CF
            | 0x06D2
            | 0x06D3
            | 0x06D5
            | 0x06EE
            | 0x06EF
    );
    letter.script() == Script::Arabic && letter.is_alphabetic() && !never
}

/// No mark twice on one letter, and not many of them (UTS 39, optional detection).
fn check_marks(name: &str) -> Result<(), NicknameError> {
    let mut run: Vec<char> = Vec::new();
    for letter in name.nfd() {
        if letter.general_category() != GeneralCategory::NonspacingMark {
            run.clear();
        } else if run.last() == Some(&letter) || run.len() == NICKNAME_MARKS_MAX {
            return Err(NicknameError::Marks);
        } else {
            run.push(letter);
        }
    }
    Ok(())
}

/// A word may mix scripts as languages do, but not with letters that look like those beside them; and
/// no word may consist of letters that imitate Latin beside one that is Latin.
fn check_scripts(name: &str) -> Result<(), NicknameError> {
    let is_latin = |letter: char| letter.script() == Script::Latin;
    let imitates = |letter: char| {
        let foreign = letter.is_alphabetic() && !is_latin(letter);
        let mut buffer = [0; 4];
        foreign
            && unicode_security::skeleton(letter.encode_utf8(&mut buffer))
                .all(|plain| plain.is_ascii_alphanumeric())
    };
    let has_latin_word = name.split(' ').any(|word| word.chars().any(is_latin));
    for word in name.split(' ').filter(|word| !word.is_empty()) {
        let mixed = AugmentedScriptSet::for_str(word).is_empty();
        let deceives = mixed && word.chars().any(is_latin) && word.chars().any(imitates);
        let whole = has_latin_word
            && word.chars().filter(|letter| letter.is_alphabetic()).all(imitates)
            && word.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
        if deceives || whole {
            return Err(NicknameError::LookAlike);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<String, NicknameError> {
        Nicknames::default().check(name)
    }

    #[test]
    fn letters_and_numbers_of_any_script_are_a_name() {
        for name in [
            "Ace Pilot",
            "Zoë",
            "Зоя 7",
            "Ace Зоя",
            "飛行機王",
            "李小明 2",
            "東京タワー",
            "한국인",
            "हिन्दी",
            "ผู้เล่น",
            "น้ำใจ",
            "מַלְכָּה",
            "مُحَمَّد",
            "٣٤٥",
            "Ｔｏｋｙｏ",
            "LINEで",
            "বাংলা",
            "தமிழ்",
            "ქართული",
            "Հայերեն",
        ] {
            assert_eq!(check(name).as_deref(), Ok(name), "{name}");
        }
        assert_eq!(check("  Ace \n").as_deref(), Ok("Ace"));
        assert_eq!(check(&"a".repeat(20)), Ok("a".repeat(20)));
    }

    #[test]
    fn names_are_kept_composed() {
        assert_eq!(check("Nguye\u{302}\u{303}n").as_deref(), Ok("Nguyễn"));
        assert_eq!(check("Jose\u{301}").as_deref(), Ok("José"));
    }

    #[test]
    fn joiners_are_taken_where_a_script_needs_them() {
        for name in [
            "می\u{200c}خواهم",
            "خانه\u{200c}ی",
            "ශ්\u{200d}රී ලංකා",
            "ක්\u{200d}රිස්",
            "दऱ\u{94d}\u{200d}या",
            "अवन\u{94d}\u{200d}",
            "अवന്\u{200d}",
            "ര\u{d4d}\u{200c}മണി",
            "র\u{200d}\u{9cd}যাম",
        ] {
            assert!(check(name).is_ok(), "{name}: {:?}", check(name));
        }
        for name in [
            "Ad\u{200c}min",
            "Ad\u{200d}min",
            "Admin\u{200d}",
            "\u{200c}می",
            "دا\u{200c}د",
            "می\u{200c}\u{200c}خ",
        ] {
            assert_eq!(check(name), Err(NicknameError::Invisible), "{name:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_refused() {
        for name in [
            "\u{3164}\u{3164}\u{3164}",
            "\u{ffa0}\u{ffa0}\u{ffa0}",
            "\u{115f}\u{1160}\u{115f}",
            "Ad\u{34f}min",
            "Admin\u{3164}",
            "a\u{ad}bc",
            "a\u{fe0f}bc",
            "a\u{2060}bc",
            "a\u{202e}bc",
        ] {
            assert_eq!(check(name), Err(NicknameError::Invisible), "{name:?}");
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let overlaid = format!("a{}", "\u{335}".repeat(19));
        for name in
            [overlaid.as_str(), "abe\u{301}\u{301}", "xyz\u{315}\u{300}\u{5ae}\u{340}\u{345}"]
        {
            assert_eq!(check(name), Err(NicknameError::Marks), "{name:?}");
        }
    }

    #[test]
    fn letters_that_imitate_another_script_are_refused() {
        for name in ["\u{410}dmin", "p\u{430}ypal", "Αlpha", "\u{410}\u{441}\u{435} Pilot"] {
            assert_eq!(check(name), Err(NicknameError::LookAlike), "{name:?}");
        }
    }

    #[test]
    fn length_counts_characters_after_trimming() {
        let length = NicknameError::Length { least: 3, most: 20 };
        for name in ["", "   ", "ab", " a ", "飛行", &"a".repeat(21), &"é".repeat(100_000)] {
            assert_eq!(check(name), Err(length), "{name:.30}");
        }
        let long = Nicknames { max_length: 40, ..Nicknames::default() };
        assert_eq!(long.check(&"a".repeat(40)), Ok("a".repeat(40)));
    }

    #[test]
    fn anything_else_is_no_name() {
        for name in [
            "a_b_c",
            "<b>x</b>",
            "ace\tpilot",
            "ace\0",
            "😀😀😀",
            "\u{301}ab",
            "ab \u{301}c",
            "abc\u{20dd}",
            "𝐀𝐝𝐦𝐢𝐧",
            "Ⓐdmin",
            "x²y",
        ] {
            assert_eq!(check(name), Err(NicknameError::Characters), "{name:?}");
        }
    }

    #[test]
    fn whoever_changes_what_names_resemble_raises_the_number_of_the_rules() {
        let names =
            ["Game Master", "\u{410}\u{441}\u{435}", "Stra\u{df}e", "\u{ff21}ce", "rn", "0O1lI"];
        let told = (RESEMBLING, names.map(resembling).join(" "));
        assert_eq!(told, (1, "garnernaster ace stra\u{df}e ace rn oolli".to_owned()));
    }

    #[test]
    fn a_reserved_name_is_reserved_however_it_is_drawn() {
        let reserved = ["Admin", "Game Master"].map(resembling).into();
        let nicknames = Nicknames { reserved, ..Nicknames::default() };
        for name in ["admin", "A D M I N", "Ádmin", "GameMaster", "game  master"] {
            let expected = if name.starts_with('Á') {
                Ok(name.to_owned())
            } else {
                Err(NicknameError::Reserved)
            };
            assert_eq!(nicknames.check(name), expected, "{name}");
        }
        assert!(nicknames.check("Administrator").is_ok());
    }
}
