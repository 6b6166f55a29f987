//! The design tokens: every colour, distance and text size by name, and their translation to egui's style.
//!
//! The only place that makes colours. Text on its background has a contrast of at least 4.5 : 1 in both
//! themes; the tests compute it (WCAG 2.2, relative luminance).
#![expect(clippy::disallowed_methods, reason = "the tokens are where colours are made")]

use egui::style::{NumericColorSpace, Selection, WidgetVisuals, Widgets};
use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Ui, Vec2};
use serde::{Deserialize, Serialize};

use crate::fonts;

pub const SPACE_4: f32 = 4.0;
pub const SPACE_8: f32 = 8.0;
pub const SPACE_12: f32 = 12.0;
pub const SPACE_16: f32 = 16.0;
pub const SPACE_24: f32 = 24.0;
pub const SPACE_32: f32 = 32.0;
pub const CORNER: u8 = 6;
/// Height of a button or a text field.
pub const CONTROL_HEIGHT: f32 = 32.0;

pub const SIZE_SMALL: f32 = 12.0;
pub const SIZE_BODY: f32 = 14.0;
pub const SIZE_STRONG: f32 = 17.0;
pub const SIZE_TITLE: f32 = 22.0;
pub const SIZE_TOTAL: f32 = 40.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// What a colour means. Never alone: a word or a shape says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Good,
    Attention,
    Danger,
    Info,
}

/// The colours of one theme.
#[derive(Debug)]
pub struct Palette {
    /// The window's ground.
    pub surface: Color32,
    /// What lies on the ground: panels, dialogs, rows.
    pub raised: Color32,
    /// What is set into it: text fields, wells.
    pub sunken: Color32,
    pub line: Color32,
    /// The outline of a control.
    pub outline: Color32,
    pub text: Color32,
    pub text_weak: Color32,
    pub accent: Color32,
    pub accent_hover: Color32,
    pub accent_pressed: Color32,
    /// Behind what is selected.
    pub accent_soft: Color32,
    pub on_accent: Color32,
    /// Behind what the pointer is over.
    pub hover: Color32,
    pub pressed: Color32,
    pub good: Color32,
    pub good_soft: Color32,
    pub attention: Color32,
    pub attention_soft: Color32,
    pub danger: Color32,
    pub danger_soft: Color32,
    pub on_danger: Color32,
    pub info: Color32,
    pub info_soft: Color32,
    /// Curves, in the order and about the hues of Okabe and Ito. Each stands off the surface, and off the others for
    /// whoever does not see red, green or blue.
    pub series: [Color32; 8],
    pub shadow: Color32,
    /// Over the window while a dialog is open.
    pub backdrop: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

const LIGHT: Palette = Palette {
    surface: rgb(0x00F1_F5F9),
    raised: rgb(0x00FF_FFFF),
    sunken: rgb(0x00F8_FAFC),
    line: rgb(0x00DC_E3EB),
    outline: rgb(0x0094_A3B8),
    text: rgb(0x000F_172A),
    text_weak: rgb(0x0052_6077),
    accent: rgb(0x000F_766E),
    accent_hover: rgb(0x000B_655E),
    accent_pressed: rgb(0x0011_5048),
    accent_soft: rgb(0x00D5_F0EB),
    on_accent: rgb(0x00FF_FFFF),
    hover: rgb(0x00E8_EEF4),
    pressed: rgb(0x00DA_E3EC),
    good: rgb(0x0015_6D38),
    good_soft: rgb(0x00E1_F5E7),
    attention: rgb(0x008F_4206),
    attention_soft: rgb(0x00FD_F0D3),
    danger: rgb(0x00B4_1C1C),
    danger_soft: rgb(0x00FD_E7E7),
    on_danger: rgb(0x00FF_FFFF),
    info: rgb(0x001D_4ED8),
    info_soft: rgb(0x00E3_EDFD),
    series: [
        rgb(0x00CD_7E12),
        rgb(0x0003_9EC7),
        rgb(0x0002_896F),
        rgb(0x008F_6910),
        rgb(0x003F_59A5),
        rgb(0x009B_1501),
        rgb(0x0083_336B),
        rgb(0x001F_2937),
    ],
    shadow: Color32::from_black_alpha(38),
    backdrop: Color32::from_black_alpha(96),
};

const DARK: Palette = Palette {
    surface: rgb(0x0011_1827),
    raised: rgb(0x001A_2334),
    sunken: rgb(0x000C_1220),
    line: rgb(0x002C_384C),
    outline: rgb(0x0058_677F),
    text: rgb(0x00EE_F2F7),
    text_weak: rgb(0x00A3_B0C2),
    accent: rgb(0x002D_D4BF),
    accent_hover: rgb(0x005E_EAD4),
    accent_pressed: rgb(0x0099_F6E4),
    accent_soft: rgb(0x0014_3F42),
    on_accent: rgb(0x0006_2B29),
    hover: rgb(0x0023_2F43),
    pressed: rgb(0x002E_3C54),
    good: rgb(0x004A_DE80),
    good_soft: rgb(0x0011_3524),
    attention: rgb(0x00FB_BF24),
    attention_soft: rgb(0x003D_2E0C),
    danger: rgb(0x00FB_9A9A),
    danger_soft: rgb(0x0048_1E24),
    on_danger: rgb(0x003B_0A0A),
    info: rgb(0x0093_C5FD),
    info_soft: rgb(0x001A_3157),
    series: [
        rgb(0x00E5_AC1A),
        rgb(0x0060_D1FB),
        rgb(0x002D_B782),
        rgb(0x00FC_DF38),
        rgb(0x0053_7AC8),
        rgb(0x00E5_7424),
        rgb(0x00C4_8DC8),
        rgb(0x00F1_F6F9),
    ],
    shadow: Color32::from_black_alpha(120),
    backdrop: Color32::from_black_alpha(140),
};

impl Palette {
    pub const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }

    /// Of the theme in which `ui` draws.
    pub fn in_ui(ui: &Ui) -> &'static Self {
        Self::of(if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light })
    }

    /// For text and shapes on the surface and on [`Palette::soft`].
    pub const fn tone(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Neutral => self.text_weak,
            Tone::Good => self.good,
            Tone::Attention => self.attention,
            Tone::Danger => self.danger,
            Tone::Info => self.info,
        }
    }

    /// The background that goes with a tone.
    pub const fn soft(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Neutral => self.hover,
            Tone::Good => self.good_soft,
            Tone::Attention => self.attention_soft,
            Tone::Danger => self.danger_soft,
            Tone::Info => self.info_soft,
        }
    }

    /// The colour of the nth curve.
    pub fn series(&self, n: usize) -> Color32 {
        self.series.get(n % self.series.len()).copied().unwrap_or(self.accent)
    }

    /// `colour` let through by `opacity` (0–1), for bands and fading rows.
    pub fn faded(colour: Color32, opacity: f32) -> Color32 {
        colour.gamma_multiply(opacity)
    }
}

/// 17 points, semibold.
pub fn strong() -> FontId {
    FontId::new(SIZE_STRONG, fonts::semibold())
}

/// 14 points, semibold.
pub fn body_strong() -> FontId {
    FontId::new(SIZE_BODY, fonts::semibold())
}

/// 22 points, semibold.
pub fn title() -> FontId {
    FontId::new(SIZE_TITLE, fonts::semibold())
}

/// 40 points, semibold: the total at the till.
pub fn total() -> FontId {
    FontId::new(SIZE_TOTAL, fonts::semibold())
}

pub fn small() -> FontId {
    FontId::new(SIZE_SMALL, FontFamily::Proportional)
}

pub fn body() -> FontId {
    FontId::new(SIZE_BODY, FontFamily::Proportional)
}

/// The one shadow, for what floats.
pub fn shadow(palette: &Palette) -> Shadow {
    Shadow { offset: [0, 4], blur: 16, spread: 0, color: palette.shadow }
}

/// Installs fonts and both themes. Called once, when the window is made.
pub fn install(ctx: &Context, theme: Theme) {
    ctx.set_fonts(fonts::definitions());
    ctx.style_mut_of(egui::Theme::Light, |style| fill_style(style, &LIGHT, false));
    ctx.style_mut_of(egui::Theme::Dark, |style| fill_style(style, &DARK, true));
    apply(ctx, theme);
}

/// Switches between the themes.
pub fn apply(ctx: &Context, theme: Theme) {
    let wanted = match theme {
        Theme::Light => egui::ThemePreference::Light,
        Theme::Dark => egui::ThemePreference::Dark,
    };
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
    }
}

fn fill_style(style: &mut egui::Style, palette: &Palette, dark: bool) {
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Monospace, FontId::new(SIZE_BODY, FontFamily::Monospace)),
        (TextStyle::Heading, title()),
    ]
    .into();
    style.animation_time = 0.1;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(SPACE_8, SPACE_8);
    spacing.button_padding = Vec2::new(SPACE_12, 6.0);
    spacing.interact_size = Vec2::new(CONTROL_HEIGHT, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(24);
    spacing.menu_margin = Margin::same(8);
    spacing.icon_width = 18.0;
    spacing.icon_spacing = SPACE_8;
    spacing.scroll = egui::style::ScrollStyle::thin();
    fill_visuals(&mut style.visuals, palette, dark);
}

fn fill_visuals(visuals: &mut egui::Visuals, palette: &Palette, dark: bool) {
    visuals.dark_mode = dark;
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.text_weak);
    visuals.widgets = widgets(palette);
    visuals.selection = Selection { bg_fill: palette.accent_soft, stroke: Stroke::new(1.5, palette.accent) };
    visuals.hyperlink_color = palette.accent;
    visuals.faint_bg_color = palette.sunken;
    visuals.extreme_bg_color = palette.sunken;
    visuals.text_edit_bg_color = Some(if dark { palette.sunken } else { palette.raised });
    visuals.code_bg_color = palette.sunken;
    visuals.warn_fg_color = palette.attention;
    visuals.error_fg_color = palette.danger;
    visuals.window_corner_radius = CornerRadius::same(CORNER);
    visuals.menu_corner_radius = CornerRadius::same(CORNER);
    visuals.window_shadow = shadow(palette);
    visuals.popup_shadow = shadow(palette);
    visuals.window_fill = palette.raised;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.panel_fill = palette.surface;
    visuals.text_cursor.stroke = Stroke::new(2.0, palette.accent);
    // A blinking cursor repaints an idle window twice a second.
    visuals.text_cursor.blink = false;
    visuals.numeric_color_space = NumericColorSpace::GammaByte;
}

fn widgets(palette: &Palette) -> Widgets {
    let corner_radius = CornerRadius::same(CORNER);
    let state = |fill: Color32, outline: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: outline,
        corner_radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(palette.raised, Stroke::new(1.0, palette.line), palette.text),
        inactive: state(palette.raised, Stroke::new(1.0, palette.outline), palette.text),
        hovered: state(palette.hover, Stroke::new(1.0, palette.outline), palette.text),
        // Also what has the keyboard focus: the ring must be seen from a metre away.
        active: state(palette.hover, Stroke::new(2.0, palette.accent), palette.text),
        open: state(palette.hover, Stroke::new(1.0, palette.outline), palette.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(channel: u8) -> f64 {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }

    fn luminance(colour: Color32) -> f64 {
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    const TONES: [Tone; 5] = [Tone::Neutral, Tone::Good, Tone::Attention, Tone::Danger, Tone::Info];

    #[test]
    fn text_has_contrast_on_every_ground() {
        for palette in [&LIGHT, &DARK] {
            let grounds =
                [palette.surface, palette.raised, palette.sunken, palette.hover, palette.accent_soft];
            for ground in grounds {
                for text in [palette.text, palette.text_weak] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
                }
            }
            for tone in TONES {
                for ground in [palette.surface, palette.raised, palette.sunken, palette.soft(tone)] {
                    let ratio = contrast(palette.tone(tone), ground);
                    assert!(ratio >= 4.5, "{tone:?} on {ground:?}: {ratio}");
                }
                assert!(contrast(palette.text, palette.soft(tone)) >= 4.5, "text on soft {tone:?}");
            }
            for fill in [palette.accent, palette.accent_hover, palette.accent_pressed] {
                assert!(contrast(palette.on_accent, fill) >= 4.5, "on accent {fill:?}");
            }
            assert!(contrast(palette.on_danger, palette.danger) >= 4.5);
            for ground in [palette.surface, palette.raised] {
                assert!(contrast(palette.accent, ground) >= 4.5, "accent as text on {ground:?}");
            }
        }
    }

    /// How somebody sees who has all cones, or lacks those for long, middle or short waves: Machado, Oliveira and
    /// Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1.
    const EYES: [(&str, [[f64; 3]; 3]); 4] = [
        ("all", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "no red",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "no green",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "no blue",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn times(matrix: &[[f64; 3]; 3], of: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(of).map(|(one, other)| one * other).sum())
    }

    /// Lightness and the two axes of colour in Oklab (Ottosson, 2020), in hundredths: 2 is just to be seen.
    fn oklab(linear: [f64; 3]) -> [f64; 3] {
        let cones = [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ];
        let axes = [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ];
        times(&axes, times(&cones, linear).map(f64::cbrt)).map(|axis| axis * 100.0)
    }

    #[test]
    fn curves_are_told_apart_by_every_eye() {
        for (palette, theme) in [(&LIGHT, "light"), (&DARK, "dark")] {
            for (eye, sees) in &EYES {
                let seen = palette.series.map(|colour| {
                    let all = [colour.r(), colour.g(), colour.b()].map(linear);
                    oklab(times(sees, all).map(|channel| channel.clamp(0.0, 1.0)))
                });
                for (n, one) in seen.iter().enumerate() {
                    for (m, other) in seen.iter().enumerate().skip(n + 1) {
                        let apart = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        assert!(apart >= 8.5, "{theme}, {eye}: curves {n} and {m} are {apart:.1} apart");
                    }
                }
            }
        }
    }

    #[test]
    fn curves_stand_off_the_surface() {
        for palette in [&LIGHT, &DARK] {
            for curve in palette.series {
                let ratio = contrast(curve, palette.raised);
                assert!(ratio >= 3.0, "{curve:?}: {ratio}");
            }
        }
    }
}
