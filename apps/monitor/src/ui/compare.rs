//! What the large chart is compared with: the second curve, the legend that tells both apart, and the dialog in which
//! one chooses.

use egui::{
    Align, CursorIcon, Key, Layout, Rect, Response, RichText, ScrollArea, Sense, Ui, Vec2, WidgetInfo,
};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{failure, format, icons, keys};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Sensor;

use super::Screen;
use super::curve::{Curve, Look};
use super::sensors::{Page, band_of, band_words};
use crate::charts::{Measure, Range};
use crate::compare::{Against, Before, Chooser, CompareAct};
use crate::compare_texts::{self, Text};
use crate::input::User;

/// Rows of sensors in the dialog.
const LIST_HEIGHT: f32 = 200.0;
/// What the names of a legend may be long.
const NAME_CHARS: usize = 32;

fn act(screen: &mut Screen<'_>, act: CompareAct) {
    screen.act(User::Compare(act));
}

/// The second curve of a measure's chart.
pub fn curve<'s>(screen: &Screen<'s>, sensor: &Sensor, measure: Measure) -> Option<Curve<'s>> {
    let state = screen.state;
    if let Some(other) = state.other_sensor() {
        let block = state.sensor_charts.block.as_ref()?;
        let (history, band) = (block.get(&other.id), band_of(other, measure));
        return Some(Curve { history, step: block.step, later: 0, band, name: &other.name });
    }
    let later = state.earlier_by(screen.now)?;
    let block = state.compare.earlier.block.as_ref();
    let step = block.map_or(1, |block| block.step);
    // One sensor has one band, which is that of the first curve.
    let history = block.and_then(|block| block.get(&sensor.id));
    Some(Curve { history, step, later, band: (None, None), name: "" })
}

/// To compare, or to stop: by one key.
pub fn button(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let (icon, text, does) = if screen.state.against().is_some() {
        (icons::X, Text::Off, CompareAct::Off)
    } else {
        (icons::CHART_LINE, Text::Compare, CompareAct::Choose)
    };
    let words = format!("{icon} {}", text.get(lang));
    let button = widgets::secondary_button(ui, &words, Some("C"), ButtonSize::Normal, true);
    if button.accessible_name(text.get(lang)).clicked() {
        act(screen, does);
    }
}

/// What the second curve is, in words.
pub fn other_words(screen: &Screen<'_>, range: Range, page: &Page<'_>) -> Option<String> {
    let lang = screen.lang();
    if let Some(other) = screen.state.other_sensor() {
        return Some(other.name.clone());
    }
    let Some(Against::Before(before)) = screen.state.against() else { return None };
    let by = screen.state.earlier_by(screen.now)?;
    let dates = dates(range.earlier(by), page, lang);
    Some(match before {
        Before::By(_) => dates,
        Before::Day | Before::Week | Before::Year => {
            format!("{} · {dates}", compare_texts::before(*before).get(lang))
        }
    })
}

fn dates(range: Range, page: &Page<'_>, lang: tillwatch_desk::Lang) -> String {
    let at = |micros| format::date_time(UtcMicros(micros), &page.zone);
    Text::Period.with(lang, &[("from", &at(range.from)), ("to", &at(range.to))])
}

/// Which curve is which, above the charts; nothing where there is but one.
pub fn legend(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, page: &Page<'_>) {
    let Some(other_words) = other_words(screen, page.range, page) else { return };
    let lang = screen.lang();
    let other = screen.state.other_sensor();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_8;
        let first = if other.is_some() { sensor.name.clone() } else { dates(page.range, page, lang) };
        let band =
            |sensor: &Sensor| band_words(sensor, lang).map_or_else(String::new, |band| format!(" · {band}"));
        let cut = |words: &str| widgets::cut_middle(words, NAME_CHARS).into_owned();
        if let Some(other) = other {
            entry(ui, Look::Main, &format!("{}{}", cut(&first), band(sensor)), &first);
            ui.add_space(tokens::SPACE_12);
            entry(ui, Look::Other, &format!("{}{}", cut(&other_words), band(other)), &other_words);
        } else {
            entry(ui, Look::Main, &first, &first);
            ui.add_space(tokens::SPACE_12);
            entry(ui, Look::Other, &other_words, &other_words);
        }
        readiness(ui, screen, sensor, page.range);
    });
}

/// A sample of the curve's line in a neutral colour where each measure has its own, and its words.
fn entry(ui: &mut Ui, look: Look, words: &str, whole: &str) {
    let palette = Palette::in_ui(ui);
    let galley = ui.painter().layout_no_wrap(words.to_owned(), tokens::body(), palette.text);
    let size = Vec2::new(36.0 + galley.size().x, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let sample = Rect::from_min_size(rect.min, Vec2::new(28.0, rect.height()));
    let colour = match look {
        Look::Main => palette.text_weak,
        Look::Other => look.colour(palette, Measure::Temperature),
    };
    look.sample(ui.painter(), sample, colour);
    let at = rect.left_center() + Vec2::new(36.0, -galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.text);
    let label = words.to_owned();
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &label));
    if words.chars().count() < whole.chars().count() {
        response.on_hover_text(whole);
    }
}

/// What there is to say of the readings of the second curve.
fn readiness(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, range: Range) {
    let lang = screen.lang();
    let earlier = &screen.state.compare.earlier;
    let Some(curve) = curve(screen, sensor, Measure::Temperature) else { return };
    if let Some(failure) = earlier.failure.as_ref().filter(|_| curve.later > 0) {
        let words = Text::NotRead.with(lang, &[("what", &failure::what(failure, lang))]);
        ui.colored_label(Palette::in_ui(ui).attention, words);
    } else if curve.visible(range).is_empty() {
        let loading = curve.history.is_none() || earlier.asked.is_some();
        if loading {
            widgets::loading(ui, Text::Loading.get(lang));
        } else {
            widgets::weak(ui, Text::Nothing.get(lang));
        }
    }
}

pub fn dialog(ui: &Ui, screen: &mut Screen<'_>, chooser: &Chooser) {
    let Some(sensor) = screen.state.large_sensor() else { return };
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if keys::pressed(ui.ctx(), key) {
            act(screen, CompareAct::Mark(by));
        }
    }
    let title = Text::Title.with(screen.lang(), &[("name", &sensor.name)]);
    let dialog = widgets::Dialog { id: "compare", title: &title, width: 560.0, lang: screen.lang() };
    let answer = dialog.show(ui.ctx(), |ui| {
        other(ui, screen, chooser);
        ui.add_space(tokens::SPACE_16);
        earlier(ui, screen, chooser);
    });
    if answer.closed {
        act(screen, CompareAct::Close);
    }
}

fn heading(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).font(tokens::body_strong()));
}

fn other(ui: &mut Ui, screen: &mut Screen<'_>, chooser: &Chooser) {
    let lang = screen.lang();
    heading(ui, Text::OtherSensor.get(lang));
    let untouched = ui.memory(|memory| memory.focused().is_none());
    let search = Field::new("compare-search", Text::FindSensor.get(lang), &chooser.search)
        .label_hidden()
        .hint(Text::FindHint.get(lang))
        .focus(untouched)
        .show(ui);
    if let Some(text) = search.changed {
        act(screen, CompareAct::Search(text));
    }
    if search.entered {
        act(screen, CompareAct::TakeMarked);
    }
    ui.add_space(tokens::SPACE_4);
    let offered = screen.state.offered_beside(&chooser.search);
    if offered.is_empty() {
        widgets::weak(ui, Text::NoOther.get(lang));
    }
    ScrollArea::vertical().max_height(LIST_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            for (place, sensor) in offered.into_iter().enumerate() {
                let marked = place == chooser.marked;
                let row = sensor_row(ui, screen, sensor, marked);
                if marked && ui.ctx().input(|input| input.pointer.delta() == Vec2::ZERO) {
                    row.scroll_to_me(None);
                }
                if row.clicked() {
                    act(screen, CompareAct::With(Against::Sensor(sensor.id.clone())));
                }
            }
        });
    });
}

fn sensor_row(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, marked: bool) -> Response {
    let store = sensor.store_id.map_or("", |id| screen.state.store_name(id));
    let words = if store.is_empty() { sensor.name.clone() } else { format!("{} · {store}", sensor.name) };
    let shown = widgets::fit_middle(ui, &words, &tokens::body(), ui.available_width() - 24.0).into_owned();
    let row = ui.selectable_label(marked, shown).on_hover_cursor(CursorIcon::PointingHand);
    row.accessible_name(words)
}

fn earlier(ui: &mut Ui, screen: &mut Screen<'_>, chooser: &Chooser) {
    let lang = screen.lang();
    heading(ui, Text::Earlier.get(lang));
    ui.add_space(tokens::SPACE_4);
    ui.horizontal_wrapped(|ui| {
        for before in Before::USUAL {
            let words = compare_texts::before(before).get(lang);
            if widgets::secondary_button(ui, words, None, ButtonSize::Normal, true).clicked() {
                act(screen, CompareAct::With(Against::Before(before)));
            }
        }
    });
    ui.add_space(tokens::SPACE_8);
    ui.horizontal(|ui| {
        let wrong = chooser.wrong.map(|text| text.get(lang));
        let begin = Field::new("compare-begin", Text::Begin.get(lang), &chooser.begin)
            .hint("31/12/2026 14:30")
            .limit(16)
            .width(260.0)
            .error(wrong)
            .show(ui);
        if let Some(text) = begin.changed {
            act(screen, CompareAct::Begin(text));
        }
        ui.vertical(|ui| {
            // Beside the field, below its label.
            ui.add_space(tokens::SIZE_SMALL * 1.3 + tokens::SPACE_4);
            let take =
                widgets::secondary_button(ui, Text::TakeBegin.get(lang), None, ButtonSize::Normal, true);
            if begin.entered || take.clicked() {
                act(screen, CompareAct::TakeBegin);
            }
        });
    });
}
