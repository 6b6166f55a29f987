//! The keys of the monitor, and the page that lists them.

use egui::{Context, FocusDirection, Key};
use tillwatch_desk::Lang;
use tillwatch_desk::keys::{self, KeyLine};
use tillwatch_desk::settings::Preference;

use super::Screen;
use crate::input::{LogAct, User, ViewAct};
use crate::state::{Dialog, Page};
use crate::texts::Text;

const PAGE_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
/// Rows that Page Up and Page Down move by.
const SCREENFUL: i64 = 15;
const CLOSER: f64 = 0.7;

/// The id of a page's search field.
pub fn search_id() -> egui::Id {
    egui::Id::unique("search")
}

/// Ctrl with plus, minus and zero, on every screen.
pub fn zoom(ctx: &Context, screen: &mut Screen<'_>) {
    for (key, preference) in [
        (Key::Plus, Preference::ZoomIn),
        (Key::Equals, Preference::ZoomIn),
        (Key::Minus, Preference::ZoomOut),
        (Key::Num0, Preference::ZoomReset),
    ] {
        if keys::command_pressed(ctx, key) {
            screen.act(User::Prefer(preference));
        }
    }
}

/// Taken before any control sees them.
pub fn shortcuts(ctx: &Context, screen: &mut Screen<'_>) {
    for (key, page) in PAGE_KEYS.into_iter().zip(Page::ALL) {
        if keys::command_pressed(ctx, key) {
            screen.act(User::Open(page));
        }
    }
    if keys::pressed(ctx, Key::F5) {
        screen.act(User::Refresh);
    }
    if keys::pressed(ctx, Key::F1) {
        let open = screen.state.dialog == Some(Dialog::Keys);
        screen.act(User::Dialog((!open).then_some(Dialog::Keys)));
    }
    if screen.state.dialog.is_some() || screen.state.feeds.matching.is_some() {
        return;
    }
    if keys::command_pressed(ctx, Key::F) {
        ctx.memory_mut(|memory| memory.request_focus(search_id()));
    }
    match screen.state.page {
        Page::Live => live(ctx, screen),
        Page::Sensors => charts(ctx, screen),
        Page::Overview
        | Page::Stock
        | Page::Sales
        | Page::Reports
        | Page::Terminals
        | Page::Feeds
        | Page::Settings => {}
    }
}

/// Takes an arrow key or the like for the page, so that it does not move the focus as well.
fn taken(ctx: &Context, key: Key) -> bool {
    let pressed = keys::pressed(ctx, key);
    if pressed {
        ctx.memory_mut(|memory| {
            memory.move_focus(FocusDirection::None);
            if let Some(focused) = memory.focused().filter(|id| *id != search_id()) {
                memory.surrender_focus(focused);
            }
        });
    }
    pressed
}

fn live(ctx: &Context, screen: &mut Screen<'_>) {
    for (key, by) in
        [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, SCREENFUL), (Key::PageUp, -SCREENFUL)]
    {
        if taken(ctx, key) {
            screen.act(User::Log(LogAct::Mark(by)));
        }
    }
    if keys::command_pressed(ctx, Key::P) {
        super::live::hold(ctx, screen, !screen.state.paused);
    }
    // Enter belongs to a focused button; the search field has no use for it.
    let free = ctx.text_edit_focused() || ctx.memory(|memory| memory.focused().is_none());
    if let Some(marked) = screen.state.marked.filter(|_| free)
        && keys::pressed(ctx, Key::Enter)
    {
        screen.act(User::Log(LogAct::Expand(marked)));
    }
}

fn charts(ctx: &Context, screen: &mut Screen<'_>) {
    if ctx.text_edit_focused() {
        return;
    }
    let step = screen.state.range(&screen.state.sensor_charts, screen.now).span() / 10;
    for (key, act) in [
        (Key::ArrowLeft, ViewAct::Pan(-step)),
        (Key::ArrowRight, ViewAct::Pan(step)),
        (Key::Plus, ViewAct::Zoom { factor: CLOSER, at: None }),
        (Key::Equals, ViewAct::Zoom { factor: CLOSER, at: None }),
        (Key::Minus, ViewAct::Zoom { factor: 1.0 / CLOSER, at: None }),
        (Key::Home, ViewAct::Follow),
    ] {
        if taken(ctx, key) {
            screen.act(User::View(act));
        }
    }
    if screen.state.large.is_some() && keys::pressed(ctx, Key::Escape) {
        screen.act(User::View(ViewAct::Sensor(None)));
    }
}

pub fn lines(lang: Lang) -> [KeyLine<'static>; 12] {
    [
        ("Ctrl + 1 … 8", Text::KeyPages),
        ("F5", Text::KeyRefresh),
        ("F1", Text::KeyKeys),
        ("Tab", Text::KeyTab),
        ("Ctrl + F", Text::KeySearch),
        ("Ctrl + P", Text::KeyPause),
        ("↑ ↓ PgUp PgDn", Text::KeyRows),
        ("← →", Text::KeyPan),
        ("+ −", Text::KeyZoomCharts),
        ("Home", Text::KeyFollow),
        ("Esc", Text::KeyEscape),
        ("Ctrl + + − 0", Text::KeyZoom),
    ]
    .map(|(key, text)| KeyLine { key, does: text.get(lang) })
}
