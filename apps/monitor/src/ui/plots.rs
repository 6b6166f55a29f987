//! What all plots share: they stand still under the pointer, and their axes are written small and weak.

use egui::{Id, Vec2};
use egui_plot::{AxisHints, Plot};
use tillwatch_desk::tokens::{self, Palette};

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
