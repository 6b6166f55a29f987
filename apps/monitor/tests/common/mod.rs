//! A monitor without a window: made-up answers, a clock that the test moves, and the real screens.

use std::cell::Cell;

use egui::Vec2;
use egui_kittest::Harness;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::shell::{self, Window};
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::app::App;
use tillwatch_monitor::input::{Input, User};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::state::{Page, State};
use tillwatch_shared::UtcMicros;

thread_local! {
    static CLOCK: Cell<i64> = const { Cell::new(NOW.0) };
}

pub fn clock() -> UtcMicros {
    UtcMicros(CLOCK.with(Cell::get))
}

pub fn advance(micros: i64) {
    CLOCK.with(|clock| clock.set(clock.get() + micros));
}

pub fn settings(lang: Lang, theme: Theme) -> Settings {
    Settings { lang, theme: Some(theme), ..Settings::default() }
}

/// Not signed in yet.
pub fn app(settings: Settings) -> App {
    CLOCK.with(|clock| clock.set(NOW.0));
    let sign_in = sign_in::State::new("http://127.0.0.1:8080".into(), None, "monitor".into());
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

/// The app's window in that size, in points.
pub fn window<'a>(app: App, size: Vec2, pixels_per_point: f32) -> Harness<'a, App> {
    let settings = app.state.settings.clone();
    let dark = app.state.theme();
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(pixels_per_point)
        .with_theme(if dark == Theme::Dark { egui::Theme::Dark } else { egui::Theme::Light })
        .with_max_steps(16)
        .with_context_setup(move |ctx| {
            let window = Window {
                app_id: "test",
                title: "test",
                theme: Theme::Dark,
                settings: &Settings { zoom: 100, ..settings },
            };
            shell::dress(ctx, window);
        })
        .build_ui_state(
            |ui, app: &mut App| {
                app.step(ui.ctx());
                app.draw(ui);
            },
            app,
        );
    harness.run_steps(2);
    harness
}

/// Lets the window and the made-up server talk until both are quiet.
pub fn settle(harness: &mut Harness<'_, App>, made_up: MadeUp) {
    for _ in 0..6 {
        made_up.settle(harness.state_mut(), clock());
        harness.run_steps(2);
    }
}
