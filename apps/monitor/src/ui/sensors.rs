//! The sensors: a wall of cards with three small charts each, or one sensor large, which [`super::sensor_large`] draws.

use egui::{Align, Align2, CursorIcon, Id, Layout, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, Vec2};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmSubject, Sensor};
use tillwatch_shared::{SensorId, StoreId};

use super::chart::{self, Chart, Wheel};
use super::curve::Curve;
use super::{Screen, chart_cursor, chart_save, compare, parts, sensor_large, sensor_notes, sensor_tools};
use crate::charts::ticks::{Tick, ticks};
use crate::charts::{Measure, Range};
use crate::compare_texts;
use crate::input::{ChartsShown, User, ViewAct};
use crate::sensor_view_texts::Text as Tools;
use crate::sheet_texts;
use crate::sheets::SheetAct;
use crate::state::Health;
use crate::texts::{self, Text};
use crate::update::lists::alarms;

const CARD_WIDTH: f32 = 330.0;
/// Below that, name and value would stand in each other.
const NARROWEST_CARD: f32 = 190.0;
const GROUP_HEAD: f32 = 24.0;
const HEAD: f32 = 62.0;
const CHART_TALL: f32 = 96.0;
const CHART_LOW: f32 = 58.0;
const GAP: f32 = 12.0;
/// Below so many percent a battery is pointed out.
const LOW_BATTERY: u8 = 20;
const CARD_HEIGHT: f32 = HEAD + CHART_TALL + 2.0 * CHART_LOW + 18.0 + parts::CARD_EDGE;

/// What all charts of the page have in common in this frame.
#[derive(Debug)]
pub struct Page<'s> {
    pub range: Range,
    pub ticks: Vec<Tick>,
    pub zone: TimeZone,
    pub empty: &'s str,
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
    let large = state.large_sensor();
    toolbar(ui, screen, large);
    parts::stale(ui, screen, state.sensors.failure(), state.sensors.fetched_at());
    parts::stale(ui, screen, state.sensor_charts.failure.as_ref(), state.sensors.fetched_at());
    let mut acts = Vec::new();
    match large {
        Some(sensor) => {
            let area = ui.available_rect_before_wrap();
            sensor_large::show(ui, screen, sensor, &mut acts);
            chart_save::pass_on(ui, area, &mut acts);
        }
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
        sensor_tools::time_range(ui, screen);
        if let Some(sensor) = large {
            monthly_sheet(ui, screen, sensor);
            chart_save::buttons(ui, screen);
        } else {
            sensor_tools::wall(ui, screen);
        }
    });
    ui.add_space(tokens::SPACE_4);
    if let Some(typed) = &screen.state.sensor_view.typed {
        sensor_tools::typed(ui, screen, typed);
    }
}

/// Only what stands in a store has a sheet.
fn monthly_sheet(ui: &mut Ui, screen: &mut Screen<'_>, sensor: &Sensor) {
    let text = sheet_texts::Text::Button.get(screen.lang());
    let words = format!("{} {text}", icons::FILE_TEXT);
    let named = sensor.store_id.is_some();
    let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, named).accessible_name(text);
    if button.clicked() {
        screen.act(User::Sheet(SheetAct::Open(sensor.id.clone())));
    }
    button.on_disabled_hover_text(sheet_texts::Text::NotNamed.get(screen.lang()));
}

fn back(ui: &mut Ui, screen: &mut Screen<'_>) {
    let words = format!("{} {}", icons::CARET_LEFT, screen.text(Text::AllSensors));
    let button = widgets::secondary_button(ui, &words, Some("Esc"), ButtonSize::Normal, true);
    if button.accessible_name(screen.text(Text::AllSensors)).clicked() {
        screen.act(User::View(ViewAct::Sensor(None)));
    }
}

pub fn page<'s>(screen: &Screen<'s>, width: f32, store: Option<StoreId>) -> Page<'s> {
    let charts = &screen.state.sensor_charts;
    let range = screen.state.range(charts, screen.now);
    let zone = screen.state.zone(store);
    let ticks = ticks(range, chart::tick_count(width), &zone, texts::months(screen.lang()));
    let empty = if charts.block.is_none() { Text::LoadingCharts } else { Text::NoDataInRange };
    Page { range, ticks, zone, empty: screen.text(empty) }
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

/// What stands beside each other in a line of the wall: some of a store's sensors, or all of them.
struct Group<'s> {
    sensors: &'s [&'s Sensor],
    /// The store's name and how many sensors it has, where they begin.
    head: Option<(&'s str, usize)>,
}

/// Stores one after the other, each whole in a line where it fits into one.
fn lines<'s>(
    sensors: &'s [&'s Sensor],
    columns: usize,
    name: impl Fn(&Sensor) -> &'s str,
) -> Vec<Vec<Group<'s>>> {
    let (mut lines, mut free) = (Vec::new(), 0);
    for group in sensors.chunk_by(|a, b| a.store_id == b.store_id) {
        let mut head = group.first().map(|sensor| (name(sensor), group.len()));
        for sensors in group.chunks(columns) {
            let group = Group { sensors, head: head.take() };
            match lines.last_mut() {
                Some(line) if sensors.len() <= free => Vec::push(line, group),
                Some(_) | None => {
                    lines.push(vec![group]);
                    free = columns;
                }
            }
            free -= sensors.len();
        }
    }
    lines
}

fn wall(ui: &mut Ui, screen: &mut Screen<'_>, acts: &mut Vec<ViewAct>) {
    let state = screen.state;
    let mut sensors = state.sensors_in_order();
    if state.sensor_view.troubled {
        let now = state.server_now(screen.now);
        sensors.retain(|sensor| Health::of(sensor, now).needs_somebody());
        if sensors.is_empty() {
            let lang = screen.lang();
            let (title, hint) = (Tools::NoneTroubled.get(lang), Tools::NoneTroubledHint.get(lang));
            widgets::empty_state(ui, icons::CHECK_CIRCLE, title, hint, None);
            return;
        }
    }
    let room = ui.available_width() - 12.0;
    let chosen = state.sensor_view.columns;
    let columns = match chosen {
        Some(columns) => usize::from(columns).min(columns_of(room, NARROWEST_CARD)),
        None => columns_of(room, CARD_WIDTH).min(sensors.len().max(1)),
    };
    let width = (room + GAP) / columns as f32 - GAP;
    let width = if chosen.is_some() { width } else { width.min(560.0) };
    let page = page(screen, width - parts::CARD_EDGE, None);
    let name =
        |sensor: &Sensor| sensor.store_id.map_or(screen.text(Text::NoStore), |id| state.store_name(id));
    let lines = lines(&sensors, columns, name);
    ui.spacing_mut().item_spacing = Vec2::splat(GAP);
    let height = |line: &[Group<'_>]| {
        let heads = line.iter().any(|group| group.head.is_some());
        if heads { GROUP_HEAD + GAP + CARD_HEIGHT } else { CARD_HEIGHT }
    };
    let total: f32 = lines.iter().map(|line| height(line) + GAP).sum();
    let mut shown = Vec::new();
    ScrollArea::vertical().auto_shrink([false, false]).show_viewport(ui, |ui, viewport| {
        ui.set_height(total + tokens::SPACE_24);
        let origin = ui.min_rect().min;
        let mut top = 0.0;
        for line in &lines {
            let place = Rect::from_min_size(origin + Vec2::new(0.0, top), Vec2::new(room, height(line)));
            let seen = top <= viewport.bottom() && top + place.height() >= viewport.top();
            top += place.height() + GAP;
            if seen {
                ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
                    beside(ui, screen, line, (width, &page), &mut shown, acts);
                });
            }
        }
        let place = Rect::from_min_size(origin + Vec2::new(0.0, total), Vec2::new(room, tokens::SPACE_24));
        ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
            widgets::small_weak(ui, screen.text(Text::ChartHintWall));
        });
    });
    tell_shown(screen, shown, width - parts::CARD_EDGE, acts);
}

/// A line of the wall.
fn beside(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    line: &[Group<'_>],
    (width, page): (f32, &Page<'_>),
    shown: &mut Vec<SensorId>,
    acts: &mut Vec<ViewAct>,
) {
    let heads = line.iter().any(|group| group.head.is_some());
    ui.horizontal_top(|ui| {
        for group in line {
            ui.vertical(|ui| {
                if heads {
                    group_head(ui, screen, group, width);
                }
                ui.horizontal(|ui| {
                    for sensor in group.sensors {
                        shown.push(sensor.id.clone());
                        card(ui, screen, sensor, width, page, acts);
                    }
                });
            });
        }
    });
}

/// As many cards of that width as stand beside each other.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
fn columns_of(room: f32, width: f32) -> usize {
    ((room + GAP) / (width + GAP)).floor().clamp(1.0, 12.0) as usize
}

/// Whose sensors stand below.
fn group_head(ui: &mut Ui, screen: &Screen<'_>, group: &Group<'_>, width: f32) {
    let all = width * group.sensors.len() as f32 + GAP * group.sensors.len().saturating_sub(1) as f32;
    let layout = Layout::left_to_right(Align::Max);
    ui.allocate_ui_with_layout(Vec2::new(all, GROUP_HEAD), layout, |ui| {
        ui.set_min_size(Vec2::new(all, GROUP_HEAD));
        let Some((store, count)) = group.head else { return };
        ui.spacing_mut().item_spacing.x = tokens::SPACE_8;
        let words = if count == 1 {
            Tools::OneSensor.get(screen.lang()).to_owned()
        } else {
            Tools::Sensors.with(screen.lang(), &[("n", &count)])
        };
        let name = widgets::fit_middle(ui, store, &tokens::body_strong(), all - 90.0).into_owned();
        widgets::strong(ui, &name);
        widgets::weak(ui, &words);
    });
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
pub fn head(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, health: Health) -> egui::Response {
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
    let mut place = format!("{store} · {}", texts::sensor_kind(sensor.kind).get(lang));
    let battery = battery_words(screen, sensor);
    let mut place_colour = palette.text_weak;
    if let Some((words, low)) = &battery {
        let warning = if *low { format!("{} ", icons::WARNING) } else { String::new() };
        place = format!("{warning}{words} · {place}");
        place_colour = if *low { palette.tone(Tone::Attention) } else { place_colour };
    }
    let place = widgets::fit_middle(ui, &place, &tokens::small(), name_room);
    let place_at = rect.left_top() + Vec2::new(0.0, 20.0);
    painter.text(place_at, Align2::LEFT_TOP, place, tokens::small(), place_colour);
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
    let mut label = Text::OpenLarge.with(lang, &[("name", &sensor.name)]);
    if let Some((words, _)) = battery {
        label = format!("{label}, {words}");
    }
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

/// The level of its battery, and whether it is low: an alarm says so, or everybody would.
fn battery_words(screen: &Screen<'_>, sensor: &Sensor) -> Option<(String, bool)> {
    let percent = sensor.battery?.percent;
    let about = |alarm: &Alarm| matches!(&alarm.subject, AlarmSubject::Sensor { sensor_id } if *sensor_id == sensor.id);
    let told = alarms(screen.state).any(|alarm| alarm.kind == AlarmKind::BatteryLow && about(alarm));
    Some((Tools::Battery.with(screen.lang(), &[("n", &percent)]), told || percent < LOW_BATTERY))
}

/// The newest value of a low chart, in its corner.
fn value_in_chart(ui: &Ui, sensor: &Sensor, measure: Measure, chart: Rect) {
    let palette = Palette::in_ui(ui);
    if let Some(value) = value_words(sensor, measure) {
        chart_cursor::corner(ui, chart, &value, chart::series_colour(palette, measure), palette);
    }
}

pub fn value_words(sensor: &Sensor, measure: Measure) -> Option<String> {
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

/// What a sensor may measure; only temperatures have limits.
pub fn band_of(sensor: &Sensor, measure: Measure) -> (Option<f64>, Option<f64>) {
    match measure {
        Measure::Temperature => (sensor.low_celsius, sensor.high_celsius),
        Measure::Humidity | Measure::Pressure => (None, None),
    }
}

#[expect(clippy::too_many_arguments, reason = "what tells one chart of the page from the next")]
pub fn draw(
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
    let (tinted, other) = match wheel {
        Wheel::Plain => {
            let other = compare::curve(screen, sensor, measure);
            (sensor_notes::tinted(screen, sensor, page.range), other)
        }
        Wheel::WithCtrl => (Vec::new(), None),
    };
    let name = texts::measure(measure).get(lang);
    let label = Text::Chart.with(lang, &[("measure", &name), ("name", &sensor.name)]);
    let label = match compare::other_words(screen, page.range, page).filter(|_| other.is_some()) {
        Some(other) => compare_texts::Text::ChartOf.with(lang, &[("chart", &label), ("other", &other)]),
        None => label,
    };
    let named = other.is_some_and(|other| other.later == 0);
    let chart = Chart {
        id: Id::unique((&sensor.id, measure)),
        label: &label,
        curve: Curve {
            history: charts.block.as_ref().and_then(|b| b.get(&sensor.id)),
            step: charts.block.as_ref().map_or(1, |b| b.step),
            later: 0,
            band: band_of(sensor, measure),
            name: if named { &sensor.name } else { "" },
        },
        other,
        measure,
        tinted: &tinted,
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
