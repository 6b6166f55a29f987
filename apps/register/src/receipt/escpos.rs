//! The bytes that a receipt printer takes: Epson's ESC/POS, as far as all makers have it.
//!
//! The same document on the same paper gives the same bytes, always.

use tillwatch_desk::printer::CodePage;

use super::document::{Align, Document, Style};
use super::lines::{Line, columns_of, lay_out};

/// What a printer prints on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Plain characters in a line.
    pub columns: usize,
    pub page: CodePage,
    /// The printer has a knife.
    pub cut: bool,
}

const INIT: &[u8] = b"\x1b@";
/// Gives room before the edge at which the paper is torn off.
const FEED: &[u8] = b"\x1bd\x04";
/// Feeds the paper to the knife and cuts all but a point.
const CUT: &[u8] = b"\x1dVB\x00";
/// Height in dots, width of the narrowest bar in dots, digits below.
const BARCODE: &[u8] = b"\x1dh\x50\x1dw\x02\x1dH\x02";
/// Opens the drawer at the printer's first plug: 50 ms on, 500 ms off.
pub const OPEN_DRAWER: &[u8] = b"\x1bp\x00\x19\xfa";

/// The document as the printer takes it.
pub fn bytes(document: &Document, paper: Paper) -> Vec<u8> {
    let mut out = Vec::with_capacity(2048);
    out.extend(INIT);
    out.extend([0x1b, b't', paper.page.selector()]);
    for line in lay_out(document, paper.columns, |text| paper.page.spell(text)) {
        put(&mut out, &line, paper);
    }
    out.extend(if paper.cut { CUT } else { FEED });
    out
}

fn put(out: &mut Vec<u8>, line: &Line, paper: Paper) {
    match line {
        Line::Text { left, right, style, align } => {
            let on_off = switches(*style);
            let text = placed(left, right, *align, columns_of(*style, paper.columns));
            out.extend(on_off.0);
            out.extend(paper.page.encode(&text));
            out.push(b'\n');
            out.extend(on_off.1);
        }
        Line::Rule => {
            out.extend(std::iter::repeat_n(b'-', paper.columns));
            out.push(b'\n');
        }
        Line::Blank => out.push(b'\n'),
        Line::Barcode(digits) => barcode(out, digits),
    }
}

/// What turns a style on and off.
const fn switches(style: Style) -> (&'static [u8], &'static [u8]) {
    match style {
        Style::Plain => (b"", b""),
        Style::Strong => (b"\x1bE\x01", b"\x1bE\x00"),
        Style::Big => (b"\x1bE\x01\x1d!\x11", b"\x1d!\x00\x1bE\x00"),
    }
}

/// Spaces do what commands could: printers disagree about tabs and margins.
fn placed(left: &str, right: &str, align: Align, columns: usize) -> String {
    let used = left.chars().count() + right.chars().count();
    let free = columns.saturating_sub(used);
    match (align, right.is_empty()) {
        (Align::Centre, _) => format!("{}{left}{right}", " ".repeat(free / 2)),
        (Align::Left, true) => left.to_owned(),
        (Align::Left, false) => format!("{left}{}{right}", " ".repeat(free)),
    }
}

/// Code 128, pairs of digits.
fn barcode(out: &mut Vec<u8>, digits: &str) {
    let pairs: Vec<u8> = digits
        .as_bytes()
        .chunks_exact(2)
        .filter_map(|pair| str::from_utf8(pair).ok().and_then(|pair| pair.parse().ok()))
        .collect();
    let Ok(length) = u8::try_from(pairs.len() + 2) else { return };
    out.extend(b"\x1ba\x01");
    out.extend(BARCODE);
    out.extend([0x1d, b'k', 73, length, b'{', b'C']);
    out.extend(pairs);
    out.extend(b"\n\x1ba\x00");
}
