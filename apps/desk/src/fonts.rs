//! The bundled faces: IBM Plex Sans (SIL Open Font License) for text, whose figures all have one width,
//! and Phosphor (MIT) for icons. Their licences lie beside them in `assets/`.

use std::sync::Arc;

use egui::epaint::text::FontTweak;
use egui::{FontData, FontDefinitions, FontFamily};

/// The text face as a file, for documents that carry it.
pub const REGULAR: &[u8] = include_bytes!("../assets/IBMPlexSans-Regular.ttf");
/// The same, semibold.
pub const SEMIBOLD: &[u8] = include_bytes!("../assets/IBMPlexSans-SemiBold.ttf");
const ICONS: &[u8] = include_bytes!("../assets/Phosphor.ttf");

/// The family of the semibold face.
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Text first, icons behind it, so that an icon stands in the middle of a sentence as a character.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let icons = FontData::from_static(ICONS).tweak(FontTweak {
        scale: 1.15,
        y_offset_factor: 0.08,
        ..FontTweak::default()
    });
    let faces = [
        ("regular", FontData::from_static(REGULAR)),
        ("semibold", FontData::from_static(SEMIBOLD)),
        ("icons", icons),
    ];
    for (name, data) in faces {
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
    }
    let with_icons = |face: &str| vec![face.to_owned(), "icons".to_owned()];
    fonts.families.insert(FontFamily::Proportional, with_icons("regular"));
    fonts.families.insert(FontFamily::Monospace, with_icons("regular"));
    fonts.families.insert(semibold(), with_icons("semibold"));
    fonts
}

#[cfg(test)]
mod tests {
    use crate::{Theme, icons, tokens};

    fn context() -> egui::Context {
        let ctx = egui::Context::default();
        tokens::install(&ctx, Theme::Light);
        ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
        ctx
    }

    #[test]
    fn figures_have_one_width() {
        let ctx = context();
        for font in [tokens::small(), tokens::body(), tokens::strong(), tokens::total()] {
            let widths: Vec<f32> =
                ctx.fonts_mut(|fonts| ('0'..='9').map(|digit| fonts.glyph_width(&font, digit)).collect());
            assert!(widths[0] > 0.0);
            assert!(widths.iter().all(|width| (width - widths[0]).abs() < 1e-4), "{font:?}: {widths:?}");
        }
    }

    #[test]
    fn every_icon_is_in_the_icon_face() {
        let ctx = context();
        for icon in icons::ALL {
            let characters: Vec<char> = icon.chars().collect();
            assert_eq!(characters.len(), 1);
            assert!(ctx.fonts_mut(|fonts| fonts.has_glyph(&tokens::body(), characters[0])), "{icon:?}");
        }
    }
}
