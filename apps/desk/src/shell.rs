//! Opens a window and keeps it: renderer, size, theme, zoom, and a last word when no window can be had.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use eframe::{App, CreationContext, NativeOptions, Renderer};
use egui::{Color32, Context, IconData, Pos2, Rect, Vec2, ViewportBuilder, ViewportCommand};

use crate::settings::Settings;
use crate::tokens::{self, Palette};
use crate::typed_ahead::TypedAhead;
use crate::{Theme, texts};

const LEAST_SIZE: Vec2 = Vec2::new(1024.0, 600.0);
const FIRST_SIZE: Vec2 = Vec2::new(1280.0, 720.0);
const ICON_SIDE: u32 = 64;
/// This far below its upper edge a window can be taken hold of.
const GRIP: f32 = 12.0;

texts! {
    Text {
        NoWindow: "O Tillwatch não conseguiu abrir a janela.", "Tillwatch could not open its window.";
        NoWindowHint: "É preciso uma tela e um driver de vídeo com Vulkan, DirectX, Metal ou OpenGL 3. Atualize o driver de vídeo, ou use a página do servidor no navegador.",
            "It needs a display and a video driver with Vulkan, DirectX, Metal or OpenGL 3. Update the video driver, or use the server's page in a browser.";
    }
}

/// What a window is called and how it starts.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// For the desktop: `tillwatch-register`.
    pub app_id: &'a str,
    pub title: &'a str,
    pub theme: Theme,
    pub settings: &'a Settings,
}

#[derive(Debug, thiserror::Error)]
#[error("no window: {0}")]
pub struct NoWindow(String);

/// Runs the window until it is closed: with wgpu, with OpenGL when that fails. When both fail a dialog
/// says so in words.
pub fn run<A: App + 'static>(
    window: Window<'_>,
    make_app: impl Fn(&CreationContext<'_>) -> A,
) -> Result<(), NoWindow> {
    prepare_runtime_dir();
    let mut reasons = String::new();
    for renderer in [Renderer::Wgpu, Renderer::Glow] {
        let made = Cell::new(false);
        let result = eframe::run_native(
            window.app_id,
            options(window, renderer),
            Box::new(|creation| {
                made.set(true);
                dress(&creation.egui_ctx, window);
                if let Some(place) = window.settings.place
                    && !in_sight(place, &screens(creation))
                {
                    creation.egui_ctx.send_viewport_cmd(ViewportCommand::OuterPosition(Pos2::ZERO));
                }
                Ok(Box::new(make_app(creation)))
            }),
        );
        match result {
            Ok(()) => return Ok(()),
            Err(error) => {
                tracing::warn!(%renderer, %error, "no window");
                let _ = writeln!(reasons, "{renderer}: {error}");
                if made.get() {
                    break;
                }
            }
        }
    }
    let lang = window.settings.lang;
    let text = format!("{}\n\n{}\n\n{reasons}", Text::NoWindow.get(lang), Text::NoWindowHint.get(lang));
    last_word(window.title, &text);
    Err(NoWindow(reasons))
}

/// Keeps the language of the log and its level: warnings, or what `RUST_LOG` asks for.
pub fn start_log() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::ERROR.into())
        .from_env_lossy();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first log.
    let _ = log.try_init();
}

/// Fonts, themes, zoom and the order of keys: the same for the window and for its tests.
pub fn dress(ctx: &Context, window: Window<'_>) {
    ctx.add_plugin(TypedAhead::default());
    tokens::install(ctx, window.settings.theme.unwrap_or(window.theme));
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.set_zoom_factor(window.settings.zoom_factor());
}

/// Whether it is as large as its screen.
fn is_whole(viewport: &egui::ViewportInfo) -> bool {
    viewport.maximized == Some(true) || viewport.fullscreen == Some(true)
}

/// Notes the window's size, for the next start.
pub fn remember_size(ctx: &Context, settings: &mut Settings) {
    let (size, whole) = ctx.input(|input| {
        let viewport = input.viewport();
        (viewport.inner_rect.map(|rect| rect.size()), is_whole(viewport))
    });
    if let Some(size) = size.filter(|_| !whole) {
        let size = size * ctx.zoom_factor();
        settings.size = Some((size.x, size.y));
    }
}

/// Notes where the window stands, as far as the desktop tells.
pub fn remember_place(ctx: &Context, settings: &mut Settings) {
    let (corner, whole) = ctx.input(|input| {
        let viewport = input.viewport();
        (viewport.outer_rect.map(|rect| rect.min), is_whole(viewport))
    });
    if let Some(corner) = corner.filter(|_| !whole) {
        let corner = corner * ctx.zoom_factor();
        settings.place = Some((corner.x, corner.y));
    }
}

/// The screens of this machine, side by side as the desktop has them; none where it does not tell.
pub fn screens(creation: &CreationContext<'_>) -> Vec<Rect> {
    let Some(window) = creation.winit_window() else { return Vec::new() };
    #[expect(clippy::cast_possible_truncation, reason = "a factor of a few units")]
    let scale = window.scale_factor() as f32;
    let screen = |corner: (i32, i32), size: (u32, u32)| {
        let corner = Pos2::new(corner.0 as f32, corner.1 as f32);
        Rect::from_min_size(corner / scale, Vec2::new(size.0 as f32, size.1 as f32) / scale)
    };
    window.available_monitors().map(|one| screen(one.position().into(), one.size().into())).collect()
}

/// Whether a window with its corner there can be seen and moved: a screen may have been taken away.
pub fn in_sight((left, top): (f32, f32), screens: &[Rect]) -> bool {
    let bar = Pos2::new(left + LEAST_SIZE.x / 2.0, top + GRIP);
    screens.is_empty() || screens.iter().any(|screen| screen.contains(bar))
}

/// How a further window of the program opens: as its settings say, on a screen that is there.
pub fn beside(window: Window<'_>, screens: &[Rect], zoom: f32) -> ViewportBuilder {
    let known = window.settings.place.filter(|place| in_sight(*place, screens));
    let settings = Settings { place: known, ..window.settings.clone() };
    builder(Window { settings: &settings, ..window }, zoom)
}

fn options(window: Window<'_>, renderer: Renderer) -> NativeOptions {
    NativeOptions { viewport: builder(window, 1.0), renderer, ..NativeOptions::default() }
}

/// Sizes and places are kept without the zoom, which egui counts in once it is set.
fn builder(window: Window<'_>, zoom: f32) -> ViewportBuilder {
    let size = window.settings.size.map_or(FIRST_SIZE, |(x, y)| Vec2::new(x, y).max(LEAST_SIZE));
    let viewport = ViewportBuilder::default()
        .with_app_id(window.app_id)
        .with_title(window.title)
        .with_icon(icon())
        .with_inner_size(size / zoom)
        .with_min_inner_size(LEAST_SIZE / zoom);
    match window.settings.place {
        Some((left, top)) => viewport.with_position(Pos2::new(left, top) / zoom),
        None => viewport,
    }
}

/// Graphics libraries on Linux keep their sockets in `XDG_RUNTIME_DIR`; on a machine without a session
/// manager it is named but does not exist.
fn prepare_runtime_dir() {
    #[expect(clippy::disallowed_methods, reason = "a fact about the desktop, not a setting of ours")]
    let named = std::env::var_os("XDG_RUNTIME_DIR");
    if let Some(directory) = named.filter(|directory| !Path::new(directory).exists()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        if let Err(error) = builder.create(&directory) {
            tracing::debug!(%error, "no runtime directory");
        }
    }
}

/// Says why there is no window, with whatever dialog program the desktop has, and on standard error.
pub fn last_word(title: &str, text: &str) {
    tracing::error!("{text}");
    let commands: &[(&str, &[&str])] = if cfg!(target_os = "windows") {
        &[("msg", &["*", text])]
    } else if cfg!(target_os = "macos") {
        &[(
            "osascript",
            &["-e", "on run argv", "-e", "display alert (item 1 of argv)", "-e", "end run", text],
        )]
    } else {
        &[
            ("zenity", &["--error", "--no-markup", "--title", title, "--text", text]),
            ("kdialog", &["--title", title, "--error", text]),
            ("xmessage", &["-center", "-title", title, text]),
        ]
    };
    for (program, arguments) in commands {
        if Command::new(program).args(*arguments).status().is_ok_and(|status| status.success()) {
            return;
        }
    }
}

/// The product's sign: three bars on a square of the accent colour.
fn icon() -> IconData {
    let palette = Palette::of(Theme::Light);
    let side = ICON_SIDE as f32;
    let mut rgba = Vec::with_capacity((ICON_SIDE * ICON_SIDE * 4) as usize);
    for y in 0..ICON_SIDE {
        for x in 0..ICON_SIDE {
            let point = Vec2::new((x as f32 + 0.5) / side, (y as f32 + 0.5) / side);
            rgba.extend(icon_pixel(point, palette).to_array());
        }
    }
    IconData { rgba, width: ICON_SIDE, height: ICON_SIDE }
}

fn icon_pixel(point: Vec2, palette: &Palette) -> Color32 {
    let corner = 0.18;
    let from_centre = (point - Vec2::splat(0.5)).abs() - Vec2::splat(0.5 - corner);
    if from_centre.max(Vec2::ZERO).length() > corner {
        return Color32::TRANSPARENT;
    }
    let bars = [(0.22, 0.52), (0.43, 0.30), (0.64, 0.42)];
    let on_bar = bars
        .iter()
        .any(|(left, top)| (*left..left + 0.14).contains(&point.x) && (*top..0.78).contains(&point.y));
    if on_bar { palette.on_accent } else { palette.accent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_whose_screen_is_gone_opens_where_it_can_be_seen() {
        let at = |left, top| Rect::from_min_size(Pos2::new(left, top), Vec2::new(1920.0, 1080.0));
        let both = [at(0.0, 0.0), at(1920.0, 0.0)];
        assert!(in_sight((2000.0, 40.0), &both) && !in_sight((2000.0, 40.0), &both[..1]));
        assert!(!in_sight((0.0, 1075.0), &both), "its bar lies below the edge");
        assert!(in_sight((-700.0, 3.0), &[]), "a desktop that tells nothing is trusted");
        let settings =
            Settings { place: Some((2000.0, 40.0)), size: Some((1100.0, 700.0)), ..Settings::default() };
        let window = Window { app_id: "a", title: "t", theme: Theme::Dark, settings: &settings };
        let seen = beside(window, &both, 2.0);
        assert_eq!(
            (seen.position, seen.inner_size),
            (Some(Pos2::new(1000.0, 20.0)), Some(Vec2::new(550.0, 350.0)))
        );
        assert_eq!(beside(window, &both[..1], 2.0).position, None);
    }

    #[test]
    fn the_icon_is_whole() {
        let icon = icon();
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
    }
}
