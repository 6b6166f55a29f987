//! How a row of the log reads: what, how much, when. Shared by the live log and the short lists.

use egui::{Align2, CornerRadius, CursorIcon, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::StockEntryKind;
use tillwatch_shared::time::SECOND;

use super::Screen;
use crate::livelog::{Log, Row, What};
use crate::texts::{self, Text};

/// How long a new row glows.
pub const GLOW: i64 = SECOND;
pub const SHORT_ROW: f32 = 40.0;

pub const fn icon(row: &Row) -> &'static str {
    match &row.what {
        What::Sale { .. } => icons::RECEIPT,
        What::Entry { kind: StockEntryKind::Receive, .. } => icons::DOWNLOAD_SIMPLE,
        What::Entry { kind: StockEntryKind::Adjust, .. } => icons::PENCIL_SIMPLE,
        What::Entry { kind: StockEntryKind::Count, .. } => icons::CLIPBOARD_TEXT,
    }
}

/// `Venda 41 · 3 itens`, `Entrada · Parafuso 10mm`
pub fn what(log: &Log, row: &Row, lang: Lang) -> String {
    match &row.what {
        What::Sale { lines, .. } if lines.is_empty() => Text::SaleByAmount.with(lang, &[("n", &row.number)]),
        What::Sale { lines, .. } if lines.len() == 1 => Text::SaleItem.with(lang, &[("n", &row.number)]),
        What::Sale { lines, .. } => {
            Text::SaleItems.with(lang, &[("n", &row.number), ("items", &lines.len())])
        }
        What::Entry { kind, product, .. } => {
            format!("{} · {}", texts::entry_kind(*kind).get(lang), log.name(*product))
        }
    }
}

/// `R$ 62,33`, `+50 un`
pub fn amount(row: &Row) -> String {
    match &row.what {
        What::Sale { total, .. } => total.to_string(),
        What::Entry { kind: StockEntryKind::Count, quantity, unit, .. } => {
            format!("= {quantity} {}", unit.symbol())
        }
        What::Entry { moved, unit, .. } => {
            let sign = if moved.0 > 0 { "+" } else { "" };
            format!("{sign}{moved} {}", unit.symbol())
        }
    }
}

/// `21:04:10` today, else `30/12 21:04`.
pub fn moment(at: UtcMicros, server_now: UtcMicros, zone: &TimeZone) -> String {
    let (then, today) = (format::date(at, zone), format::date(server_now, zone));
    if then == today {
        return format::time_seconds(at, zone);
    }
    let day: String = then.chars().take(5).collect();
    format!("{day} {}", format::time(at, zone))
}

/// The whole row as one sentence, for assistive technology.
pub fn sentence(screen: &Screen<'_>, row: &Row) -> String {
    let log = &screen.state.log;
    let server_now = screen.state.server_now(screen.now);
    format!(
        "{}, {}, {}, {}, {}",
        what(log, row, screen.lang()),
        amount(row),
        log.name(row.person),
        log.name(row.store),
        moment(row.happened_at(), server_now, &screen.state.zone(Some(row.store_id)))
    )
}

/// How strongly a row glows now, 1 when it has just come, and whether it goes on.
pub fn glow(row: &Row, now: UtcMicros) -> f32 {
    let Some(arrived_at) = row.arrived_at else { return 0.0 };
    let age = now.since(arrived_at).max(0);
    if age >= GLOW { 0.0 } else { 1.0 - age as f32 / GLOW as f32 }
}

/// A row of a short list, in two lines. `true` when it was clicked.
pub fn short(ui: &mut Ui, screen: &Screen<'_>, row: &Row) -> bool {
    let palette = Palette::in_ui(ui);
    let log = &screen.state.log;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), SHORT_ROW), Sense::click());
    if !ui.is_rect_visible(rect) {
        return response.clicked();
    }
    screen.drew(row);
    let glow = glow(row, screen.now);
    if glow > 0.0 {
        ui.painter().rect_filled(rect, CornerRadius::same(4), Palette::faded(palette.accent_soft, glow));
        ui.ctx().request_repaint();
    } else if response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(4), palette.hover);
    }
    if response.has_focus() {
        let ring = Stroke::new(2.0, palette.text);
        ui.painter().rect_stroke(rect, CornerRadius::same(4), ring, StrokeKind::Inside);
    }
    let (top, bottom) = (rect.top() + 11.0, rect.bottom() - 11.0);
    let (left, right) = (rect.left() + 28.0, rect.right() - 4.0);
    let painter = ui.painter();
    let icon_at = egui::pos2(rect.left() + 12.0, rect.center().y);
    painter.text(icon_at, Align2::CENTER_CENTER, icon(row), tokens::body(), palette.text_weak);
    let amount_at = egui::pos2(right, top);
    let amount =
        painter.text(amount_at, Align2::RIGHT_CENTER, amount(row), tokens::body_strong(), palette.text);
    let words = what(log, row, screen.lang());
    let room = amount.left() - left - tokens::SPACE_8;
    let words = widgets::fit_middle(ui, &words, &tokens::body(), room);
    painter.text(egui::pos2(left, top), Align2::LEFT_CENTER, words, tokens::body(), palette.text);
    let zone = screen.state.zone(Some(row.store_id));
    let when = moment(row.happened_at(), screen.state.server_now(screen.now), &zone);
    let when = painter.text(
        egui::pos2(right, bottom),
        Align2::RIGHT_CENTER,
        when,
        tokens::small(),
        palette.text_weak,
    );
    let who = format!("{} · {}", log.name(row.person), log.name(row.store));
    let who = widgets::fit_middle(ui, &who, &tokens::small(), when.left() - left - tokens::SPACE_8);
    painter.text(egui::pos2(left, bottom), Align2::LEFT_CENTER, who, tokens::small(), palette.text_weak);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, sentence(screen, row)));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
