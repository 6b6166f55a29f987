//! The top bar: which page, who is signed in, and always how the connection is and how old the data; above
//! it the banners.

use egui::{Align, Frame, Layout, Margin, Panel, RichText, Role, Sense, Ui, Vec2, WidgetInfo};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, Call};
use tillwatch_desk::{failure, format, icons};
use tillwatch_shared::api::ReadingsHeld;
use tillwatch_shared::time::SECOND;

use super::{Screen, keyboard, wall, windows};
use crate::input::User;
use crate::state::{Dialog, Page, State};
use crate::texts::{self, Text};

pub fn bar(ui: &mut Ui, screen: &mut Screen<'_>) {
    let frame = Frame::new().inner_margin(Margin::symmetric(16, 6));
    Panel::top("bar").frame(frame).show_separator_line(false).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_height(tokens::CONTROL_HEIGHT);
            title(ui, screen);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(wall) = &screen.state.wall {
                    wall::sign(ui, screen, wall);
                    connection(ui, screen);
                    return;
                }
                account(ui, screen);
                if widgets::icon_button(ui, icons::KEYBOARD, &format!("{} (F1)", screen.text(Text::KeysHelp)))
                    .clicked()
                {
                    screen.act(User::Dialog(Some(Dialog::Keys)));
                }
                if widgets::icon_button(
                    ui,
                    icons::ARROW_CLOCKWISE,
                    &format!("{} (F5)", screen.text(Text::Refresh)),
                )
                .clicked()
                {
                    screen.act(User::Refresh);
                }
                connection(ui, screen);
            });
        });
    });
}

fn title(ui: &mut Ui, screen: &Screen<'_>) {
    let page = screen.state.page;
    let text = match page {
        Page::Overview => Text::TodayAllStores,
        Page::Live
        | Page::Alarms
        | Page::Sensors
        | Page::Stock
        | Page::Sales
        | Page::Money
        | Page::Reports
        | Page::Terminals
        | Page::Feeds
        | Page::Servers
        | Page::Manage
        | Page::Settings => texts::page(page),
    };
    ui.add(egui::Label::new(RichText::new(screen.text(text)).font(tokens::title())).extend());
}

fn account(ui: &mut Ui, screen: &mut Screen<'_>) {
    let Some(signed_in) = &screen.state.signed_in else { return };
    let name =
        widgets::cut_middle(&signed_in.person.name, if ui.available_width() < 500.0 { 10 } else { 22 });
    let label = Text::Account.with(screen.lang(), &[("name", &signed_in.person.name)]);
    let words = format!("{} {name} {}", icons::USER_CIRCLE, icons::CARET_DOWN);
    let response = ui.menu_button(RichText::new(words), |ui| {
        ui.set_min_width(160.0);
        if widgets::quiet_button(ui, screen.text(Text::Settings), Some(keyboard::SETTINGS_KEY)).clicked() {
            screen.act(User::Open(Page::Settings));
            ui.close();
        }
        if let Some(act) = windows::menu(ui, screen) {
            screen.act(User::Window(act));
            ui.close();
        }
        if widgets::quiet_button(ui, screen.text(Text::SignOut), None).clicked() {
            screen.act(User::Dialog(Some(Dialog::SignOut)));
            ui.close();
        }
    });
    response.response.accessible_name(label);
}

fn connection(ui: &mut Ui, screen: &Screen<'_>) {
    let palette = Palette::in_ui(ui);
    let State { connection, .. } = screen.state;
    let lang = screen.lang();
    let words = connection.words(lang, screen.now);
    let galley = ui.painter().layout_no_wrap(words.clone(), tokens::body(), palette.text);
    let size = Vec2::new(galley.size().x + 18.0, tokens::CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let dot = rect.left_center() + Vec2::new(6.0, 0.0);
    ui.painter().add(widgets::tone_shape(connection.tone(), dot, 4.5, palette));
    let text_at = rect.left_center() + Vec2::new(16.0, -galley.size().y / 2.0);
    let colour = if connection.is_offline() { palette.tone(connection.tone()) } else { palette.text };
    ui.painter().galley_with_override_text_color(text_at, galley, colour);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    if let Some(server) = screen.state.settings.server.as_deref() {
        response.on_hover_text(server);
    }
    if ui.available_width() > 180.0 {
        widgets::weak(ui, &connection.data_age(lang, screen.now));
    }
}

pub fn banners(ui: &mut Ui, screen: &mut Screen<'_>) {
    let demo = screen.state.server.as_ref().is_some_and(|server| server.demo);
    let trouble = trouble(screen);
    let held = held(screen);
    if !demo && trouble.is_none() && held.is_none() {
        return;
    }
    let frame = Frame::new();
    Panel::top("banners").frame(frame).show_separator_line(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if demo {
            Banner { tone: Tone::Info, text: screen.text(Text::Demo), call: None }.show(ui);
        }
        if let Some((tone, text)) = held {
            Banner { tone, text: &text, call: None }.show(ui);
        }
        if let Some(text) = trouble {
            let call = Some(Call { text: screen.text(Text::TryNow), key: Some("F5") });
            if (Banner { tone: Tone::Attention, text: &text, call }).show(ui) {
                screen.act(User::Refresh);
            }
        }
    });
}

/// Readings that wait on the server's disk, or are refused there. A server that is silent says nothing new about it.
fn held(screen: &Screen<'_>) -> Option<(Tone, String)> {
    let state = &screen.state;
    let ReadingsHeld { since, readings, bytes, room_bytes, refused } =
        *state.server.as_ref()?.readings_held.as_ref()?;
    let lang = screen.lang();
    let zone = state.zone(None);
    // The moment alone says enough on the day itself.
    let today = format::date(state.server_now(screen.now), &zone) == format::date(since, &zone);
    let since = if today { format::time(since, &zone) } else { format::date_time(since, &zone) };
    let n = if readings == 1 {
        Text::OneReadingWaiting.get(lang).to_owned()
    } else {
        let count = format::integer(i64::try_from(readings).unwrap_or(i64::MAX));
        Text::ReadingsWaiting.with(lang, &[("n", &count)])
    };
    let (used, room) = (format::bytes(bytes), format::bytes(room_bytes));
    let (tone, text) =
        if refused { (Tone::Danger, Text::ReadingsRefused) } else { (Tone::Attention, Text::ReadingsHeld) };
    Some((tone, text.with(lang, &[("since", &since), ("n", &n), ("used", &used), ("room", &room)])))
}

/// What keeps the data from being fresh, with its age. Nothing while there is no data to be stale.
fn trouble(screen: &Screen<'_>) -> Option<String> {
    let feed = &screen.state.feed;
    let failure = feed.failure.as_ref()?;
    let since = feed.current_at?;
    let lang = screen.lang();
    let age = format::duration(lang, screen.now.since(since));
    if !failure::is_silence(failure) {
        let (what, hint) = (failure::what(failure, lang), failure::hint(failure, lang));
        let text =
            if matches!(failure, Failure::BadAnswer(_)) { Text::NotTheServer } else { Text::ServerRefuses };
        let words = text.with(lang, &[("what", &what), ("age", &age), ("hint", &hint)]);
        return Some(words.trim_end().to_owned());
    }
    let wait = feed.next_at.since(screen.now);
    Some(if feed.asked_at.is_some() || wait < SECOND {
        Text::ServerSilentNow.with(lang, &[("age", &age)])
    } else {
        Text::ServerSilent.with(lang, &[("age", &age), ("wait", &format::duration(lang, wait))])
    })
}
