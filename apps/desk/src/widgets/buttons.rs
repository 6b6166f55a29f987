//! Buttons. Each says what happens and, where it has one, shows its key.

use egui::{
    Button, Color32, CornerRadius, EventFilter, FontId, Key, Modifiers, Response, RichText, Sense, Stroke,
    StrokeKind, TextWrapMode, Ui, Vec2,
};

use super::states::is_low;

use crate::tokens::{self, Palette};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    #[default]
    Normal,
    /// As wide as what is available.
    Wide,
    /// As wide as what is available, and high: the one thing to do on this screen.
    Large,
}

struct Colours {
    fill: Color32,
    hover: Color32,
    pressed: Color32,
    outline: Color32,
    text: Color32,
    key: Color32,
}

impl Colours {
    /// One colour all over.
    const fn filled(fill: Color32, text: Color32) -> Self {
        Self { fill, hover: fill, pressed: fill, outline: fill, text, key: text }
    }

    const fn outlined(palette: &Palette) -> Self {
        Self { fill: palette.raised, outline: palette.outline, ..Self::bare(palette) }
    }

    const fn bare(palette: &Palette) -> Self {
        Self {
            fill: Color32::TRANSPARENT,
            hover: palette.hover,
            pressed: palette.pressed,
            outline: Color32::TRANSPARENT,
            text: palette.text,
            key: palette.text_weak,
        }
    }
}

/// The one thing to do here.
pub fn primary_button(
    ui: &mut Ui,
    text: &str,
    key: Option<&str>,
    size: ButtonSize,
    enabled: bool,
) -> Response {
    let palette = Palette::in_ui(ui);
    let (hover, pressed) = (palette.accent_hover, palette.accent_pressed);
    let colours = Colours { hover, pressed, ..Colours::filled(palette.accent, palette.on_accent) };
    button(ui, text, key, size, enabled, &colours)
}

/// Another thing that can be done here.
pub fn secondary_button(
    ui: &mut Ui,
    text: &str,
    key: Option<&str>,
    size: ButtonSize,
    enabled: bool,
) -> Response {
    let colours = Colours::outlined(Palette::in_ui(ui));
    button(ui, text, key, size, enabled, &colours)
}

/// Something that loses what cannot be brought back.
pub fn danger_button(ui: &mut Ui, text: &str, key: Option<&str>, size: ButtonSize) -> Response {
    let palette = Palette::in_ui(ui);
    button(ui, text, key, size, true, &Colours::filled(palette.danger, palette.on_danger))
}

/// A button without an outline, for bars and menus.
pub fn quiet_button(ui: &mut Ui, text: &str, key: Option<&str>) -> Response {
    let colours = Colours::bare(Palette::in_ui(ui));
    button(ui, text, key, ButtonSize::Normal, true, &colours)
}

/// A text in the accent colour that does something.
pub fn link_button(ui: &mut Ui, text: &str) -> Response {
    let palette = Palette::in_ui(ui);
    let colours = Colours { text: palette.accent, ..Colours::bare(palette) };
    button(ui, text, None, ButtonSize::Normal, true, &colours)
}

/// An icon; its words are the tooltip and the accessible label.
pub fn icon_button(ui: &mut Ui, icon: &str, label: &str) -> Response {
    let colours = Colours::bare(Palette::in_ui(ui));
    in_colours(ui, &colours, |ui| {
        ui.spacing_mut().button_padding = Vec2::splat(tokens::SPACE_4);
        let icon = RichText::new(icon).color(colours.text).size(tokens::SIZE_STRONG);
        ui.add(Button::new(icon).min_size(Vec2::splat(tokens::CONTROL_HEIGHT)))
    })
    .on_hover_text(label)
    .accessible_name(label)
}

/// One of a few, side by side. Returns the one that was chosen now. The keyboard stops once, at the chosen one;
/// arrows go on to its neighbours and choose them.
pub fn segmented<T: Copy + PartialEq>(
    ui: &mut Ui,
    selected: Option<T>,
    options: &[(T, &str)],
    width: Option<f32>,
) -> Option<T> {
    let palette = Palette::in_ui(ui);
    let each = width.map(|w| (w - tokens::SPACE_4 * (options.len() as f32 - 1.0)) / options.len() as f32);
    let stop = options.iter().position(|(value, _)| selected == Some(*value)).unwrap_or(0);
    let mut drawn = Vec::with_capacity(options.len());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_4;
        for (place, (value, text)) in options.iter().enumerate() {
            let on = selected == Some(*value);
            let outlined = Colours::outlined(palette);
            let (soft, outline) = (palette.accent_soft, palette.accent);
            let colours =
                if on { Colours { fill: soft, hover: soft, outline, ..outlined } } else { outlined };
            let sense = if place == stop { Sense::click() } else { Sense::CLICK };
            drawn.push(in_colours(ui, &colours, |ui| {
                let text = RichText::new(*text).color(colours.text);
                let least = Vec2::new(each.unwrap_or(0.0), tokens::CONTROL_HEIGHT);
                ui.add(Button::new(text).selected(on).min_size(least).sense(sense))
            }));
        }
    });
    let clicked = drawn.iter().position(egui::Response::clicked);
    let place = clicked.or_else(|| by_arrow(ui, &drawn))?;
    options.get(place).map(|(value, _)| *value)
}

/// The neighbour of the focused one that an arrow key asks for; it gets the focus.
fn by_arrow(ui: &Ui, drawn: &[Response]) -> Option<usize> {
    let place = drawn.iter().position(Response::has_focus)?;
    let focused = drawn.get(place)?;
    let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(focused.id, arrows));
    let [back, on] = [Key::ArrowLeft, Key::ArrowRight]
        .map(|key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)));
    let next = match (back, on) {
        (true, false) => place.checked_sub(1)?,
        (false, true) => place + 1,
        (true, true) | (false, false) => return None,
    };
    drawn.get(next)?.request_focus();
    Some(next)
}

/// A key, drawn as on a keyboard.
pub fn key_cap(ui: &mut Ui, key: &str) -> Response {
    let palette = Palette::in_ui(ui);
    let galley = ui.painter().layout_no_wrap(key.to_owned(), tokens::small(), palette.text_weak);
    let size = Vec2::new((galley.size().x + 12.0).max(24.0), 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(4),
        palette.sunken,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, palette.text_weak);
    response
}

fn button(
    ui: &mut Ui,
    text: &str,
    key: Option<&str>,
    size: ButtonSize,
    enabled: bool,
    colours: &Colours,
) -> Response {
    let wide = ui.available_width();
    let large = if is_low(ui) { 40.0 } else { 52.0 };
    let (font, least, mode) = match size {
        ButtonSize::Normal => (tokens::body(), Vec2::new(0.0, tokens::CONTROL_HEIGHT), TextWrapMode::Extend),
        ButtonSize::Wide => (tokens::body_strong(), Vec2::new(wide, 36.0), TextWrapMode::Truncate),
        ButtonSize::Large => (tokens::strong(), Vec2::new(wide, large), TextWrapMode::Truncate),
    };
    if size == ButtonSize::Normal {
        wrap(ui, text, key, &font);
    }
    ui.add_enabled_ui(enabled, |ui| {
        // Wide buttons stand below each other: their words begin at one edge, with or without a key.
        let key = key.or((size != ButtonSize::Normal).then_some(""));
        in_colours(ui, colours, |ui| ui.add(with_key(text, key, font, mode, colours).min_size(least)))
    })
    .inner
    .accessible_name(text)
}

/// In a row that wraps, a button that does not fit begins the next one: the scope in which it is drawn does not see
/// to that, and what stands outside takes the whole panel along.
fn wrap(ui: &mut Ui, text: &str, key: Option<&str>, font: &FontId) {
    if !ui.layout().main_wrap() {
        return;
    }
    let width = |text: &str, font: FontId| {
        ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
    };
    let gap = ui.spacing().icon_spacing + ui.spacing().item_spacing.x;
    let key = key.map_or(0.0, |key| width(key, tokens::small()) + gap);
    let needed = width(text, font.clone()) + key + 2.0 * ui.spacing().button_padding.x;
    if needed > ui.available_size_before_wrap().x {
        ui.end_row();
    }
}

fn with_key<'a>(
    text: &str,
    key: Option<&str>,
    font: FontId,
    mode: TextWrapMode,
    colours: &Colours,
) -> Button<'a> {
    let words = RichText::new(text).font(font).color(colours.text);
    // Words are cut rather than broken in the middle of a button.
    let button = Button::new(words).wrap_mode(mode);
    match key {
        None => button,
        Some(key) => button.right_text(RichText::new(key).font(tokens::small()).color(colours.key)),
    }
}

fn in_colours(ui: &mut Ui, colours: &Colours, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let ring = Palette::in_ui(ui).text;
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        let states = [
            (&mut widgets.inactive, colours.fill, Stroke::new(1.0, colours.outline)),
            (&mut widgets.hovered, colours.hover, Stroke::new(1.0, colours.outline)),
            // Pressed, or with the keyboard focus.
            (&mut widgets.active, colours.pressed, Stroke::new(2.0, ring)),
        ];
        for (visuals, fill, stroke) in states {
            visuals.weak_bg_fill = fill;
            visuals.bg_fill = fill;
            visuals.bg_stroke = stroke;
            visuals.fg_stroke.color = colours.text;
        }
        // A selected button takes these.
        ui.visuals_mut().selection.bg_fill = colours.fill;
        ui.visuals_mut().selection.stroke = Stroke::new(1.0, colours.text);
        add(ui)
    })
    .inner
}
