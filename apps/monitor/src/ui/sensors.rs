//! The sensors: a wall of cards with three small charts each, or one sensor large.

use egui::{Align, Align2, CursorIcon, Id, Layout, Rect, RichText, ScrollArea, Sense, Stroke, Ui, Vec2};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::api::Sensor;
use tillwatch_shared::{SensorId, StoreId, UtcMicros};

use super::chart::{self, Chart, Wheel};
use super::{Screen, parts};
use crate::charts::ticks::{Tick, ticks};
use crate::charts::{Measure, Range, RangeChoice};
use crate::input::{ChartsShown, User, ViewAct};
use crate::state::{Health, SeriesKind};
use crate::texts::{self, Text};

const CARD_WIDTH: f32 = 330.0;
const HEAD: f32 = 62.0;
const CHART_TALL: f32 = 96.0;
const CHART_LOW: f32 = 58.0;
const GAP: f32 = 12.0;
const CARD_HEIGHT: f32 = HEAD + CHART_TALL + 2.0 * CHART_LOW + 18.0 + parts::CARD_EDGE;

/// What all charts of the page have in common in this frame.
struct Page<'s> {
    range: Range,
    ticks: Vec<Tick>,
    zone: TimeZone,
    empty: &'s str,
}

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    if state.sensors.value().is_none() {
        parts::waiting(ui, screen, state.sensors.failure(), Text::LoadingSensors);
        return;
    }
    if state.sensors().is_empty() {
        let (title, hint) = (screen.text(Text::SensorsEmpty), screen.text(Text::SensorsEmptyHint));
        widgets::empty_state(ui, icons::THERMOMETER, title, hint, None);
        return;
    }
    let large = state.large.as_ref().and_then(|id| state.sensors().iter().find(|s| s.id == *id));
    toolbar(ui, screen, large);
    parts::stale(ui, screen, state.sensors.failure(), state.sensors.fetched_at());
    parts::stale(ui, screen, state.sensor_charts.failure.as_ref(), state.sensors.fetched_at());
    let mut acts = Vec::new();
    match large {
        Some(sensor) => one(ui, screen, sensor, &mut acts),
        None => wall(ui, screen, &mut acts),
    }
    finish(screen, acts);
}

/// Passes on what the charts tell; the cursor is gone when no chart has it.
pub fn finish(screen: &mut Screen<'_>, acts: Vec<ViewAct>) {
    let hovered = acts.iter().any(|act| matches!(act, ViewAct::Cursor(_)));
    if !hovered && screen.state.cursor.is_some() {
        screen.act(User::View(ViewAct::Cursor(None)));
    }
    let cursor = screen.state.cursor;
    let fresh = acts.into_iter().filter(|act| *act != ViewAct::Cursor(cursor));
    screen.acts.extend(fresh.map(User::View));
}

/// Where the window is narrow, the way back has a line of its own.
fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>, large: Option<&Sensor>) {
    let narrow = ui.available_width() < 840.0;
    if narrow && large.is_some() {
        ui.horizontal(|ui| back(ui, screen));
    }
    ui.horizontal_wrapped(|ui| {
        if !narrow && large.is_some() {
            back(ui, screen);
        }
        time_range(ui, screen);
    });
    ui.add_space(tokens::SPACE_4);
}

fn back(ui: &mut Ui, screen: &mut Screen<'_>) {
    let words = format!("{} {}", icons::CARET_LEFT, screen.text(Text::AllSensors));
    let button = widgets::secondary_button(ui, &words, Some("Esc"), ButtonSize::Normal, true);
    if button.accessible_name(screen.text(Text::AllSensors)).clicked() {
        screen.act(User::View(ViewAct::Sensor(None)));
    }
}

fn time_range(ui: &mut Ui, screen: &mut Screen<'_>) {
    let charts = &screen.state.sensor_charts;
    let lang = screen.lang();
    let options = RangeChoice::ALL.map(|choice| (choice, texts::range(choice).get(lang)));
    if let Some(choice) = widgets::segmented(ui, charts.view.choice(), &options, None) {
        screen.act(User::View(ViewAct::Range(choice)));
    }
    for (icon, text, factor) in [
        (icons::MAGNIFYING_GLASS_PLUS, Text::ZoomIn, 0.5),
        (icons::MAGNIFYING_GLASS_MINUS, Text::ZoomOut, 2.0),
    ] {
        if widgets::icon_button(ui, icon, screen.text(text)).clicked() {
            screen.act(User::View(ViewAct::Zoom { factor, at: None }));
        }
    }
    if charts.view.follows() {
        let words = format!("{} {}", icons::BROADCAST, screen.text(Text::Following));
        ui.label(RichText::new(words).color(Palette::in_ui(ui).good));
    } else {
        let words = screen.text(Text::BackToNow);
        if widgets::primary_button(ui, words, Some("Home"), ButtonSize::Normal, true).clicked() {
            screen.act(User::View(ViewAct::Follow));
        }
        widgets::weak(ui, &held_range(screen));
    }
    if charts.asked.as_ref().is_some_and(|a| a.kind == SeriesKind::Whole) {
        widgets::loading(ui, screen.text(Text::LoadingCharts));
    }
}

/// `20/11/2026 14:30 – 21/11/2026 02:40`
fn held_range(screen: &Screen<'_>) -> String {
    let range = screen.state.range(&screen.state.sensor_charts, screen.now);
    let zone = screen.state.zone(None);
    let end = |at| format::date_time(UtcMicros(at), &zone);
    format!("{} – {}", end(range.from), end(range.to))
}

fn page<'s>(screen: &Screen<'s>, width: f32, store: Option<StoreId>) -> Page<'s> {
    let charts = &screen.state.sensor_charts;
    let range = screen.state.range(charts, screen.now);
    let zone = screen.state.zone(store);
    let ticks = ticks(range, chart::tick_count(width), &zone, texts::months(screen.lang()));
    let empty = if charts.block.is_none() { Text::LoadingCharts } else { Text::NoDataInRange };
    Page { range, ticks, zone, empty: screen.text(empty) }
}

/// By store, then by name: a card keeps its place whatever happens to it.
pub fn in_order<'s>(screen: &Screen<'s>) -> Vec<&'s Sensor> {
    let mut sensors: Vec<&Sensor> = screen.state.sensors().iter().collect();
    let store = |s: &Sensor| s.store_id.map_or("", |id| screen.state.store_name(id));
    sensors.sort_by(|a, b| {
        (a.store_id.is_none(), store(a))
            .cmp(&(b.store_id.is_none(), store(b)))
            .then_with(|| a.name.cmp(&b.name))
    });
    sensors
}

/// Tells `update` which charts there are, if that changed.
pub fn tell_shown(screen: &Screen<'_>, mut sensors: Vec<SensorId>, width: f32, acts: &mut Vec<ViewAct>) {
    sensors.sort();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width on a screen")]
    let points = chart::drawing_width(width) as u32;
    let Some(known) = screen.state.charts().map(|c| &c.shown) else { return };
    let close = known.points >= points && known.points <= points + 200;
    if known.sensors != sensors || !close {
        acts.push(ViewAct::Shown(ChartsShown { sensors, points }));
    }
}

fn wall(ui: &mut Ui, screen: &mut Screen<'_>, acts: &mut Vec<ViewAct>) {
    let sensors = in_order(screen);
    let room = ui.available_width() - 12.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
    let columns = ((room + GAP) / (CARD_WIDTH + GAP)).floor().clamp(1.0, 12.0) as usize;
    let columns = columns.min(sensors.len().max(1));
    let width = ((room + GAP) / columns as f32 - GAP).min(560.0);
    let page = page(screen, width - parts::CARD_EDGE, None);
    let rows = sensors.len().div_ceil(columns);
    ui.spacing_mut().item_spacing = Vec2::splat(GAP);
    let mut shown = Vec::new();
    ScrollArea::vertical().auto_shrink([false, false]).show_rows(ui, CARD_HEIGHT, rows, |ui, visible| {
        for line in sensors.chunks(columns).skip(visible.start).take(visible.len()) {
            ui.horizontal(|ui| {
                for sensor in line {
                    shown.push(sensor.id.clone());
                    card(ui, screen, sensor, width, &page, acts);
                }
            });
        }
        if visible.end == rows {
            widgets::small_weak(ui, screen.text(Text::ChartHintWall));
        }
    });
    tell_shown(screen, shown, width - parts::CARD_EDGE, acts);
}

fn card(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    sensor: &Sensor,
    width: f32,
    page: &Page<'_>,
    acts: &mut Vec<ViewAct>,
) {
    let palette = Palette::in_ui(ui);
    let health = Health::of(sensor, screen.state.server_now(screen.now));
    let mut frame = parts::card(ui);
    if health.needs_somebody() {
        frame = frame.stroke(Stroke::new(1.0, palette.tone(parts::health_tone(health))));
    }
    let layout = Layout::top_down(Align::Min);
    ui.allocate_ui_with_layout(Vec2::new(width, CARD_HEIGHT), layout, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(width - parts::CARD_EDGE);
            ui.set_height(CARD_HEIGHT - parts::CARD_EDGE);
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            if head(ui, screen, sensor, health).clicked() {
                acts.push(ViewAct::Sensor(Some(sensor.id.clone())));
            }
            for measure in Measure::ALL {
                let height = match measure {
                    Measure::Temperature => CHART_TALL,
                    Measure::Humidity => CHART_LOW,
                    Measure::Pressure => CHART_LOW + 18.0,
                };
                let answer = draw(ui, screen, sensor, measure, height, Wheel::WithCtrl, page, acts);
                // The value at the cursor stands in its place.
                if measure != Measure::Temperature && screen.state.cursor.is_none() {
                    value_in_chart(ui, sensor, measure, answer.rect);
                }
                if answer.clicked() && !answer.double_clicked() {
                    acts.push(ViewAct::Sensor(Some(sensor.id.clone())));
                }
            }
        });
    });
}

/// Name and store on the left, the newest temperature large on the right; all of it opens the sensor.
fn head(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, health: Health) -> egui::Response {
    let palette = Palette::in_ui(ui);
    let lang = screen.lang();
    let server_now = screen.state.server_now(screen.now);
    let tone = parts::health_tone(health);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEAD), Sense::click());
    let painter = ui.painter().with_clip_rect(rect.expand(2.0));
    let last = sensor.last.as_ref();
    let value = last.map_or_else(|| "–".to_owned(), |l| format!("{} °C", format::decimal(l.temperature, 1)));
    let value_colour = if health.is_out_of_band() {
        palette.danger
    } else if health == Health::Good {
        palette.text
    } else {
        palette.text_weak
    };
    let font = egui::FontId { size: 26.0, ..tokens::title() };
    let value =
        painter.text(rect.right_top() - Vec2::new(0.0, 4.0), Align2::RIGHT_TOP, value, font, value_colour);
    let age = last.map(|l| format::age(lang, server_now.since(l.measured_at))).unwrap_or_default();
    let age_at = egui::pos2(rect.right(), rect.top() + 32.0);
    let age = painter.text(age_at, Align2::RIGHT_TOP, age, tokens::small(), palette.text_weak);
    let name_room = value.left() - rect.left() - tokens::SPACE_12;
    let name = widgets::fit_middle(ui, &sensor.name, &tokens::body_strong(), name_room);
    painter.text(rect.left_top(), Align2::LEFT_TOP, name, tokens::body_strong(), palette.text);
    let store = sensor.store_id.map_or(screen.text(Text::NoStore), |id| screen.state.store_name(id));
    let place = format!("{store} · {}", texts::sensor_kind(sensor.kind).get(lang));
    let place = widgets::fit_middle(ui, &place, &tokens::small(), name_room);
    let place_at = rect.left_top() + Vec2::new(0.0, 20.0);
    painter.text(place_at, Align2::LEFT_TOP, place, tokens::small(), palette.text_weak);
    let line = rect.top() + 46.0;
    painter.add(widgets::tone_shape(tone, egui::pos2(rect.left() + 5.0, line), 4.5, palette));
    let words = parts::health_words(sensor, health, lang, server_now);
    let words = match band_words(sensor, lang) {
        Some(band) => format!("{words} · {band}"),
        None => words,
    };
    let words_room = age.left() - rect.left() - 24.0;
    let words = widgets::fit_middle(ui, &words, &tokens::small(), words_room);
    let colour = if health == Health::Good { palette.text_weak } else { palette.tone(tone) };
    painter.text(egui::pos2(rect.left() + 16.0, line), Align2::LEFT_CENTER, words, tokens::small(), colour);
    let label = Text::OpenLarge.with(lang, &[("name", &sensor.name)]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect.expand(4.0),
            4.0,
            Stroke::new(2.0, palette.text),
            egui::StrokeKind::Inside,
        );
    }
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(&sensor.name)
}

/// The newest value of a low chart, in its corner.
fn value_in_chart(ui: &Ui, sensor: &Sensor, measure: Measure, chart: Rect) {
    let palette = Palette::in_ui(ui);
    if let Some(value) = value_words(sensor, measure) {
        chart::corner(ui, chart, &value, chart::series_colour(palette, measure), palette);
    }
}

fn value_words(sensor: &Sensor, measure: Measure) -> Option<String> {
    let last = sensor.last.as_ref()?;
    let value = match measure {
        Measure::Temperature => last.temperature,
        Measure::Humidity => last.humidity,
        Measure::Pressure => last.pressure,
    };
    Some(format!("{} {}", format::decimal(value, measure.decimals()), measure.unit()))
}

pub fn band_words(sensor: &Sensor, lang: tillwatch_desk::Lang) -> Option<String> {
    let number = |value: f64| format::decimal(value, usize::from(value.fract().abs() > 1e-9));
    match (sensor.low_celsius, sensor.high_celsius) {
        (Some(low), Some(high)) => {
            Some(Text::Band.with(lang, &[("low", &number(low)), ("high", &number(high))]))
        }
        (Some(low), None) => Some(Text::BandLow.with(lang, &[("low", &number(low))])),
        (None, Some(high)) => Some(Text::BandHigh.with(lang, &[("high", &number(high))])),
        (None, None) => None,
    }
}

#[expect(clippy::too_many_arguments, reason = "what tells one chart of the page from the next")]
fn draw(
    ui: &mut Ui,
    screen: &Screen<'_>,
    sensor: &Sensor,
    measure: Measure,
    height: f32,
    wheel: Wheel,
    page: &Page<'_>,
    acts: &mut Vec<ViewAct>,
) -> egui::Response {
    let charts = &screen.state.sensor_charts;
    let lang = screen.lang();
    let name = texts::measure(measure).get(lang);
    let label = Text::Chart.with(lang, &[("measure", &name), ("name", &sensor.name)]);
    let chart = Chart {
        id: Id::unique((&sensor.id, measure)),
        label: &label,
        history: charts.block.as_ref().and_then(|b| b.get(&sensor.id)),
        step: charts.block.as_ref().map_or(1, |b| b.step),
        measure,
        band: if measure == Measure::Temperature {
            (sensor.low_celsius, sensor.high_celsius)
        } else {
            (None, None)
        },
        range: page.range,
        ticks: &page.ticks,
        zone: &page.zone,
        x_labels: wheel == Wheel::Plain || measure == Measure::Pressure,
        height,
        wheel,
        cursor: screen.state.cursor,
        low: wheel == Wheel::WithCtrl && measure != Measure::Temperature,
        empty: page.empty,
    };
    chart.show(ui, acts)
}

fn one(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor, acts: &mut Vec<ViewAct>) {
    let width = ui.available_width();
    let page = page(screen, width, sensor.store_id);
    let health = Health::of(sensor, screen.state.server_now(screen.now));
    head(ui, screen, sensor, health);
    // Three charts share the height; where there is too little of it the page scrolls.
    let titles = 3.0 * 26.0 + 24.0;
    let room = (ui.available_height() - titles).max(300.0);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for measure in Measure::ALL {
            let share = if measure == Measure::Temperature { 0.5 } else { 0.25 };
            ui.horizontal(|ui| {
                ui.set_height(26.0);
                let palette = Palette::in_ui(ui);
                let name = screen.text(texts::measure(measure));
                ui.label(RichText::new(name).font(tokens::body_strong()));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if let Some(value) = value_words(sensor, measure) {
                        let colour = chart::series_colour(palette, measure);
                        ui.label(RichText::new(value).font(tokens::strong()).color(colour));
                    }
                });
            });
            draw(ui, screen, sensor, measure, room * share, Wheel::Plain, &page, acts);
        }
        widgets::small_weak(ui, screen.text(Text::ChartHintLarge));
    });
    tell_shown(screen, vec![sensor.id.clone()], width, acts);
}
