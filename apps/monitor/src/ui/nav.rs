//! The side navigation. Narrow windows show icons only, with their words as tooltips.

use egui::{
    Align2, CornerRadius, CursorIcon, Frame, Margin, Panel, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{icons, widgets};

use super::{Screen, keyboard};
use crate::input::User;
use crate::state::Page;
use crate::texts::{self, Text};
use crate::update::lists::uncared;

const WIDE: f32 = 168.0;
const NARROW: f32 = 44.0;
const ITEM_HEIGHT: f32 = 38.0;
/// Below this width of the window only icons fit.
const NARROW_BELOW: f32 = 900.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let palette = Palette::in_ui(ui);
    let narrow = ui.available_width() < NARROW_BELOW;
    let width = if narrow { NARROW } else { WIDE };
    let frame = Frame::new().fill(palette.sunken).inner_margin(Margin::symmetric(8, 10));
    Panel::left("nav").frame(frame).exact_size(width + 16.0).resizable(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if !narrow {
            let (rect, _) = ui.allocate_exact_size(Vec2::new(width, 30.0), Sense::hover());
            let mark = format!("{}  Tillwatch", icons::MONITOR);
            ui.painter().text(
                rect.left_center() + Vec2::new(10.0, 0.0),
                Align2::LEFT_CENTER,
                mark,
                tokens::body_strong(),
                palette.accent,
            );
            ui.add_space(tokens::SPACE_4);
        }
        // On a small screen, or a greatly enlarged one, not all of them fit.
        egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (index, page) in Page::ALL.into_iter().enumerate() {
                item(ui, screen, page, index + 1, narrow);
            }
        });
    });
}

const fn icon(page: Page) -> &'static str {
    match page {
        Page::Overview => icons::SQUARES_FOUR,
        Page::Live => icons::BROADCAST,
        Page::Sensors => icons::THERMOMETER_SIMPLE,
        Page::Alarms => icons::WARNING,
        Page::Stock => icons::PACKAGE,
        Page::Sales => icons::RECEIPT,
        Page::Money => icons::CASH_REGISTER,
        Page::Reports => icons::CHART_BAR,
        Page::Terminals => icons::PLUGS_CONNECTED,
        Page::Feeds => icons::FILE_TEXT,
        Page::Servers => icons::HARD_DRIVES,
        Page::Manage => icons::NOTE_PENCIL,
        Page::Settings => icons::GEAR,
    }
}

fn item(ui: &mut Ui, screen: &mut Screen<'_>, page: Page, number: usize, narrow: bool) {
    let palette = Palette::in_ui(ui);
    let on = screen.state.page == page;
    let name = screen.text(texts::page(page));
    let badge = badge(screen, page);
    let size = Vec2::new(ui.available_width(), ITEM_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let fill = if on {
        palette.accent_soft
    } else if response.hovered() {
        palette.hover
    } else {
        palette.sunken
    };
    let ring = if response.has_focus() { Stroke::new(2.0, palette.text) } else { Stroke::NONE };
    ui.painter().rect(rect, CornerRadius::same(tokens::CORNER), fill, ring, egui::StrokeKind::Inside);
    let colour = if on { palette.text } else { palette.text_weak };
    let icon_at = if narrow { rect.center() } else { rect.left_center() + Vec2::new(20.0, 0.0) };
    let icon_colour = if on { palette.accent } else { colour };
    let icon_font = egui::FontId::proportional(tokens::SIZE_STRONG);
    ui.painter().text(icon_at, Align2::CENTER_CENTER, icon(page), icon_font, icon_colour);
    if !narrow {
        let font = if on { tokens::body_strong() } else { tokens::body() };
        ui.painter().text(rect.left_center() + Vec2::new(38.0, 0.0), Align2::LEFT_CENTER, name, font, colour);
    }
    if let Some(count) = badge {
        paint_badge(ui, rect, count, narrow);
    }
    let label = match badge {
        Some(count) => Text::PageAlerts.with(screen.lang(), &[("page", &name), ("n", &count)]),
        None => name.to_owned(),
    };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &label));
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    let key = keyboard::page_key(number).map(|key| format!(" ({key})")).unwrap_or_default();
    let response = response.on_hover_text(format!("{label}{key}"));
    if response.clicked() {
        screen.act(User::Open(page));
    }
}

/// How many things on that page need somebody.
fn badge(screen: &Screen<'_>, page: Page) -> Option<usize> {
    let count = match page {
        Page::Sensors => screen.state.alerts(screen.now),
        Page::Alarms => uncared(screen.state),
        Page::Stock => screen.state.stock.low(),
        Page::Feeds => screen.state.feeds.needing(),
        Page::Servers => screen.state.servers.troubles().len(),
        Page::Overview
        | Page::Live
        | Page::Sales
        | Page::Money
        | Page::Reports
        | Page::Terminals
        | Page::Manage
        | Page::Settings => 0,
    };
    (count > 0).then_some(count)
}

fn paint_badge(ui: &Ui, rect: Rect, count: usize, narrow: bool) {
    let palette = Palette::in_ui(ui);
    if narrow {
        let at = rect.right_top() + Vec2::new(-8.0, 8.0);
        ui.painter().add(widgets::tone_shape(Tone::Attention, at, 4.5, palette));
        return;
    }
    let words = if count > 999 { "999+".to_owned() } else { count.to_string() };
    let galley = ui.painter().layout_no_wrap(words, tokens::small(), palette.attention);
    let size = Vec2::new((galley.size().x + 12.0).max(22.0), 18.0);
    let place = Rect::from_center_size(rect.right_center() - Vec2::new(size.x / 2.0 + 8.0, 0.0), size);
    ui.painter().rect_filled(place, CornerRadius::same(9), palette.attention_soft);
    ui.painter().galley(place.center() - galley.size() / 2.0, galley, palette.attention);
}
