//! Breaks a document into lines of so many characters.

use super::document::{Align, Block, Document, Style};

/// One line, not longer than the paper is wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Text {
        left: String,
        /// Stands at the right edge; empty where there is none.
        right: String,
        style: Style,
        align: Align,
    },
    Rule,
    Blank,
    Barcode(String),
}

/// Characters of `style` that fit where `columns` plain ones do.
pub const fn columns_of(style: Style, columns: usize) -> usize {
    match style {
        Style::Plain | Style::Strong => columns,
        Style::Big => columns / 2,
    }
}

/// `spell` says how a text is written with the characters there are: what a printer lacks is spelled
/// differently, and that counts for the width.
pub fn lay_out(document: &Document, columns: usize, spell: impl Fn(&str) -> String) -> Vec<Line> {
    let mut lines = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Text { text, style, align } => {
                let parts = wrap(&spell(text), columns_of(*style, columns));
                lines.extend(parts.into_iter().map(|left| line(left, String::new(), *style, *align)));
            }
            Block::Pair { left, right, style } => {
                pair(&spell(left), &spell(right), *style, columns_of(*style, columns), &mut lines);
            }
            Block::Rule => lines.push(Line::Rule),
            Block::Gap => lines.push(Line::Blank),
            Block::Barcode(digits) => lines.push(Line::Barcode(digits.clone())),
        }
    }
    lines
}

const fn line(left: String, right: String, style: Style, align: Align) -> Line {
    Line::Text { left, right, style, align }
}

/// The amount stands on the last line of the words, or on one of its own if there is no room.
fn pair(left: &str, right: &str, style: Style, columns: usize, lines: &mut Vec<Line>) {
    let mut words = wrap(left, columns);
    // What is wider than the paper is broken, never printed over the edge.
    let mut amounts = wrap(right, columns);
    let amount = if amounts.len() == 1 { amounts.pop().unwrap_or_default() } else { String::new() };
    let room = columns.saturating_sub(amount.chars().count() + 1);
    let last = if words.last().is_some_and(|word| word.chars().count() <= room) {
        words.pop().unwrap_or_default()
    } else {
        String::new()
    };
    lines.extend(words.into_iter().map(|word| line(word, String::new(), style, Align::Left)));
    lines.extend(amounts.into_iter().map(|part| line(String::new(), part, style, Align::Left)));
    if !last.is_empty() || !amount.is_empty() {
        lines.push(line(last, amount, style, Align::Left));
    }
}

/// At spaces where there are any; a word that is longer than a line is broken. Leading spaces indent every line.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let indent: String = text.chars().take_while(|c| *c == ' ').take(columns / 2).collect();
    let room = columns - indent.len();
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        let used = line.chars().count();
        if used > 0 && used + 1 + word.len() <= room {
            line.push(' ');
            line.extend(word);
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        while word.len() > room {
            let rest = word.split_off(room);
            lines.push(String::from_iter(word));
            word = rest;
        }
        line = String::from_iter(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(|line| format!("{indent}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn width(line: &Line) -> usize {
        match line {
            Line::Text { left, right, style, .. } => {
                let both = usize::from(!left.is_empty() && !right.is_empty());
                (left.chars().count() + both + right.chars().count()) * (48 / columns_of(*style, 48))
            }
            Line::Rule | Line::Blank | Line::Barcode(_) => 0,
        }
    }

    #[test]
    fn words_break_at_spaces_and_keep_their_indent() {
        assert_eq!(
            wrap("  Leite em pó integral instantâneo", 16),
            ["  Leite em pó", "  integral", "  instantâneo"]
        );
        assert_eq!(wrap("Inconstitucionalissimamente", 10), ["Inconstitu", "cionalissi", "mamente"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("a b", 0), ["a", "b"]);
    }

    #[test]
    fn an_amount_never_touches_the_words() {
        let of = |left: &str| {
            let mut document = Document::new("x");
            document.pair(left, "12,00");
            lay_out(&document, 12, str::to_owned)
        };
        let text =
            |left: &str, right: &str| line(left.to_owned(), right.to_owned(), Style::Plain, Align::Left);
        assert_eq!(of("abcdef"), [text("abcdef", "12,00")]);
        assert_eq!(of("abcdefg"), [text("abcdefg", ""), text("", "12,00")]);
        assert_eq!(of("abc defghi jkl"), [text("abc defghi", ""), text("jkl", "12,00")]);
        assert_eq!(of(""), [text("", "12,00")]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_paper_and_nothing_is_lost(
            left in "[ a-zç]{0,90}", right in "[0-9,.]{0,60}", big in any::<bool>(), columns in 32_usize..49
        ) {
            let style = if big { Style::Big } else { Style::Plain };
            let mut document = Document::new("x");
            document.styled_pair(left.clone(), right.clone(), style).centred(left.clone(), style);
            let lines = lay_out(&document, columns, str::to_owned);
            prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let (mut words, mut amounts) = (String::new(), String::new());
            for line in &lines {
                if let Line::Text { left, right, .. } = line {
                    words.push_str(left);
                    amounts.push_str(right);
                }
            }
            let plain = |text: &str| text.replace(' ', "");
            prop_assert_eq!(plain(&words), plain(&left).repeat(2));
            prop_assert_eq!(amounts, right);
        }
    }
}
