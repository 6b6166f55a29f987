//! The real screens over made-up answers, without a window.

use egui::Vec2;
use egui_kittest::Harness;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Theme, shell};
use tillwatch_monitor::app::App;
use tillwatch_monitor::input::{Input, User};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::clock;

pub type Window<'a> = Harness<'a, App>;

/// The app's window in that size, in points.
pub fn window<'a>(app: App, size: Vec2, pixels_per_point: f32) -> Window<'a> {
    let settings = app.state.settings.clone();
    let dark = app.state.theme() == Theme::Dark;
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(pixels_per_point)
        .with_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light })
        .with_context_setup(move |ctx| {
            let settings = &Settings { zoom: 100, ..settings };
            shell::dress(ctx, shell::Window { app_id: "test", title: "test", theme: Theme::Dark, settings });
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
pub fn settle(harness: &mut Window<'_>, made_up: MadeUp) {
    for _ in 0..4 {
        made_up.settle(harness.state_mut(), clock());
        harness.run_steps(1);
    }
}

/// A person does something.
pub fn user(harness: &mut Window<'_>, user: User) {
    harness.state_mut().take(Input::User(user));
    harness.run_steps(3);
}
