//! What all plots share: they stand still under the pointer, and their axes are written small and weak.

use egui::{Id, Ui, Vec2};
use egui_plot::{AxisHints, GridMark, Plot};
use tillwatch_desk::format;
use tillwatch_desk::tokens::{self, Palette};

/// A plot of `count` bars beside each other, from 0 on, as wide as there is room. What stands beside it is so wide.
pub fn bars<'a>(
    ui: &Ui,
    name: &str,
    (height, beside): (f32, f32),
    below: AxisHints<'a>,
    count: usize,
) -> Plot<'a> {
    let beside = AxisHints::new_y()
        .min_thickness(beside)
        .formatter(|mark: GridMark, _: &_| format::decimal(mark.value, 0))
        .label_spacing(12.0..=24.0);
    let id = Id::unique((name, ui.ctx().viewport_id()));
    let size = Vec2::new(ui.available_width(), height);
    still(id, size, [below, beside], Palette::in_ui(ui))
        .show_grid([false, true])
        .include_y(0.0)
        .include_x(-0.6)
        .include_x(count as f64 - 0.4)
        .set_margin_fraction(Vec2::new(0.0, 0.08))
}

/// A plot that neither moves nor grows by itself, with these axes below and beside it.
pub fn still<'a>(id: Id, size: Vec2, [x, y]: [AxisHints<'a>; 2], palette: &Palette) -> Plot<'a> {
    let quiet =
        |axis: AxisHints<'a>| axis.tick_label_color(palette.text_weak).tick_label_font(tokens::small());
    Plot::new(id)
        .width(size.x)
        .height(size.y)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_x(false)
        .show_y(false)
        .show_background(false)
        .grid_color(palette.line)
        .custom_x_axes(vec![quiet(x)])
        .custom_y_axes(vec![quiet(y)])
}
