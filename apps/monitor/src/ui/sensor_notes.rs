//! What people said of a sensor, on its large chart: notes as labelled bands in rows above the drawing, calibrations
//! as marks at their moments.

use egui::{Align2, Color32, CornerRadius, CursorIcon, Id, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{failure, icons};
use tillwatch_shared::api::{Annotation, AnnotationKind, Sensor};

use super::{Screen, compare};
use crate::charts::Range;
use crate::forms::{About, FormAct};
use crate::input::User;
use crate::sensor_notes::{Place, rows};
use crate::sensor_notes_texts::{self as texts, Text};
use crate::update::may_calibrate;

const ROW: f32 = 20.0;
/// Before and behind the words of a note.
const WORDS_INDENT: f32 = 7.0;
/// Rows of notes above a chart; what has no room is counted.
const MOST_ROWS: usize = 4;

fn open(screen: &mut Screen<'_>, about: About) {
    screen.act(User::Form(FormAct::Open(about)));
}

/// To note something, to calibrate and to compare, with the calibration that counts at the end of what is shown.
pub fn line(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, range: Range, zone: &TimeZone) {
    let lang = screen.lang();
    ui.horizontal_wrapped(|ui| {
        buttons(ui, screen, sensor);
        compare::button(ui, screen);
        if let Some(failure) = screen.state.notes.said.failure() {
            let words = Text::NotRead.with(lang, &[("what", &failure::what(failure, lang))]);
            ui.colored_label(Palette::in_ui(ui).attention, words);
        }
        let said = screen.state.notes.about(&sensor.id);
        if let Some(one) = said.and_then(|said| said.counting_at(range.to)) {
            widgets::small_weak(ui, &texts::calibration(one, Text::InForce, zone, lang));
        }
    });
}

fn buttons(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor) {
    let lang = screen.lang();
    let named = sensor.store_id.is_some();
    let button = |ui: &mut Ui, icon: &str, text: Text, key| {
        let words = format!("{icon} {}", text.get(lang));
        let button = widgets::secondary_button(ui, &words, key, ButtonSize::Normal, named);
        button.accessible_name(text.get(lang)).clicked()
    };
    if button(ui, icons::NOTE_PENCIL, Text::Annotate, Some("N")) {
        open(screen, About::Annotate(sensor.id.clone()));
    }
    if may_calibrate(screen.state) && button(ui, icons::GAUGE, Text::Calibrate, None) {
        open(screen, About::Calibrate(sensor.id.clone()));
    }
}

/// The times that are tinted behind the line.
pub fn tinted(screen: &Screen<'_>, sensor: &Sensor, range: Range) -> Vec<Range> {
    let said = screen.state.notes.about(&sensor.id);
    let notes = said.into_iter().flat_map(|said| said.within(range));
    notes.map(|one| Range { from: one.from.0, to: one.to.0 }).collect()
}

struct Laid<'n> {
    note: &'n Annotation,
    place: Place,
    row: usize,
}

/// How high the rows are that the notes of a range need above a drawing of that width.
pub fn height(ui: &Ui, screen: &Screen<'_>, sensor: &Sensor, range: Range, width: f32) -> f32 {
    let laid = lay(ui, screen, sensor, range, width);
    let rows = laid.iter().map(|one| one.row + 1).max().unwrap_or_default();
    rows.min(MOST_ROWS) as f32 * ROW
}

fn lay<'n>(ui: &Ui, screen: &Screen<'n>, sensor: &Sensor, range: Range, width: f32) -> Vec<Laid<'n>> {
    let Some(said) = screen.state.notes.about(&sensor.id) else { return Vec::new() };
    let lang = screen.lang();
    #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
    let place = |at: i64| {
        let share = (at - range.from) as f64 / range.span().max(1) as f64;
        (share.clamp(0.0, 1.0) * f64::from(width)) as f32
    };
    let mut laid: Vec<Laid<'n>> = said
        .within(range)
        .map(|note| {
            let words = words(ui, &texts::short(note, lang)).x + 2.0 * WORDS_INDENT;
            Laid { note, place: Place::new(place(note.from.0), place(note.to.0), words, width), row: 0 }
        })
        .collect();
    let extent = |one: &Laid<'_>| one.place.extent();
    laid.sort_by(|one, other| extent(one).0.total_cmp(&extent(other).0));
    let extents: Vec<(f32, f32)> = laid.iter().map(|one| (extent(one).0, extent(one).1 + 4.0)).collect();
    for (one, row) in laid.iter_mut().zip(rows(&extents)) {
        one.row = row;
    }
    laid
}

fn words(ui: &Ui, text: &str) -> Vec2 {
    ui.painter().layout_no_wrap(text.to_owned(), tokens::small(), Color32::PLACEHOLDER).size()
}

fn colour(palette: &Palette, kind: AnnotationKind) -> Color32 {
    match kind {
        AnnotationKind::Defrost => palette.series(4),
        AnnotationKind::Cleaning => palette.series(2),
        AnnotationKind::Door => palette.series(5),
        AnnotationKind::Other => palette.series(6),
    }
}

/// The notes in their rows, above the drawing that they belong to.
pub fn bands(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, range: Range, room: Rect, drawing: Rect) {
    let palette = Palette::in_ui(ui);
    let (lang, zone) = (screen.lang(), screen.state.zone(sensor.store_id));
    let laid = lay(ui, screen, sensor, range, drawing.width());
    let (shown, hidden): (Vec<_>, Vec<_>) = laid.into_iter().partition(|one| one.row < MOST_ROWS);
    for one in shown {
        let top = room.top() + one.row as f32 * ROW + 1.0;
        let span = |(begin, end): (f32, f32)| {
            let (left, right) = (drawing.left() + begin, drawing.left() + end);
            Rect::from_min_max(Pos2::new(left, top), Pos2::new(right, top + ROW - 3.0))
        };
        let (rect, mark, words) = (span(one.place.extent()), span(one.place.mark), span(one.place.words));
        let of = colour(palette, one.note.kind);
        ui.painter().rect_filled(mark, CornerRadius::same(3), Palette::faded(of, 0.28));
        ui.painter().rect_filled(mark.with_max_x(mark.left() + 3.0), CornerRadius::same(1), of);
        let room = words.width() - 2.0 * WORDS_INDENT;
        let short = texts::short(one.note, lang);
        let short = widgets::fit_middle(ui, &short, &tokens::small(), room.max(0.0) + 0.5);
        let at = words.left_center() + Vec2::new(WORDS_INDENT, 0.0);
        ui.painter().text(at, Align2::LEFT_CENTER, short, tokens::small(), palette.text);
        let id = Id::unique(("note", one.note.id.0));
        let response = ui.interact(rect, id, Sense::click()).on_hover_cursor(CursorIcon::PointingHand);
        let told = texts::annotation(one.note, &zone, lang);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &told));
        if response.has_focus() {
            let ring = Stroke::new(2.0, palette.text);
            ui.painter().rect_stroke(rect, CornerRadius::same(3), ring, egui::StrokeKind::Inside);
        }
        if response.on_hover_text(&told).clicked() {
            open(screen, About::WithdrawNote(one.note.id));
        }
    }
    if !hidden.is_empty() {
        let more = Text::More.with(lang, &[("n", &hidden.len())]);
        let at = room.left_bottom() - Vec2::new(0.0, 4.0);
        ui.painter().text(at, Align2::LEFT_BOTTOM, more, tokens::small(), palette.text_weak);
    }
}

/// A dashed line where a calibration begins to count, with what it adds.
pub fn marks(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, range: Range, drawing: Rect) {
    let palette = Palette::in_ui(ui);
    let lang = screen.lang();
    let zone = screen.state.zone(sensor.store_id);
    let Some(said) = screen.state.notes.about(&sensor.id) else { return };
    let inside = said.calibrations.iter().filter(|one| range.from < one.from.0 && one.from.0 < range.to);
    for one in inside {
        let share = (one.from.0 - range.from) as f64 / range.span().max(1) as f64;
        #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
        let x = drawing.left() + (share * f64::from(drawing.width())) as f32;
        let ends = [Pos2::new(x, drawing.top()), Pos2::new(x, drawing.bottom())];
        let stroke = Stroke::new(1.5, palette.accent);
        ui.painter().extend(Shape::dashed_line(&ends, stroke, 5.0, 4.0));
        let mark = texts::mark(one, lang);
        let size = words(ui, &mark) + Vec2::new(10.0, 4.0);
        let left = if x + 4.0 + size.x <= drawing.right() { x + 4.0 } else { x - 4.0 - size.x };
        let rect = Rect::from_min_size(Pos2::new(left, drawing.bottom() - size.y - 4.0), size);
        ui.painter().rect_filled(rect, CornerRadius::same(3), Palette::faded(palette.raised, 0.9));
        let at = rect.left_center() + Vec2::new(5.0, 0.0);
        ui.painter().text(at, Align2::LEFT_CENTER, mark, tokens::small(), palette.accent);
        let response = ui.interact(rect, Id::unique(("calibration", one.from.0)), Sense::click());
        let told = texts::calibration(one, Text::InForce, &zone, lang);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &told));
        if response.on_hover_text(&told).clicked() && may_calibrate(screen.state) {
            screen
                .acts
                .push(User::Form(FormAct::Open(About::WithdrawCalibration(sensor.id.clone(), one.from))));
        }
    }
}
