//! A monitor that talks to nobody, with a clock that is moved by hand.

use std::cell::Cell;

use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_shared::UtcMicros;

use super::NOW;
use super::server::MadeUp;
use crate::app::App;
use crate::input::{Input, User};
use crate::state::{Page, State};

thread_local! {
    static CLOCK: Cell<i64> = const { Cell::new(NOW.0) };
}

pub fn clock() -> UtcMicros {
    UtcMicros(CLOCK.with(Cell::get))
}

pub fn advance(micros: i64) {
    CLOCK.with(|clock| clock.set(clock.get().saturating_add(micros)));
}

pub fn settings(lang: Lang, theme: Theme) -> Settings {
    Settings { lang, theme: Some(theme), ..Settings::default() }
}

/// Not signed in yet; the clock starts at [`NOW`].
pub fn app(settings: Settings) -> App {
    CLOCK.with(|clock| clock.set(NOW.0));
    let sign_in = sign_in::State::new("http://127.0.0.1:8080".to_owned(), None, "monitor".to_owned());
    App::new(State::new(settings, sign_in), clock, None)
}

/// Signed in, on that page, everything answered.
pub fn loaded(settings: Settings, made_up: MadeUp, page: Page) -> App {
    let mut app = app(settings);
    made_up.enter(&mut app);
    app.take(Input::User(User::Open(page)));
    made_up.settle(&mut app, clock());
    app
}
