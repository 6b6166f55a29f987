//! One sensor large: its charts, and what people said of it.

use egui::{Align, Layout, RichText, ScrollArea, Sense, Ui, Vec2};
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets;
use tillwatch_shared::api::Sensor;

use super::chart::{self, Wheel};
use super::sensors::{Page, draw, head, page, tell_shown, value_words};
use super::{Screen, chart_cursor, compare, sensor_notes};
use crate::charts::Measure;
use crate::input::ViewAct;
use crate::state::Health;
use crate::texts::{self, Text};

/// Its three charts over each other, with what is known and compared above them.
pub fn show(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, acts: &mut Vec<ViewAct>) {
    let width = ui.available_width();
    let page = page(screen, width, sensor.store_id);
    let health = Health::of(sensor, screen.state.server_now(screen.now));
    head(ui, screen, sensor, health);
    sensor_notes::line(ui, screen, sensor, page.range, &page.zone);
    compare::legend(ui, screen, sensor, &page);
    // Three charts share the height; where there is too little of it the page scrolls.
    let titles = 3.0 * 26.0 + 24.0;
    let rows = sensor_notes::height(ui, screen, sensor, page.range, chart::drawing_width(width));
    let room = (ui.available_height() - titles - rows).max(300.0);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for measure in Measure::ALL {
            let share = if measure == Measure::Temperature { 0.5 } else { 0.25 };
            ui.horizontal(|ui| {
                ui.set_height(26.0);
                let palette = Palette::in_ui(ui);
                let name = screen.text(texts::measure(measure));
                ui.label(RichText::new(name).font(tokens::body_strong()));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if let Some(value) = value_words(sensor, measure) {
                        let colour = chart::series_colour(palette, measure);
                        ui.label(RichText::new(value).font(tokens::strong()));
                        let (dot, _) = ui.allocate_exact_size(Vec2::splat(chart_cursor::DOT), Sense::hover());
                        ui.painter().circle_filled(dot.center(), chart_cursor::DOT_RADIUS, colour);
                    }
                });
            });
            if measure == Measure::Temperature {
                noted(ui, screen, sensor, room * share, &page, acts);
            } else {
                draw(ui, screen, sensor, measure, room * share, Wheel::Plain, &page, acts);
            }
        }
        widgets::small_weak(ui, screen.text(Text::ChartHintLarge));
    });
    let other = screen.state.other_sensor().map(|other| other.id.clone());
    let shown = [Some(sensor.id.clone()), other].into_iter().flatten().collect();
    tell_shown(screen, shown, width, acts);
}

/// The temperatures with what people said of them.
fn noted(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    sensor: &Sensor,
    height: f32,
    page: &Page<'_>,
    acts: &mut Vec<ViewAct>,
) {
    let width = ui.available_width();
    let drawing_width = chart::drawing_width(width);
    let above = sensor_notes::height(ui, screen, sensor, page.range, drawing_width);
    let (room, _) = ui.allocate_exact_size(Vec2::new(width, above), Sense::hover());
    let drawn = draw(ui, screen, sensor, Measure::Temperature, height, Wheel::Plain, page, acts);
    sensor_notes::bands(ui, screen, sensor, page.range, room, drawn.rect);
    sensor_notes::marks(ui, screen, sensor, page.range, drawn.rect);
}
