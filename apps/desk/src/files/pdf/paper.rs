//! A document on A4 sheets: a head, tables that go on over pages with their headings, and a foot with the page's
//! number. What it says is plain data, made elsewhere.

use super::columns::{self, Column, PADDING};
use super::words::{self, Style};
use super::{A4, Drawing, MM};
use crate::Lang;
use crate::texts::Table as _;

crate::texts! {
    Text {
        PageOf: "página {n} de {m}", "page {n} of {m}";
    }
}

const MARGIN: f32 = 15.0 * MM;
const TITLE: Style = Style::strong(15.0);
const HEAD: Style = Style::strong(10.5);
const BODY: Style = Style::regular(8.5);
const STRONG: Style = Style::strong(8.5);
const FOOT: Style = Style::regular(7.5);
/// From one line to the next, as a share of the letters' size.
const LINE: f32 = 1.3;
/// A line's share above the line on which letters stand.
const ABOVE: f32 = 0.78;
/// Over and under a row's text.
const ROW_PADDING: f32 = 2.2;
/// Lines that a cell has at most.
const CELL_LINES: usize = 4;
const HAIR: f32 = 0.4;
const SHADED: f32 = 0.92;
const GREY: f32 = 0.7;
/// Room that the beginning of a part needs, so that a heading does not stand alone.
const START: f32 = 28.0 * MM;
const BARS: f32 = 38.0 * MM;
/// Rows after which it is told how many there are.
const WATCHED: usize = 64;

/// What stands on the sheets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    pub title: String,
    /// Each with its label.
    pub facts: Vec<(String, String)>,
    pub parts: Vec<Part>,
    /// At the bottom of each sheet, at the left.
    pub foot: String,
    pub lang: Lang,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Head(String),
    Note(String),
    Table(Table),
    Bars(Vec<Bar>),
    /// Lines to sign on, side by side, with what stands under each.
    Signatures(Vec<String>),
}

/// A bar of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub label: String,
    pub height: f32,
    /// The height in words.
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// Under the rows; nothing if there is no sum.
    pub sum: Vec<String>,
    /// With lines between columns, and rows high enough to write in.
    pub by_hand: bool,
}

/// The file's bytes. Fails only if a bundled face is damaged.
pub fn write(paper: &Paper) -> Result<Vec<u8>, String> {
    Ok(write_watched(paper, &mut |_, _| true)?.unwrap_or_default())
}

/// The same, for long papers: tells from time to time how many rows of tables stand on paper, and of how many. Nothing
/// comes of it once the answer is `false`.
pub fn write_watched(
    paper: &Paper,
    watch: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Option<Vec<u8>>, String> {
    let speller = Drawing::new("", A4)?;
    let paper = spelled(paper, &speller);
    let tables =
        paper.parts.iter().filter_map(|part| if let Part::Table(table) = part { Some(table) } else { None });
    let upright = A4.0 - 2.0 * MARGIN;
    let wide = tables
        .into_iter()
        .any(|table| columns::is_wide(table, &columns::natural(&speller, table, BODY, STRONG), upright));
    let size = if wide { (A4.1, A4.0) } else { A4 };
    let rows = |part: &Part| if let Part::Table(table) = part { table.rows.len() } else { 0 };
    let rows = (0, paper.parts.iter().map(rows).sum());
    let drawing = Drawing::new(&paper.title, size)?;
    let mut pen = Pen { drawing, paper: &paper, size, above: MARGIN, rows, watch, stopped: false };
    pen.head();
    for part in &paper.parts {
        if pen.stopped {
            return Ok(None);
        }
        match part {
            Part::Head(words) => pen.heading(words),
            Part::Note(words) => pen.lines(words, BODY, 20),
            Part::Table(table) => pen.table(table),
            Part::Bars(bars) => pen.bars(bars),
            Part::Signatures(names) => pen.signatures(names),
        }
    }
    if pen.stopped {
        return Ok(None);
    }
    pen.feet();
    pen.drawing.finish().map(Some)
}

/// With the letters that the face has.
fn spelled(paper: &Paper, speller: &Drawing) -> Paper {
    let spell = |text: &String| speller.spell(text);
    let all = |texts: &[String]| texts.iter().map(spell).collect::<Vec<_>>();
    let part = |part: &Part| match part {
        Part::Head(words) => Part::Head(spell(words)),
        Part::Note(words) => Part::Note(spell(words)),
        Part::Table(table) => Part::Table(Table {
            columns: table
                .columns
                .iter()
                .map(|one| Column { head: spell(&one.head), ..one.clone() })
                .collect(),
            rows: table.rows.iter().map(|row| all(row)).collect(),
            sum: all(&table.sum),
            by_hand: table.by_hand,
        }),
        Part::Bars(bars) => Part::Bars(bars.clone()),
        Part::Signatures(names) => Part::Signatures(all(names)),
    };
    Paper {
        title: spell(&paper.title),
        facts: paper.facts.iter().map(|(label, value)| (spell(label), spell(value))).collect(),
        parts: paper.parts.iter().map(part).collect(),
        foot: spell(&paper.foot),
        lang: paper.lang,
    }
}

/// Draws from top to bottom.
struct Pen<'p> {
    drawing: Drawing,
    paper: &'p Paper,
    size: (f32, f32),
    /// Where the next thing begins.
    above: f32,
    /// Rows of tables that are drawn, and all of them.
    rows: (usize, usize),
    watch: &'p mut dyn FnMut(usize, usize) -> bool,
    stopped: bool,
}

impl Pen<'_> {
    fn room(&self) -> f32 {
        self.size.0 - 2.0 * MARGIN
    }

    /// Where a sheet ends, above its foot.
    fn bottom(&self) -> f32 {
        self.size.1 - MARGIN - FOOT.size * LINE
    }

    /// The first sheet: the title, and below it the facts in two columns.
    fn head(&mut self) {
        self.drawing.new_page();
        self.lines(&self.paper.title, TITLE, 2);
        self.above += 4.0;
        let room = self.room() / 2.0;
        for pair in self.paper.facts.chunks(2) {
            let mut lowest = self.above;
            for (place, (label, value)) in (0_u8..).zip(pair) {
                let left = MARGIN + f32::from(place) * room;
                let wide = BODY.width(&self.drawing, label).min(room * 0.5) + PADDING * 2.0;
                let value = words::lines(&self.drawing, value, STRONG, room - wide - PADDING, 3);
                self.line(label, (left, self.above), BODY, wide);
                let mut above = self.above;
                for line in &value {
                    self.line(line, (left + wide, above), STRONG, room - wide);
                    above += STRONG.size * LINE;
                }
                lowest = lowest.max(above).max(self.above + BODY.size * LINE);
            }
            self.above = lowest + 1.5;
        }
        self.above += 8.0;
    }

    /// A further sheet, with the title small.
    fn next_page(&mut self) {
        self.drawing.new_page();
        self.above = MARGIN;
        self.lines(&self.paper.title, STRONG, 1);
        self.above += 6.0;
    }

    /// So much is needed in one piece.
    fn need(&mut self, height: f32) {
        if self.above + height > self.bottom() {
            self.next_page();
        }
    }

    /// One line of text whose upper edge is `above`.
    fn line(&mut self, text: &str, (left, above): (f32, f32), style: Style, room: f32) {
        let place = (left, above + style.size * LINE * ABOVE);
        self.drawing.text(text, place, style.size, style.weight, room);
    }

    fn lines(&mut self, text: &str, style: Style, most: usize) {
        let room = self.room();
        for line in words::lines(&self.drawing, text, style, room, most) {
            self.need(style.size * LINE);
            self.line(&line, (MARGIN, self.above), style, room);
            self.above += style.size * LINE;
        }
    }

    fn heading(&mut self, text: &str) {
        self.above += 8.0;
        self.need(START);
        self.lines(text, HEAD, 1);
        self.above += 3.0;
    }

    fn table(&mut self, table: &Table) {
        let natural = columns::natural(&self.drawing, table, BODY, STRONG);
        let widths = columns::shared(table, &natural, self.room());
        let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
        let least = if table.by_hand { 7.0 * MM } else { 0.0 };
        self.need(START);
        self.row(table, &widths, &heads, Look::Head);
        for cells in &table.rows {
            if self.rows.0.is_multiple_of(WATCHED) && !(self.watch)(self.rows.0, self.rows.1) {
                self.stopped = true;
                return;
            }
            self.row(table, &widths, cells, Look::Row { least });
            self.rows.0 += 1;
        }
        if !table.sum.is_empty() {
            self.row(table, &widths, &table.sum, Look::Sum);
        }
        self.above += 6.0;
    }

    /// A row, on the next sheet under the headings again if this one is full.
    fn row(&mut self, table: &Table, widths: &[f32], cells: &[String], look: Look) {
        let style = look.style();
        let columns = || cells.iter().zip(widths.iter().copied()).zip(&table.columns);
        let drawing = &self.drawing;
        let texts: Vec<Vec<String>> = columns()
            .map(|((cell, width), column)| {
                if column.right && look != Look::Head {
                    vec![cell.clone()]
                } else {
                    words::lines(drawing, cell, style, width - 2.0 * PADDING, CELL_LINES)
                }
            })
            .collect();
        let lines = texts.iter().map(Vec::len).max().unwrap_or_default().max(1);
        let height = (lines as f32 * style.size * LINE + 2.0 * ROW_PADDING).max(look.least());
        if look != Look::Head && self.above + height > self.bottom() {
            self.next_page();
            let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
            self.row(table, widths, &heads, Look::Head);
        }
        self.ground(look, height);
        let mut left = MARGIN;
        for (((_, width), column), lines) in columns().zip(&texts) {
            self.cell(lines, style, (left, width), column.right);
            left += width;
            if table.by_hand && left < MARGIN + self.room() - 1.0 {
                self.drawing.shade((left, self.above), (HAIR, height), GREY);
            }
        }
        self.above += height;
    }

    /// What lies under a row's text.
    fn ground(&mut self, look: Look, height: f32) {
        let room = self.room();
        match look {
            Look::Head => self.drawing.shade((MARGIN, self.above), (room, height), SHADED),
            Look::Row { .. } => self.drawing.shade((MARGIN, self.above + height - HAIR), (room, HAIR), GREY),
            Look::Sum => self.drawing.bar((MARGIN, self.above), (room, 2.0 * HAIR)),
        }
    }

    fn cell(&mut self, lines: &[String], style: Style, (left, width): (f32, f32), right: bool) {
        let room = width - 2.0 * PADDING;
        let mut above = self.above + ROW_PADDING;
        for line in lines {
            let wide = style.width(&self.drawing, line).min(room);
            let indent = if right { room - wide } else { 0.0 };
            self.line(line, (left + PADDING + indent, above), style, room);
            above += style.size * LINE;
        }
    }

    /// From zero up to the greatest, whose value stands beside its line.
    fn bars(&mut self, bars: &[Bar]) {
        let Some(greatest) = bars.iter().max_by(|one, other| one.height.total_cmp(&other.height)) else {
            return;
        };
        self.need(BARS + 2.0 * BODY.size * LINE);
        self.line(&greatest.value, (MARGIN, self.above), FOOT, self.room());
        self.above += FOOT.size * LINE;
        let (room, base) = (self.room(), self.above + BARS);
        self.drawing.shade((MARGIN, self.above), (room, HAIR), GREY);
        let step = room / bars.len() as f32;
        let widest = bars.iter().map(|bar| FOOT.width(&self.drawing, &bar.label)).fold(0.0, f32::max);
        let every = labelled(widest + 4.0, step);
        for (place, bar) in bars.iter().enumerate() {
            let left = MARGIN + place as f32 * step;
            let share = if greatest.height > 0.0 { (bar.height / greatest.height).max(0.0) } else { 0.0 };
            let height = BARS * share;
            self.drawing.shade((left + step * 0.14, base - height), (step * 0.72, height), 0.35);
            if place % every == 0 {
                let wide = FOOT.width(&self.drawing, &bar.label);
                let from = (left + (step - wide) / 2.0).clamp(MARGIN, (MARGIN + room - wide).max(MARGIN));
                self.line(&bar.label, (from, base + 2.0), FOOT, room);
            }
        }
        self.drawing.bar((MARGIN, base), (room, HAIR));
        self.above = base + FOOT.size * LINE + 10.0;
    }

    fn signatures(&mut self, names: &[String]) {
        let height = 22.0 * MM;
        self.need(height);
        let step = self.room() / names.len().max(1) as f32;
        let line = self.above + 14.0 * MM;
        for (place, name) in names.iter().enumerate() {
            let left = MARGIN + place as f32 * step;
            let wide = step - 10.0 * MM;
            self.drawing.bar((left, line), (wide, HAIR));
            let below = words::lines(&self.drawing, name, FOOT, wide, 1);
            for text in below {
                self.line(&text, (left, line + 2.0), FOOT, wide);
            }
        }
        self.above += height;
    }

    fn feet(&mut self) {
        let (room, above) = (self.room(), self.size.1 - MARGIN - FOOT.size * LINE + 6.0);
        let pages = self.drawing.pages();
        for page in 0..pages {
            self.drawing.turn_to(page);
            let number = Text::PageOf.with(self.paper.lang, &[("n", &(page + 1)), ("m", &pages)]);
            let wide = FOOT.width(&self.drawing, &number);
            self.line(&number, (MARGIN + room - wide, above), FOOT, room);
            for text in words::lines(&self.drawing, &self.paper.foot, FOOT, room - wide - 12.0, 1) {
                self.line(&text, (MARGIN, above), FOOT, room);
            }
        }
    }
}

/// How a row of a table looks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Look {
    Head,
    Row { least: f32 },
    Sum,
}

impl Look {
    const fn style(self) -> Style {
        match self {
            Self::Head | Self::Sum => STRONG,
            Self::Row { .. } => BODY,
        }
    }

    const fn least(self) -> f32 {
        match self {
            Self::Head | Self::Sum => 0.0,
            Self::Row { least } => least,
        }
    }
}

/// Every how manieth bar has its label, so that they do not touch.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count, at least 1")]
fn labelled(label: f32, step: f32) -> usize {
    if step > 0.0 { (label / step).ceil().max(1.0) as usize } else { 1 }
}

#[cfg(test)]
mod tests;
