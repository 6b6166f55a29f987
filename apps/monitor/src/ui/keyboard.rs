//! The keys of the monitor, and the page that lists them.

use egui::{Context, FocusDirection, Key};
use tillwatch_desk::Lang;
use tillwatch_desk::keys::{self, KeyLine};
use tillwatch_desk::settings::Preference;

use super::Screen;
use crate::calls_texts::Text as Calls;
use crate::compare::CompareAct;
use crate::compare_texts::Text as Compare;
use crate::forms::{About, FormAct};
use crate::import::Step;
use crate::input::{LogAct, User, ViewAct};
use crate::lists::ListAct;
use crate::sensor_notes_texts::Text as Notes;
use crate::sensor_view::ToolAct;
use crate::sensor_view_texts::Text as Tools;
use crate::state::{Dialog, Page};
use crate::texts::Text;
use crate::update::lists::shown;
use crate::wall::WallAct;
use crate::windows::WindowAct;
use crate::windows_texts::Text as Windows;

const PAGE_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
/// Rows that Page Up and Page Down move by.
const SCREENFUL: i64 = 15;
const CLOSER: f64 = 0.7;

/// The key of the settings, which stand at the end of the pages.
pub const SETTINGS_KEY: &str = "Ctrl+,";

/// The key of the page with that number, from 1.
pub fn page_key(number: usize) -> Option<String> {
    match number {
        _ if number <= PAGE_KEYS.len() => Some(format!("Ctrl+{number}")),
        _ if Page::ALL.get(number - 1) == Some(&Page::Settings) => Some(SETTINGS_KEY.to_owned()),
        _ => None,
    }
}

/// The id of a page's search field. Each window has its own: what was typed in one is undone there.
pub fn search_id(ctx: &Context) -> egui::Id {
    egui::Id::unique(("search", ctx.viewport_id()))
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
    if keys::command_pressed(ctx, Key::Comma) {
        screen.act(User::Open(Page::Settings));
    }
    if keys::command_pressed(ctx, Key::N) {
        screen.act(User::Window(WindowAct::Open));
    }
    if keys::pressed(ctx, Key::F5) {
        screen.act(User::Refresh);
    }
    if keys::pressed(ctx, Key::F11) {
        let on = screen.state.wall.is_some();
        screen.act(User::Wall(if on { WallAct::Leave } else { WallAct::Enter }));
    }
    if keys::pressed(ctx, Key::F1) {
        let open = screen.state.dialog == Some(Dialog::Keys);
        screen.act(User::Dialog((!open).then_some(Dialog::Keys)));
    }
    let state = screen.state;
    let dialog = state.lists.open.is_some() || state.form.is_some() || state.sheets.open.is_some();
    let dialog = dialog || state.compare.chooser.is_some();
    if state.dialog.is_some() || state.feeds.matching.is_some() || dialog {
        return;
    }
    // Behind a form, or while rows are taken in, it would throw something away.
    let working = state.import.as_ref().is_some_and(|import| import.step == Step::Working);
    if !working && keys::command_pressed(ctx, Key::W) {
        screen.act(User::Window(WindowAct::Close));
    }
    if state.wall.is_some() && keys::pressed(ctx, Key::Escape) {
        screen.act(User::Wall(WallAct::Leave));
        return;
    }
    if keys::command_pressed(ctx, Key::F) {
        let search = search_id(ctx);
        ctx.memory_mut(|memory| memory.request_focus(search));
    }
    match screen.state.page {
        Page::Live => live(ctx, screen),
        Page::Sensors => charts(ctx, screen),
        Page::Alarms | Page::Stock | Page::Money | Page::Manage => found(ctx, screen),
        Page::Overview
        | Page::Sales
        | Page::Reports
        | Page::Terminals
        | Page::Feeds
        | Page::Servers
        | Page::Settings => {}
    }
}

/// Enter in the search field opens the first row that was found.
fn found(ctx: &Context, screen: &mut Screen<'_>) {
    let search = search_id(ctx);
    let Some(topic) = shown(screen.state) else { return };
    let first = screen.state.lists.get(topic).and_then(|list| list.sheet.lines.first());
    if let Some(line) = first
        && ctx.memory(|memory| memory.has_focus(search))
        && keys::pressed(ctx, Key::Enter)
    {
        screen.act(User::List(ListAct::Open(topic, line.id.clone())));
    }
}

/// Takes an arrow key or the like for the page, so that it does not move the focus as well.
fn taken(ctx: &Context, key: Key) -> bool {
    let pressed = keys::pressed(ctx, key);
    if pressed {
        let search = search_id(ctx);
        ctx.memory_mut(|memory| {
            memory.move_focus(FocusDirection::None);
            if let Some(focused) = memory.focused().filter(|id| *id != search) {
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
    if screen.state.sensor_view.typed.is_some() && keys::pressed(ctx, Key::Escape) {
        screen.act(User::View(ViewAct::Tool(ToolAct::Toggle)));
    }
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
    if let Some(sensor) = &screen.state.large
        && keys::pressed(ctx, Key::N)
    {
        screen.act(User::Form(FormAct::Open(About::Annotate(sensor.clone()))));
    }
    if screen.state.large.is_some() && keys::pressed(ctx, Key::C) {
        screen.act(User::Compare(CompareAct::Toggle));
    }
    if keys::pressed(ctx, Key::P) {
        screen.act(User::View(ViewAct::Tool(ToolAct::Toggle)));
    }
    if screen.state.large.is_some() && keys::pressed(ctx, Key::Escape) {
        screen.act(User::View(ViewAct::Sensor(None)));
    }
}

pub fn lines(lang: Lang) -> Vec<KeyLine<'static>> {
    let lines = [
        ("Ctrl + 1 … 9", Text::KeyPages),
        ("Ctrl + ,", Text::KeySettings),
        ("F5", Text::KeyRefresh),
        ("F1", Text::KeyKeys),
        ("Tab", Text::KeyTab),
        ("Ctrl + F", Text::KeySearch),
        ("Enter", Text::KeyFound),
        ("Ctrl + P", Text::KeyPause),
        ("↑ ↓ PgUp PgDn Home End", Text::KeyRows),
        ("← →", Text::KeyPan),
        ("+ −", Text::KeyZoomCharts),
        ("Home", Text::KeyFollow),
        ("Esc", Text::KeyEscape),
        ("Ctrl + + − 0", Text::KeyZoom),
    ];
    let mut lines: Vec<_> = lines.map(|(key, text)| KeyLine { key, does: text.get(lang) }).into();
    lines.push(KeyLine { key: "C", does: Compare::KeyCompare.get(lang) });
    lines.push(KeyLine { key: "P", does: Tools::KeyTyped.get(lang) });
    lines.push(KeyLine { key: "N", does: Notes::KeyAnnotate.get(lang) });
    lines.insert(2, KeyLine { key: "F11", does: Calls::KeyWall.get(lang) });
    lines.insert(3, KeyLine { key: "Ctrl + N", does: Windows::KeyOpen.get(lang) });
    lines.insert(4, KeyLine { key: "Ctrl + W", does: Windows::KeyClose.get(lang) });
    lines
}
