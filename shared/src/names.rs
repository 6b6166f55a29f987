//! Names compare without case and accents: "açúcar", "ACUCAR" and "Açúcar" are one name.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form under which a name is unique and searched: no accents, lower case, single spaces.
///
/// ```
/// use tillwatch_shared::names::fold;
/// assert_eq!(fold("  AÇÚCAR   União "), "acucar uniao");
/// ```
pub fn fold(name: &str) -> String {
    let bare: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name as it is kept: trimmed, with single spaces. `None` if it is empty, longer than `max_chars`,
/// has control characters, or nothing in it that [`fold`] keeps.
pub fn clean(name: &str, max_chars: usize) -> Option<String> {
    if name.chars().any(char::is_control) {
        return None;
    }
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let acceptable = !name.is_empty() && name.chars().count() <= max_chars && !fold(&name).is_empty();
    acceptable.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{clean, fold};

    #[test]
    fn folds_case_accents_and_spaces() {
        assert_eq!(fold("Pão de Queijo"), "pao de queijo");
        assert_eq!(fold("PÃO  DE\u{a0}QUEIJO"), "pao de queijo");
        // The same letters, composed and decomposed.
        assert_eq!(fold("a\u{301}gua"), fold("\u{e1}gua"));
    }

    #[test]
    fn refuses_what_is_no_name() {
        assert_eq!(clean("  Arroz   5 kg ", 20).as_deref(), Some("Arroz 5 kg"));
        for bad in ["", "   ", "a\nb", "nul\0", "\u{301}"] {
            assert_eq!(clean(bad, 20), None, "{bad:?}");
        }
        assert_eq!(clean("abcdef", 5), None);
    }
}
