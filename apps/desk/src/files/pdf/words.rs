//! A text in lines of a given width.

use super::{Drawing, Weight};

/// In which letters a text stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub size: f32,
    pub weight: Weight,
}

impl Style {
    pub const fn regular(size: f32) -> Self {
        Self { size, weight: Weight::Regular }
    }

    pub const fn strong(size: f32) -> Self {
        Self { size, weight: Weight::Strong }
    }

    pub fn width(self, drawing: &Drawing, text: &str) -> f32 {
        drawing.width(text, self.size, self.weight)
    }

    fn letter(self, drawing: &Drawing, letter: char) -> f32 {
        self.width(drawing, letter.encode_utf8(&mut [0; 4]))
    }
}

/// Broken between words, and within one that is wider than the room alone; where `most` lines do not hold the text,
/// the last one ends with `…`.
pub(super) fn lines(drawing: &Drawing, text: &str, style: Style, room: f32, most: usize) -> Vec<String> {
    // A text that has given its room the width stands in it, however sums are rounded.
    let room = room + 0.05;
    let mut page = Filling { drawing, style, room, most, lines: Vec::new(), line: String::new(), width: 0.0 };
    for word in text.split_whitespace() {
        if !page.word(word) {
            return page.cut();
        }
    }
    if !page.line.is_empty() {
        page.lines.push(page.line);
    }
    page.lines
}

struct Filling<'d> {
    drawing: &'d Drawing,
    style: Style,
    room: f32,
    most: usize,
    lines: Vec<String>,
    line: String,
    width: f32,
}

impl Filling<'_> {
    /// `false` when there is no room for all of it.
    fn word(&mut self, word: &str) -> bool {
        let gap = if self.line.is_empty() { 0.0 } else { self.style.letter(self.drawing, ' ') };
        // A word of any length costs no more than a line.
        let mut wide = gap;
        let fits = word.chars().all(|letter| {
            wide += self.style.letter(self.drawing, letter);
            self.width + wide <= self.room
        });
        if fits {
            if gap > 0.0 {
                self.line.push(' ');
            }
            self.line.push_str(word);
            self.width += wide;
            return true;
        }
        if !self.line.is_empty() && !self.next() {
            return false;
        }
        for letter in word.chars() {
            let wide = self.style.letter(self.drawing, letter);
            if self.width + wide > self.room && !self.line.is_empty() && !self.next() {
                return false;
            }
            self.line.push(letter);
            self.width += wide;
        }
        true
    }

    /// Ends a line; `false` if it was the last.
    fn next(&mut self) -> bool {
        self.lines.push(std::mem::take(&mut self.line));
        self.width = 0.0;
        self.lines.len() < self.most
    }

    fn cut(mut self) -> Vec<String> {
        if let Some(last) = self.lines.last_mut() {
            last.push('…');
            while last.chars().count() > 1 && self.style.width(self.drawing, last) > self.room {
                last.pop();
                last.pop();
                last.truncate(last.trim_end().len());
                last.push('…');
            }
        }
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_in_its_room() {
        let drawing = Drawing::new("", super::super::A4).unwrap();
        let style = Style::regular(8.0);
        let broken = |text: &str, most| lines(&drawing, text, style, 60.0, most);
        assert_eq!(broken("Leite", 2), ["Leite"]);
        assert_eq!(broken("", 2), [""; 0]);
        assert_eq!(
            broken("  Leite em pó  integral instantâneo", 3),
            ["Leite em pó", "integral", "instantâneo"]
        );
        assert_eq!(broken("Leite em pó integral instantâneo", 2), ["Leite em pó", "integral…"]);
        for text in ["W".repeat(10_000), "wi ".repeat(5_000), format!("a {}", "ãçõ".repeat(90))] {
            let lines = broken(&text, 3);
            assert_eq!(lines.len(), 3);
            assert!(lines[2].ends_with('…'), "{lines:?}");
            assert!(lines.iter().all(|line| style.width(&drawing, line) <= 60.1), "{lines:?}");
        }
    }
}
