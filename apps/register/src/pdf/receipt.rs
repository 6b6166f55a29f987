//! A document as a PDF, as long as a strip of paper would be.

use tillwatch_desk::files::pdf::{Drawing, MM, Weight};

use crate::barcode::{self, Bars};
use crate::receipt::{Align, Document, Line, Style, lay_out};

/// Of 80 mm paper, with the margins that a printer leaves.
const WIDTH: f32 = 80.0 * MM;
const MARGIN: f32 = 4.0 * MM;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Characters of the face that fit where a printer has 48.
const COLUMNS: usize = 44;
const SIZE: f32 = 8.5;
const LINE: f32 = 11.5;
const BARS_HEIGHT: f32 = 12.0 * MM;
/// A line's share above the line on which letters stand.
const ABOVE: f32 = 0.76;

/// The file's bytes. Fails only if the bundled face is damaged.
pub fn receipt(document: &Document) -> Result<Vec<u8>, String> {
    let speller = Drawing::new("", (0.0, 0.0))?;
    let lines = lay_out(document, COLUMNS, |text| speller.spell(text));
    let height = lines.iter().map(height).sum::<f32>() + 2.0 * MARGIN;
    let mut drawing = Drawing::new(&document.name, (WIDTH, height))?;
    drawing.new_page();
    let mut above = MARGIN;
    for line in &lines {
        put(&mut drawing, line, above);
        above += self::height(line);
    }
    drawing.finish()
}

fn height(line: &Line) -> f32 {
    match line {
        Line::Text { style, .. } => LINE * scale(*style),
        Line::Rule => LINE * 0.7,
        Line::Blank => LINE * 0.6,
        Line::Barcode(_) => BARS_HEIGHT + LINE,
    }
}

const fn scale(style: Style) -> f32 {
    match style {
        Style::Plain | Style::Strong => 1.0,
        Style::Big => 1.7,
    }
}

const fn weight(style: Style) -> Weight {
    match style {
        Style::Plain => Weight::Regular,
        Style::Strong | Style::Big => Weight::Strong,
    }
}

fn put(drawing: &mut Drawing, line: &Line, above: f32) {
    match line {
        Line::Text { left, right, style, align } => {
            let (size, weight) = (SIZE * scale(*style), weight(*style));
            let below = above + LINE * scale(*style) * ABOVE;
            let words = drawing.width(left, size, weight).min(ROOM);
            let amount = drawing.width(right, size, weight).min(ROOM);
            let from = match align {
                Align::Left => indent(left) * size * 0.5,
                Align::Centre => (ROOM - words) / 2.0,
            };
            let room = if amount > 0.0 { ROOM - amount - size * 0.5 } else { ROOM };
            drawing.text(left.trim_start(), (MARGIN + from, below), size, weight, room - from);
            drawing.text(right, (MARGIN + ROOM - amount, below), size, weight, ROOM);
        }
        Line::Rule => drawing.bar((MARGIN, above + LINE * 0.35), (ROOM, 0.5)),
        Line::Blank => {}
        Line::Barcode(digits) => {
            if let Some(bars) = barcode::code128(digits) {
                self::bars(drawing, &bars, above);
            }
        }
    }
}

/// Spaces at the beginning, which are narrower than letters in this face.
fn indent(text: &str) -> f32 {
    text.chars().take_while(|letter| *letter == ' ').map(|_| 1.0).sum()
}

fn bars(drawing: &mut Drawing, bars: &Bars, above: f32) {
    let module = ROOM / (bars.modules() + 2 * barcode::QUIET) as f32;
    let left = MARGIN + barcode::QUIET as f32 * module;
    for (from, width) in bars.bars() {
        drawing.bar((left + from as f32 * module, above), (width as f32 * module, BARS_HEIGHT));
    }
    let width = drawing.width(&bars.text, SIZE, Weight::Regular);
    let place = (MARGIN + (ROOM - width) / 2.0, above + BARS_HEIGHT + LINE * ABOVE);
    drawing.text(&bars.text, place, SIZE, Weight::Regular, ROOM);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::read::pages;

    fn document() -> Document {
        let mut document = Document::new("recibo-1042");
        document
            .centred("ATACADÃO São João do Açaí", Style::Strong)
            .rule()
            .text("Leite em pó integral instantâneo vitaminado com ferro, lata econômica de 400 g")
            .pair("  3 un x 18,90", "56,70")
            .text("日本茶 \u{1b}verde")
            .styled_pair("TOTAL R$", "62,33", Style::Big)
            .gap()
            .barcode("00112957891123641020");
        document
    }

    #[test]
    fn every_word_can_be_read_again() {
        let pages = pages(&receipt(&document()).unwrap());
        let [page] = &pages[..] else { panic!("{pages:?}") };
        let texts: Vec<&str> =
            page.texts.iter().map(|(_, _, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
        assert_eq!(
            texts,
            [
                "ATACADÃO São João do Açaí",
                "Leite em pó integral instantâneo vitaminado",
                "com ferro, lata econômica de 400 g",
                "3 un x 18,90",
                "56,70",
                "_ verde",
                "TOTAL R$",
                "62,33",
                "00112957891123641020",
            ]
        );
    }

    #[test]
    fn nothing_stands_outside_of_the_paper() {
        let mut document = document();
        document.text("W".repeat(200)).pair("M".repeat(44), "W".repeat(40)).styled_pair(
            "M",
            "W".repeat(30),
            Style::Big,
        );
        let lines = lay_out(&document, COLUMNS, str::to_owned);
        let height: f32 = lines.iter().map(super::height).sum::<f32>() + 2.0 * MARGIN;
        let pages = pages(&receipt(&document).unwrap());
        for (left, bottom, text) in &pages[0].texts {
            assert!(*left >= MARGIN - 0.1 && *left < WIDTH - MARGIN + 0.1, "{left}: {text}");
            assert!(*bottom > 0.0 && *bottom < height, "{bottom}: {text}");
        }
        for [left, bottom, width, high] in &pages[0].bars {
            assert!(*left >= MARGIN - 0.1 && left + width <= WIDTH - MARGIN + 0.1);
            assert!(*bottom >= 0.0 && bottom + high <= height);
        }
    }

    #[test]
    fn the_same_document_is_the_same_file() {
        assert_eq!(receipt(&document()), receipt(&document()));
        let bytes = receipt(&document()).unwrap().len();
        assert!(bytes < 60_000, "only the letters that are used: {bytes} bytes");
    }
}
