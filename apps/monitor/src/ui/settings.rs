//! Language, appearance, size, the server, and who is here.

use egui::{Grid, RichText, ScrollArea, Ui};
use tillwatch_desk::settings::Preference;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{Lang, Theme, icons, tokens};
use tillwatch_shared::api::Role;

use super::{Screen, keeping, parts, wall, windows};
use crate::input::User;
use crate::state::Dialog;
use crate::texts::Text;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.set_max_width((ui.available_width() - 10.0).min(680.0));
        parts::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            Grid::new("looks")
                .num_columns(2)
                .min_col_width(110.0)
                .spacing([tokens::SPACE_24, tokens::SPACE_16])
                .show(ui, |ui| {
                    looks(ui, screen);
                });
        });
        ui.add_space(tokens::SPACE_12);
        parts::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            Grid::new("session")
                .num_columns(2)
                .min_col_width(110.0)
                .spacing([tokens::SPACE_24, tokens::SPACE_16])
                .show(ui, |ui| {
                    session(ui, screen);
                });
        });
        ui.add_space(tokens::SPACE_12);
        wall::settings(ui, screen);
        ui.add_space(tokens::SPACE_12);
        windows::settings(ui, screen);
        ui.add_space(tokens::SPACE_12);
        keeping::cards(ui, screen);
        let words = format!("{} {}", icons::KEYBOARD, screen.text(Text::KeysList));
        let button = widgets::secondary_button(ui, &words, Some("F1"), ButtonSize::Normal, true);
        if button.accessible_name(screen.text(Text::KeysList)).clicked() {
            screen.act(User::Dialog(Some(Dialog::Keys)));
        }
    });
}

fn looks(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    widgets::weak(ui, screen.text(Text::Language));
    let langs = [(Lang::Pt, Lang::Pt.name()), (Lang::En, Lang::En.name())];
    if let Some(lang) = widgets::segmented(ui, Some(state.lang()), &langs, None) {
        screen.act(User::Prefer(Preference::Lang(lang)));
    }
    ui.end_row();
    widgets::weak(ui, screen.text(Text::Theme));
    let themes = [(Theme::Dark, screen.text(Text::Dark)), (Theme::Light, screen.text(Text::Light))];
    if let Some(theme) = widgets::segmented(ui, Some(state.theme()), &themes, None) {
        screen.act(User::Prefer(Preference::Theme(theme)));
    }
    ui.end_row();
    widgets::weak(ui, screen.text(Text::Zoom));
    ui.horizontal(|ui| {
        for (icon, text, preference) in [
            (icons::MINUS, Text::Smaller, Preference::ZoomOut),
            (icons::PLUS, Text::Bigger, Preference::ZoomIn),
        ] {
            if widgets::icon_button(ui, icon, screen.text(text)).clicked() {
                screen.act(User::Prefer(preference));
            }
            if icon == icons::MINUS {
                ui.label(format!("{} %", state.settings.zoom));
            }
        }
        if widgets::quiet_button(ui, screen.text(Text::Reset), Some("Ctrl+0")).clicked() {
            screen.act(User::Prefer(Preference::ZoomReset));
        }
    });
    ui.end_row();
}

fn session(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    widgets::weak(ui, screen.text(Text::Server));
    ui.vertical(|ui| {
        ui.label(state.settings.server.as_deref().unwrap_or_default());
        if let Some(server) = &state.server {
            let version = Text::Version.with(screen.lang(), &[("version", &server.version)]);
            widgets::small_weak(ui, &version);
        }
        widgets::small_weak(ui, screen.text(Text::ServerHint));
    });
    ui.end_row();
    let Some(signed_in) = &state.signed_in else { return };
    widgets::weak(ui, screen.text(Text::SignedInAs));
    ui.vertical(|ui| {
        ui.label(RichText::new(&signed_in.person.name).font(tokens::body_strong()));
        let role = match signed_in.person.role {
            Role::Seller => Text::Seller,
            Role::Manager => Text::Manager,
            Role::Admin => Text::Admin,
        };
        widgets::small_weak(ui, &format!("{} · {}", signed_in.person.username, screen.text(role)));
        let words = format!("{} {}", icons::SIGN_OUT, screen.text(Text::SignOut));
        let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, true);
        if button.accessible_name(screen.text(Text::SignOut)).clicked() {
            screen.act(User::Dialog(Some(Dialog::SignOut)));
        }
    });
    ui.end_row();
}

/// Asks once; the safe answer has the focus.
pub fn sign_out_dialog(ui: &Ui, screen: &mut Screen<'_>) {
    let dialog = widgets::Dialog {
        id: "sign-out",
        title: screen.text(Text::SignOutAsk),
        width: 420.0,
        lang: screen.lang(),
    };
    let answer = dialog.show(ui.ctx(), |ui| {
        widgets::weak(ui, screen.text(Text::SignOutLoses));
        ui.add_space(tokens::SPACE_12);
        ui.horizontal(|ui| {
            let stay =
                widgets::primary_button(ui, screen.text(Text::Stay), Some("Esc"), ButtonSize::Normal, true);
            if ui.memory(|memory| memory.focused().is_none()) {
                stay.request_focus();
            }
            let leave =
                widgets::secondary_button(ui, screen.text(Text::SignOut), None, ButtonSize::Normal, true);
            (stay.clicked(), leave.clicked())
        })
        .inner
    });
    let (stay, leave) = answer.inner;
    if leave {
        screen.act(User::SignOut);
    } else if stay || answer.closed {
        screen.act(User::Dialog(None));
    }
}
