//! Code pages of receipt printers: which byte prints which letter.
//!
//! The tables are those of the code pages' registrations (IBM 850, 858, 860; Windows 1252); the numbers by which
//! a printer selects them are those of Epson's ESC/POS, which the makers sold in Brazil keep.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodePage {
    /// Latin 1, as most printers have it.
    #[default]
    #[serde(rename = "850")]
    Latin850,
    /// Latin 1 with the euro.
    #[serde(rename = "858")]
    Latin858,
    #[serde(rename = "860")]
    Portuguese860,
    #[serde(rename = "1252")]
    Windows1252,
}

/// What the bytes from 128 on print, 32 in a row. `\0`: nothing.
type Upper = [&'static str; 4];

const UPPER_850: Upper = [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ",
    "áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀",
    "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
];
const UPPER_858: Upper = [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ",
    "áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀",
    "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
];
const UPPER_860: Upper = [
    "ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧Ó",
    "áíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
];
const UPPER_1252: Upper = [
    "€\u{0}‚ƒ„…†‡ˆ‰Š‹Œ\u{0}Ž\u{0}\u{0}‘’“”•–—˜™š›œ\u{0}žŸ",
    "\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿",
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß",
    "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
];

/// What stands for a sign that a page lacks. Letters lose their accents instead.
const SPELLED: [(char, &str); 22] = [
    ('×', "x"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('‑', "-"),
    ('…', "..."),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('´', "'"),
    ('•', "*"),
    ('·', "-"),
    ('€', "EUR"),
    ('™', "TM"),
    ('®', "(R)"),
    ('©', "(C)"),
    ('°', "o"),
    ('ß', "ss"),
    ('Æ', "AE"),
    ('æ', "ae"),
];

/// Stands for a run of signs that cannot be spelled at all.
const UNKNOWN: char = '_';

impl CodePage {
    pub const ALL: [Self; 4] = [Self::Latin850, Self::Latin858, Self::Portuguese860, Self::Windows1252];

    /// As it is called on the printer's own test print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latin850 => "850",
            Self::Latin858 => "858",
            Self::Portuguese860 => "860",
            Self::Windows1252 => "1252",
        }
    }

    /// The `n` of `ESC t n`.
    pub const fn selector(self) -> u8 {
        match self {
            Self::Latin850 => 2,
            Self::Portuguese860 => 3,
            Self::Windows1252 => 16,
            Self::Latin858 => 19,
        }
    }

    const fn upper(self) -> &'static Upper {
        match self {
            Self::Latin850 => &UPPER_850,
            Self::Latin858 => &UPPER_858,
            Self::Portuguese860 => &UPPER_860,
            Self::Windows1252 => &UPPER_1252,
        }
    }

    /// The byte that prints it.
    fn byte(self, sign: char) -> Option<u8> {
        if matches!(sign, ' '..='~') {
            return u8::try_from(sign).ok();
        }
        let mut upper = self.upper().iter().flat_map(|row| row.chars());
        let place = upper.position(|held| held == sign && sign != '\0')?;
        u8::try_from(place + 128).ok()
    }

    /// The text with the signs that this page has, see [`spell`].
    pub fn spell(self, text: &str) -> String {
        spell(text, |sign| self.byte(sign).is_some())
    }

    /// The bytes of a text that was spelled for this page; what is not in it prints as a space.
    pub fn encode(self, spelled: &str) -> Vec<u8> {
        spelled.chars().map(|sign| self.byte(sign).unwrap_or(b' ')).collect()
    }
}

/// The text with the signs that there are: accents are lost before letters are, and nothing that could be a
/// command to a printer is left.
pub fn spell(text: &str, has: impl Fn(char) -> bool) -> String {
    let mut spelled = String::with_capacity(text.len());
    for sign in text.nfc() {
        match spelling(sign, &has) {
            Some(letters) => spelled.push_str(&letters),
            None if spelled.ends_with(UNKNOWN) => {}
            None => spelled.push(UNKNOWN),
        }
    }
    spelled
}

fn spelling(sign: char, has: impl Fn(char) -> bool) -> Option<String> {
    if sign.is_control() || sign.is_whitespace() {
        return Some(" ".to_owned());
    }
    if has(sign) {
        return Some(sign.to_string());
    }
    if let Some((_, letters)) = SPELLED.iter().find(|(lacking, _)| *lacking == sign) {
        return Some((*letters).to_owned());
    }
    let plain: String = std::iter::once(sign).nfkd().filter(|part| has(*part)).collect();
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTUGUESE: &str = "áàâãçéêíóôõúüÁÀÂÃÇÉÊÍÓÔÕÚÜºª";

    /// The reverse way, from the tables alone.
    fn decode(page: CodePage, bytes: &[u8]) -> String {
        let upper: Vec<char> = page.upper().iter().flat_map(|row| row.chars()).collect();
        bytes.iter().map(|b| if *b < 128 { char::from(*b) } else { upper[usize::from(*b) - 128] }).collect()
    }

    #[test]
    fn every_letter_of_portuguese_prints_in_every_page() {
        for page in CodePage::ALL {
            assert_eq!(page.upper().iter().map(|row| row.chars().count()).sum::<usize>(), 128);
            let spelled = page.spell(PORTUGUESE);
            assert_eq!(spelled, PORTUGUESE, "{page:?}");
            assert_eq!(decode(page, &page.encode(&spelled)), PORTUGUESE, "{page:?}");
        }
    }

    /// From the printers' manuals, not from the tables above.
    #[test]
    fn known_bytes() {
        let bytes = |page: CodePage| page.encode("çãõáéêÇÃÕÁÉ");
        let latin = [0x87, 0xc6, 0xe4, 0xa0, 0x82, 0x88, 0x80, 0xc7, 0xe5, 0xb5, 0x90];
        assert_eq!(bytes(CodePage::Latin850), latin);
        assert_eq!(bytes(CodePage::Latin858), latin);
        let portuguese = [0x87, 0x84, 0x94, 0xa0, 0x82, 0x88, 0x80, 0x8e, 0x99, 0x86, 0x90];
        assert_eq!(bytes(CodePage::Portuguese860), portuguese);
        let windows = [0xe7, 0xe3, 0xf5, 0xe1, 0xe9, 0xea, 0xc7, 0xc3, 0xd5, 0xc1, 0xc9];
        assert_eq!(bytes(CodePage::Windows1252), windows);
        assert_eq!(CodePage::Latin858.encode("€"), [0xd5]);
        assert_eq!(CodePage::Windows1252.encode("€"), [0x80]);
    }

    #[test]
    fn what_a_page_lacks_is_spelled_with_what_it_has() {
        let spell = |page: CodePage, text: &str| page.spell(text);
        assert_eq!(
            spell(CodePage::Portuguese860, "2 × 3 – “Ñandú” Łódź €5…"),
            "2 x 3 - \"Ñandú\" _ódz EUR5..."
        );
        assert_eq!(spell(CodePage::Latin850, "Dvořák šťáva ﬁm"), "Dvorák stáva fim");
        assert_eq!(spell(CodePage::Latin850, "中文茶 verde 🍵!"), "_ verde _!");
        assert_eq!(spell(CodePage::Windows1252, "× – …"), "× – …");
        // An accent that comes as a sign of its own, as some keyboards and systems write it.
        assert_eq!(spell(CodePage::Latin850, "ac\u{327}u\u{301}car"), "açúcar");
    }

    #[test]
    fn a_name_cannot_command_the_printer() {
        for page in CodePage::ALL {
            let spelled = page.spell("Chá\u{1b}p\u{0}\n\u{7f}\u{9b}\u{10}\u{14}x\u{a0}y");
            let bytes = page.encode(&spelled);
            assert!(bytes.iter().all(|b| *b >= b' ' && *b != 0x7f), "{bytes:?}");
            assert_eq!(bytes.len(), spelled.chars().count());
            assert!(page.encode("\u{1b}\u{0}").iter().all(|b| *b == b' '));
        }
    }
}
