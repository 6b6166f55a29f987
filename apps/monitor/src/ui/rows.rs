//! How a row of the log reads: what, how much, when. Shared by the live log and the short lists.

use egui::{Align2, CornerRadius, CursorIcon, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::api::{AlarmTurn, StockEntryKind, TransferState, Unit};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{Cents, Quantity, UtcMicros};

use super::Screen;
use crate::livelog::{Log, Portion, Row, SignIn, Told, What};
use crate::servers_texts::Text as Servers;
use crate::state::State;
use crate::stock_texts::Text as Goods;
use crate::texts::{self, Text};
use crate::{alarm_texts, log_texts, servers};

/// How long a new row glows.
pub const GLOW: i64 = SECOND;
pub const SHORT_ROW: f32 = 40.0;

pub const fn icon(row: &Row) -> &'static str {
    match &row.what {
        What::Sale { .. } => icons::RECEIPT,
        What::Return { .. } => icons::ARROW_U_UP_LEFT,
        What::Entry { kind: StockEntryKind::Receive, .. } => icons::DOWNLOAD_SIMPLE,
        What::Entry { kind: StockEntryKind::Adjust, .. } => icons::PENCIL_SIMPLE,
        What::Entry { kind: StockEntryKind::Count, .. } | What::Count { .. } => icons::CLIPBOARD_TEXT,
        What::Transfer { .. } => icons::STOREFRONT,
        What::Money { told: Told::Approved | Told::ReturnApproved, .. } => icons::CHECK_CIRCLE,
        What::Money { told: Told::DebtPaid, .. } => icons::HAND_COINS,
        What::Money {
            told: Told::DrawerOpened | Told::Withdrawal | Told::Deposit | Told::DrawerClosed,
            ..
        } => icons::CASH_REGISTER,
        What::Alarm { turn: AlarmTurn::Opened, .. } => icons::WARNING,
        What::Alarm { turn: AlarmTurn::Acknowledged | AlarmTurn::Cleared, .. } => icons::BELL,
        What::Coordinates(_) => icons::HARD_DRIVES,
        What::Session { told: SignIn::In, .. } => icons::SIGN_IN,
        What::Session { told: SignIn::Out, .. } => icons::SIGN_OUT,
        What::Session { told: SignIn::Reused, .. } => icons::WARNING_CIRCLE,
    }
}

/// `Venda 41 · 3 itens`, `Devolução da venda 41`, `Entrada · Parafuso 10mm`
pub fn what(log: &Log, row: &Row, lang: Lang) -> String {
    match &row.what {
        What::Sale { lines, total, .. } => {
            let words = match lines.len() {
                0 => Text::SaleByAmount.with(lang, &[("n", &row.number)]),
                1 => Text::SaleItem.with(lang, &[("n", &row.number)]),
                items => Text::SaleItems.with(lang, &[("n", &row.number), ("items", &items)]),
            };
            let came_back = log.returned(row).map(|back| match back {
                back if back.void => Text::SaleVoided,
                back if back.total < *total => Text::SalePartReturned,
                _ => Text::SaleReturned,
            });
            came_back.map_or(words.clone(), |state| format!("{words} · {}", state.get(lang)))
        }
        What::Return { sale_number, void, .. } => {
            let text = if *void { Text::VoidOf } else { Text::ReturnOf };
            text.with(lang, &[("n", sale_number)])
        }
        What::Entry { kind, product, .. } => {
            format!("{} · {}", texts::entry_kind(*kind).get(lang), log.name(*product))
        }
        What::Money { told, till, .. } => {
            let words = texts::told(*told).get(lang);
            till.as_ref().map_or_else(|| words.to_owned(), |till| format!("{words} · {till}"))
        }
        What::Alarm { turn, kind, about, .. } => {
            let words = alarm_texts::kind(*kind).get(lang);
            log_texts::alarm(*turn).with(lang, &[("about", &log.name(*about)), ("what", &words)])
        }
        What::Coordinates(one) => {
            let name = Servers::Server.with(lang, &[("id", &one.member)]);
            Servers::Began.with(lang, &[("name", &name), ("why", &servers::why(one, lang))])
        }
        What::Session { told, device } => {
            let words = log_texts::sign_in(*told).get(lang);
            device.map_or_else(|| words.to_owned(), |device| format!("{words} · {}", log.name(device)))
        }
        What::Count { portions, .. } => match portions.as_ref() {
            [only] => Goods::CountedOne.with(lang, &[("name", &log.name(only.product))]),
            several => Goods::Counted.with(lang, &[("n", &several.len())]),
        },
        What::Transfer { state, other, .. } => {
            let text = match state {
                TransferState::Sent => Goods::Sent,
                TransferState::Received => Goods::Received,
                TransferState::Cancelled => Goods::Cancelled,
            };
            text.with(lang, &[("n", &row.number), ("store", &log.name(*other))])
        }
    }
}

/// `R$ 62,33`, `+50 un`
pub fn amount(row: &Row, lang: Lang) -> String {
    match &row.what {
        What::Sale { total, .. } => total.to_string(),
        What::Return { total, .. } => Cents(-total.0).to_string(),
        What::Money { told: Told::Withdrawal, amount, .. } => Cents(-amount.0).to_string(),
        What::Money { amount, .. } => amount.to_string(),
        What::Entry { kind: StockEntryKind::Count, quantity, unit, .. } => {
            format!("= {quantity} {}", unit.symbol())
        }
        What::Entry { moved, unit, .. } => signed(*moved, *unit),
        What::Alarm { severity, .. } => alarm_texts::severity(*severity).get(lang).to_owned(),
        What::Session { .. } | What::Coordinates(_) => String::new(),
        What::Count { portions, .. } | What::Transfer { portions, .. } => match portions.as_ref() {
            [only] => portion(only),
            several => Goods::Lines.with(lang, &[("n", &several.len())]),
        },
    }
}

/// `+50 un`
pub fn portion(portion: &Portion) -> String {
    signed(portion.moved, portion.unit)
}

fn signed(moved: Quantity, unit: Unit) -> String {
    let sign = if moved.0 > 0 { "+" } else { "" };
    format!("{sign}{moved} {}", unit.symbol())
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

/// The row's store. An alarm tells its store's id alone, which the log may not have a name for yet.
pub fn store<'s>(state: &'s State, row: &Row) -> &'s str {
    let known = row.store_id.map(|id| state.store_name(id)).filter(|name| !name.is_empty());
    match known {
        Some(name) if matches!(row.what, What::Alarm { .. }) => name,
        Some(_) | None => state.log.name(row.store),
    }
}

/// The whole row as one sentence, for assistive technology.
pub fn sentence(screen: &Screen<'_>, row: &Row) -> String {
    let log = &screen.state.log;
    let server_now = screen.state.server_now(screen.now);
    format!(
        "{}, {}, {}, {}, {}",
        what(log, row, screen.lang()),
        amount(row, screen.lang()),
        log.name(row.person),
        store(screen.state, row),
        moment(row.happened_at(), server_now, &screen.state.zone(row.store_id))
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
    // Out of sight, too: Tab reaches it there.
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, sentence(screen, row)));
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
    let amount = painter.text(
        amount_at,
        Align2::RIGHT_CENTER,
        amount(row, screen.lang()),
        tokens::body_strong(),
        palette.text,
    );
    let words = what(log, row, screen.lang());
    let room = amount.left() - left - tokens::SPACE_8;
    let words = widgets::fit_middle(ui, &words, &tokens::body(), room);
    painter.text(egui::pos2(left, top), Align2::LEFT_CENTER, words, tokens::body(), palette.text);
    let zone = screen.state.zone(row.store_id);
    let when = moment(row.happened_at(), screen.state.server_now(screen.now), &zone);
    let when = painter.text(
        egui::pos2(right, bottom),
        Align2::RIGHT_CENTER,
        when,
        tokens::small(),
        palette.text_weak,
    );
    let who = format!("{} · {}", log.name(row.person), store(screen.state, row));
    let who = widgets::fit_middle(ui, &who, &tokens::small(), when.left() - left - tokens::SPACE_8);
    painter.text(egui::pos2(left, bottom), Align2::LEFT_CENTER, who, tokens::small(), palette.text_weak);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
