//! Saving what the large chart shows: as a table, a workbook, or a picture of its part of the window.

use std::sync::Arc;

use egui::{ColorImage, Id, Rect, ScreenshotCallback, Ui, ViewportCommand, ViewportId};

use tillwatch_desk::tokens;

use super::{Screen, parts};
use crate::chart_texts::Text;
use crate::input::{User, ViewAct};

pub fn buttons(ui: &mut Ui, screen: &mut Screen<'_>) {
    let ready = screen.state.sensor_charts.block.is_some() && screen.state.saving.is_none();
    let lang = screen.lang();
    if parts::save_button(ui, "CSV", Text::SaveCsv.get(lang), ready) {
        screen.act(User::View(ViewAct::SaveCsv));
    }
    if parts::save_button(ui, "XLSX", Text::SaveXlsx.get(lang), ready) {
        screen.act(User::View(ViewAct::SaveXlsx));
    }
    if parts::save_button(ui, "PNG", Text::SavePng.get(lang), ready) {
        let (ctx, window) = (ui.ctx().clone(), ui.ctx().viewport_id());
        let taken = ScreenshotCallback::new(move |image| {
            ctx.data_mut(|data| data.insert_temp(picture(window), image));
            ctx.request_repaint_of(window);
        });
        ui.ctx().send_viewport_cmd(ViewportCommand::Screenshot(taken));
    }
}

fn picture(window: ViewportId) -> Id {
    Id::unique(("picture-of-the-window", window))
}

/// Passes on the picture that was asked for, once the window has taken it: the part in `area`.
pub fn pass_on(ui: &Ui, area: Rect, acts: &mut Vec<ViewAct>) {
    let id = picture(ui.ctx().viewport_id());
    let Some(image) = ui.data_mut(|data| data.remove_temp::<Arc<ColorImage>>(id)) else { return };
    let [width, height] = image.size.map(|side| side as f32 / ui.ctx().pixels_per_point());
    let area = area
        .expand(tokens::SPACE_8)
        .intersect(Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height)));
    if area.is_positive() {
        let part = image.region(&area, Some(ui.ctx().pixels_per_point()));
        acts.extend(png(&part).map(ViewAct::SavePng));
    }
}

/// Opaque, as the window is.
fn png(image: &ColorImage) -> Option<Vec<u8>> {
    let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let pixels: Vec<u8> = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.inspect_err(|error| tracing::warn!(%error, "no picture of the chart")).ok()?;
    Some(bytes)
}
