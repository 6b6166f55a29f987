//! Pictures of a few screens: what labels cannot tell, such as a colour or a place, is as it was.
//! `UPDATE_SNAPSHOTS=true cargo test -p tillwatch-register --test screens pictures` takes them anew; look at them
//! before they are committed. Drawn by Mesa's software driver, so that every machine draws the same.

use egui::Vec2;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Lang, Theme};
use tillwatch_register::{State, samples};

use crate::common::window;

fn matches(name: &str, state: State) {
    window(state, Vec2::new(1024.0, 600.0)).snapshot(name);
}

fn light_pt() -> Settings {
    Settings { lang: Lang::Pt, theme: Some(Theme::Light), ..Settings::default() }
}

fn dark_en() -> Settings {
    Settings { lang: Lang::En, theme: Some(Theme::Dark), ..Settings::default() }
}

#[test]
fn signing_in_light() {
    matches("sign-in-light-pt", samples::signed_out(light_pt(), true));
}

#[test]
fn signing_in_dark() {
    matches("sign-in-dark-en", samples::signed_out(dark_en(), true));
}

#[test]
fn a_sale_light() {
    matches("sale-light-pt", samples::till(light_pt()));
}

#[test]
fn a_sale_dark() {
    matches("sale-dark-en", samples::till(dark_en()));
}
