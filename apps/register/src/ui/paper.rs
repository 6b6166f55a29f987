//! A document as it will stand on the paper.

use egui::{Align2, Color32, CornerRadius, FontId, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};
use tillwatch_desk::printer::Width;
use tillwatch_desk::tokens::{self, Palette};

use crate::barcode::{self, Bars};
use crate::receipt::{Align, Document, Line, Style, lay_out};

const LINE: f32 = 16.0;
const BARS: f32 = 36.0;
const MARGIN: f32 = 12.0;
/// Points a character, a little less than this face's widest letters need: lines rarely are full.
const CHARACTER: f32 = 6.4;

/// Draws the paper; it takes the height that it needs.
pub fn ui(ui: &mut Ui, document: &Document, width: Width) {
    let lines = lay_out(document, width.columns(), str::to_owned);
    let room = (width.columns() as f32 * CHARACTER).min(ui.available_width() - 2.0 * MARGIN);
    let height = lines.iter().map(height).sum::<f32>() + 2.0 * MARGIN;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(room + 2.0 * MARGIN, height), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, read_out(&lines)));
    let palette = Palette::in_ui(ui);
    ui.painter().rect(
        rect,
        CornerRadius::same(2),
        palette.surface,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let mut at = rect.min + Vec2::splat(MARGIN);
    for line in &lines {
        put(ui, line, Rect::from_min_size(at, Vec2::new(room, self::height(line))), palette.text);
        at.y += self::height(line);
    }
}

/// For a screen reader.
fn read_out(lines: &[Line]) -> String {
    let words = lines.iter().filter_map(|line| match line {
        Line::Text { left, right, .. } => Some(format!("{} {right}", left.trim())),
        Line::Rule | Line::Blank | Line::Barcode(_) => None,
    });
    words.collect::<Vec<_>>().join("\n")
}

fn height(line: &Line) -> f32 {
    match line {
        Line::Text { style: Style::Big, .. } => LINE * 1.6,
        Line::Text { .. } => LINE,
        Line::Rule | Line::Blank => LINE * 0.6,
        Line::Barcode(_) => BARS + LINE,
    }
}

fn put(ui: &Ui, line: &Line, place: Rect, colour: Color32) {
    match line {
        Line::Text { left, right, style, align } => {
            let amount = text(ui, right, place.right_center(), Align2::RIGHT_CENTER, *style, place.width());
            let room = place.width() - amount - if amount > 0.0 { 6.0 } else { 0.0 };
            match align {
                Align::Left => {
                    let spaces = left.chars().take_while(|letter| *letter == ' ').count();
                    let indent = spaces as f32 * CHARACTER * 0.7;
                    let from = place.left_center() + Vec2::new(indent, 0.0);
                    text(ui, left.trim_start(), from, Align2::LEFT_CENTER, *style, room - indent);
                }
                Align::Centre => {
                    text(ui, left, place.center(), Align2::CENTER_CENTER, *style, place.width());
                }
            }
        }
        Line::Rule => {
            ui.painter().hline(place.x_range(), place.center().y, Stroke::new(1.0, colour));
        }
        Line::Blank => {}
        Line::Barcode(digits) => {
            if let Some(bars) = barcode::code128(digits) {
                self::bars(ui, &bars, place, colour);
            }
        }
    }
}

/// Draws it smaller where it would not fit; returns how wide it is.
fn text(ui: &Ui, words: &str, at: Pos2, align: Align2, style: Style, room: f32) -> f32 {
    if words.is_empty() {
        return 0.0;
    }
    let font = match style {
        Style::Plain => tokens::small(),
        Style::Strong => FontId { family: tokens::body_strong().family, ..tokens::small() },
        Style::Big => tokens::strong(),
    };
    let colour = Palette::in_ui(ui).text;
    let measured = ui.painter().layout_no_wrap(words.to_owned(), font.clone(), colour).size().x;
    let size = if measured > room { font.size * room / measured } else { font.size };
    ui.painter().text(at, align, words, FontId { size, ..font }, colour).width()
}

fn bars(ui: &Ui, bars: &Bars, place: Rect, colour: Color32) {
    let module = place.width() / (bars.modules() + 2 * barcode::QUIET) as f32;
    let left = place.left() + barcode::QUIET as f32 * module;
    for (from, width) in bars.bars() {
        let corner = Pos2::new(left + from as f32 * module, place.top());
        let bar = Rect::from_min_size(corner, Vec2::new(width as f32 * module, BARS));
        ui.painter().rect_filled(bar, CornerRadius::ZERO, colour);
    }
    let below = Pos2::new(place.center().x, place.bottom() - LINE * 0.5);
    text(ui, &bars.text, below, Align2::CENTER_CENTER, Style::Plain, place.width());
}
