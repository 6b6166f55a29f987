//! What several pages are built of: figures that lead to their rows, sections, and a sensor's sign.

use egui::{
    Align, Align2, ComboBox, CornerRadius, CursorIcon, Frame, Layout, Margin, Rect, Response, RichText, Role,
    Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Sensor;

use super::Screen;
use super::against::Against;
use crate::input::User;
use crate::paper_texts::Text as PaperText;
use crate::state::Health;
use crate::texts::{self, Text};

/// What the margins and the outline of a [`card`] take, on both sides together.
pub const CARD_EDGE: f32 = 26.0;

/// A raised panel.
pub fn card(ui: &Ui) -> Frame {
    let palette = Palette::in_ui(ui);
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(tokens::CORNER)
        .inner_margin(Margin::same(12))
}

/// A choice of one name. The answer is the new choice, if it changed now.
pub fn one_of<T: Copy + PartialEq>(
    ui: &mut Ui,
    salt: &str,
    label: &str,
    chosen: Option<T>,
    options: &[(T, &str)],
) -> Option<T> {
    let name = options.iter().find(|(id, _)| Some(*id) == chosen).map_or("–", |(_, name)| name);
    let answer = ComboBox::from_id_salt(salt)
        .width(200.0)
        .selected_text(widgets::cut_middle(name, 28).into_owned())
        .show_ui(ui, |ui| {
            let picked = options.iter().find(|(id, name)| {
                ui.selectable_label(Some(*id) == chosen, widgets::cut_middle(name, 48).into_owned()).clicked()
            });
            picked.map(|(id, _)| *id)
        });
    answer.response.accessible_name(format!("{label}: {name}"));
    answer.inner.flatten()
}

/// One figure of the overview.
#[derive(Debug)]
pub struct Tile<'a> {
    pub name: &'a str,
    pub value: String,
    /// What the value is measured against.
    pub note: String,
    pub tone: Tone,
}

pub const TILE_HEIGHT: f32 = 84.0;
/// Between a tile's edge and what is in it.
const EDGE: f32 = 12.0;

impl Tile<'_> {
    /// Draws it; the answer is clicked when somebody wants to see the rows.
    pub fn show(&self, ui: &mut Ui, width: f32, lang: Lang) -> Response {
        let palette = Palette::in_ui(ui);
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, TILE_HEIGHT), Sense::click());
        let fill = if response.hovered() { palette.hover } else { palette.raised };
        let edge = if response.has_focus() {
            Stroke::new(2.0, palette.text)
        } else if matches!(self.tone, Tone::Attention | Tone::Danger) {
            Stroke::new(1.0, palette.tone(self.tone))
        } else {
            Stroke::new(1.0, palette.line)
        };
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect(rect, CornerRadius::same(tokens::CORNER), fill, edge, StrokeKind::Inside);
        let inner = rect.shrink(EDGE);
        let name = widgets::fit_middle(ui, self.name, &tokens::body(), inner.width());
        painter.text(inner.left_top(), Align2::LEFT_TOP, name, tokens::body(), palette.text_weak);
        let mut at = inner.left_bottom();
        if matches!(self.tone, Tone::Attention | Tone::Danger) {
            painter.add(widgets::tone_shape(self.tone, at + Vec2::new(7.0, -13.0), 6.5, palette));
            at.x += 22.0;
        }
        let font = self.fitting(ui, inner.right() - at.x);
        let value =
            painter.text(at + Vec2::new(0.0, 3.0), Align2::LEFT_BOTTOM, &self.value, font, palette.text);
        let note_at = value.right_bottom() + Vec2::new(tokens::SPACE_8, -4.0);
        // A part of it would tell nothing.
        if widgets::width(ui, &self.note, &tokens::small()) <= inner.right() - note_at.x {
            painter.text(note_at, Align2::LEFT_BOTTOM, &self.note, tokens::small(), palette.text_weak);
        }
        let value = format!("{} {}", self.value, self.note);
        let label = Text::Figure.with(lang, &[("name", &self.name), ("value", &value.trim())]);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        response.on_hover_cursor(CursorIcon::PointingHand)
    }

    /// Whether its name is seen whole in a tile so wide.
    pub fn fits(&self, ui: &Ui, width: f32) -> bool {
        widgets::width(ui, self.name, &tokens::body()) + 2.0 * EDGE <= width
    }

    /// The largest of the named sizes in which the value fits.
    fn fitting(&self, ui: &Ui, width: f32) -> egui::FontId {
        let sizes = [28.0, tokens::SIZE_TITLE, tokens::SIZE_STRONG];
        let fonts = sizes.map(|size| egui::FontId { size, ..tokens::title() });
        let fits = |font: &&egui::FontId| widgets::width(ui, &self.value, font) <= width;
        fonts.iter().find(fits).cloned().unwrap_or_else(tokens::body_strong)
    }
}

/// A section's title with a link to all of it. `true` when the link was followed.
pub fn section(ui: &mut Ui, title: &str, link: Option<&str>) -> bool {
    ui.horizontal(|ui| {
        ui.set_height(32.0);
        ui.label(RichText::new(title).font(tokens::strong()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            link.is_some_and(|link| {
                let words = format!("{link} {}", icons::CARET_RIGHT);
                widgets::link_button(ui, &words).accessible_name(format!("{title}: {link}")).clicked()
            })
        })
        .inner
    })
    .inner
}

/// The state of a page that has nothing to show yet: failed, or loading for the first time.
pub fn waiting(ui: &mut Ui, screen: &mut Screen<'_>, failure: Option<&Failure>, reason: Text) {
    waiting_for(ui, screen, failure, screen.text(reason));
}

/// The same, for a page with words of its own.
pub fn waiting_for(ui: &mut Ui, screen: &mut Screen<'_>, failure: Option<&Failure>, reason: &str) {
    if let Some(failure) = failure.or(screen.state.feed.failure.as_ref()) {
        if widgets::error_state(ui, failure, screen.lang()) {
            screen.act(User::Refresh);
        }
    } else {
        ui.add_space((ui.available_height() * 0.3).min(160.0));
        ui.vertical_centered(|ui| widgets::loading(ui, reason));
    }
}

/// A note above old data: the newest try to refresh it failed.
pub fn stale(ui: &mut Ui, screen: &mut Screen<'_>, failure: Option<&Failure>, fetched_at: Option<UtcMicros>) {
    let Some(failure) = failure else { return };
    // The banner at the top says it when it is the connection.
    if screen.state.connection.is_offline() {
        return;
    }
    let lang = screen.lang();
    let age = fetched_at.map(|at| format::age(lang, screen.now.since(at))).unwrap_or_default();
    let what = tillwatch_desk::failure::what(failure, lang);
    let palette = Palette::in_ui(ui);
    ui.horizontal_wrapped(|ui| {
        let words = format!("{} {what} ({age})", icons::WARNING);
        ui.label(RichText::new(words).color(palette.attention));
        if widgets::link_button(ui, screen.text(Text::TryNow)).clicked() {
            screen.act(User::Refresh);
        }
    });
}

pub const fn health_tone(health: Health) -> Tone {
    match health {
        Health::TooWarm | Health::TooCold => Tone::Danger,
        Health::Silent => Tone::Attention,
        Health::Unheard => Tone::Neutral,
        Health::Good => Tone::Good,
    }
}

/// `quente demais`, `calado há 14 min`
pub fn health_words(sensor: &Sensor, health: Health, lang: Lang, server_now: UtcMicros) -> String {
    match (health, &sensor.last) {
        (Health::Silent, Some(last)) => {
            let age = format::age(lang, server_now.since(last.measured_at));
            Text::SilentFor.with(lang, &[("age", &age)])
        }
        (Health::TooWarm | Health::TooCold | Health::Silent | Health::Unheard | Health::Good, _) => {
            let has_band = sensor.low_celsius.is_some() || sensor.high_celsius.is_some();
            texts::health(health, has_band).get(lang).to_owned()
        }
    }
}

/// A bar as long as its share, for tables.
pub fn share_bar(ui: &mut Ui, share: f64, size: Vec2) {
    let palette = Palette::in_ui(ui);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(3), palette.hover);
    #[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 1")]
    let width = rect.width() * share.clamp(0.0, 1.0) as f32;
    let filled = Rect::from_min_size(rect.min, Vec2::new(width, rect.height()));
    ui.painter().rect_filled(filled, CornerRadius::same(3), palette.accent);
}

/// Width from which on there is room for how many there are.
const WITH_COUNTS: f32 = 320.0;

/// A name, how much of it there is, and a bar as long as its share. Leads to its rows.
#[derive(Debug)]
pub struct ShareLine<'a> {
    pub name: &'a str,
    pub count: String,
    pub amount: String,
    pub share: f64,
    /// How it stands against a week before, where that is known.
    pub against: Option<Against>,
    /// What a click does, for assistive technology.
    pub label: String,
}

impl ShareLine<'_> {
    /// Whether it was clicked.
    pub fn show(&self, ui: &mut Ui, height: f32) -> bool {
        let palette = Palette::in_ui(ui);
        let size = Vec2::new(ui.available_width() - 8.0, height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.expand2(Vec2::new(4.0, 0.0)), 4.0, palette.hover);
        }
        let middle = rect.top() + 12.0;
        let amount = ui.painter().text(
            egui::pos2(rect.right(), middle),
            Align2::RIGHT_CENTER,
            &self.amount,
            tokens::body_strong(),
            palette.text,
        );
        let count_at = egui::pos2(amount.left().min(rect.right() - 96.0) - 12.0, middle);
        let painter = ui.painter();
        // Who it is counts for more than how many there are.
        let name_ends = if rect.width() < WITH_COUNTS {
            amount.left()
        } else {
            let small = tokens::small();
            painter.text(count_at, Align2::RIGHT_CENTER, &self.count, small, palette.text_weak).left()
        };
        let name = widgets::fit_middle(ui, self.name, &tokens::body(), name_ends - rect.left() - 12.0);
        let name_at = egui::pos2(rect.left(), middle);
        ui.painter().text(name_at, Align2::LEFT_CENTER, name, tokens::body(), palette.text);
        #[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 1")]
        let share = self.share.clamp(0.0, 1.0) as f32;
        let (below, thick) = if self.against.is_some() { (35.0, 3.0) } else { (26.0, 5.0) };
        let bar_at = egui::pos2(rect.left(), rect.top() + below);
        let bar = Rect::from_min_size(bar_at, Vec2::new(rect.width(), thick));
        ui.painter().rect_filled(bar, 2.5, palette.hover);
        let filled = Rect::from_min_size(bar.min, Vec2::new(bar.width() * share, 5.0));
        ui.painter().rect_filled(filled, 2.5, palette.accent);
        let mut label = format!("{}: {}, {}", self.label, self.amount, self.count);
        if let Some(against) = &self.against {
            draw_against(ui, against, rect);
            label = format!("{label}; {}", against.spoken);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        response.on_hover_cursor(CursorIcon::PointingHand).clicked()
    }
}

/// The line below the name: the amounts as far as there is room, and the change at the right.
fn draw_against(ui: &Ui, against: &Against, rect: Rect) {
    let palette = Palette::in_ui(ui);
    let colour = if against.tone == Tone::Neutral { palette.text_weak } else { palette.tone(against.tone) };
    let middle = rect.top() + 27.0;
    let right = egui::pos2(rect.right(), middle);
    let change = ui.painter().text(right, Align2::RIGHT_CENTER, &against.change, tokens::small(), colour);
    let room = change.left() - rect.left() - tokens::SPACE_8;
    // A part of them would tell nothing.
    if widgets::width(ui, &against.amounts, &tokens::small()) <= room {
        let left = egui::pos2(rect.left(), middle);
        ui.painter().text(left, Align2::LEFT_CENTER, &against.amounts, tokens::small(), palette.text_weak);
    }
}

/// Saves a file. `name` says so in full where only a word is shown.
pub fn save_button(ui: &mut Ui, shown: &str, name: &str, ready: bool) -> bool {
    let words = format!("{} {shown}", icons::DOWNLOAD_SIMPLE);
    let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, ready).accessible_name(name);
    let button = if shown == name { button } else { button.on_hover_text(name) };
    button.clicked()
}

/// What is shown, as sheets of paper.
pub fn pdf_button(ui: &mut Ui, screen: &Screen<'_>, ready: bool) -> bool {
    let name = PaperText::SavePdf.get(screen.lang());
    save_button(ui, name, name, ready)
}
