//! The real screens over made-up answers, without a window.

use egui::Vec2;
use egui_kittest::Harness;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Theme, shell};
use tillwatch_register::input::Effect;
use tillwatch_register::{State, samples, ui, update};
use tillwatch_shared::CommandId;

/// The state as the window would hold it, and what it asked for.
pub struct Held {
    pub state: State,
    pub effects: Vec<Effect>,
}

pub type Window<'a> = Harness<'a, Held>;

/// The window of that size in pixels, with the state's look and zoom.
pub fn window<'a>(state: State, size: Vec2) -> Window<'a> {
    let (settings, theme) = (state.settings.clone(), state.theme());
    let zoom = settings.zoom_factor();
    let mut harness = Harness::builder()
        .with_size(size / zoom)
        .with_theme(match theme {
            Theme::Light => egui::Theme::Light,
            Theme::Dark => egui::Theme::Dark,
        })
        .with_pixels_per_point(zoom)
        .with_context_setup(move |ctx| {
            let settings = &Settings { zoom: 100, ..settings };
            shell::dress(ctx, shell::Window { app_id: "", title: "", theme, settings });
        })
        .build_ui_state(
            |ui, held: &mut Held| {
                let inputs = ui::ui(ui, &held.state);
                if !inputs.is_empty() {
                    ui.ctx().request_repaint();
                }
                for input in inputs {
                    let moment = Moment { at: samples::NOW, fresh: CommandId::now() };
                    held.effects.extend(update(&mut held.state, input, moment));
                }
            },
            Held { state, effects: Vec::new() },
        );
    harness.run_steps(4);
    harness
}
