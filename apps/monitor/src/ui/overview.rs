//! The first page: is anything wrong, and how is the day going? Every figure leads to its rows.

use egui::{Align, Align2, CursorIcon, Id, Layout, ScrollArea, Sense, Stroke, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Role, Sensor};
use tillwatch_shared::rounding::div_round;

use super::against::Against;
use super::chart::{Chart, Wheel};
use super::curve::Curve;
use super::parts::{self, TILE_HEIGHT, Tile};
use super::{Screen, day, rows, sensors};
use crate::charts::Measure;
use crate::charts::ticks::ticks;
use crate::input::{LogAct, User, ViewAct};
use crate::lists::{Filter as ListFilter, ListAct, Topic};
use crate::livelog::{Filter, KindFilter};
use crate::sensor_view::ToolAct;
use crate::state::{Health, Page};
use crate::stock::{Sort, StockFilter};
use crate::texts::{self, Text};
use crate::update::lists::expiring;

const GAP: f32 = 12.0;
const NEWEST: usize = 5;
/// Room from which on three panels stand beside each other.
const THREE_BESIDE: f32 = 1_020.0;
/// How much wider the first figure is than the others where all stand in one line: its number is the longest.
const WIDE: f32 = 1.4;
const SMALL_CARD: Vec2 = Vec2::new(250.0, 132.0);
/// Sensors on this page at most; the worst come first.
const MOST_SENSORS: usize = 8;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    if state.totals.value().is_none() && state.log.is_empty() && state.sensors.value().is_none() {
        parts::waiting(ui, screen, state.totals.failure(), Text::LoadingTotals);
        return;
    }
    if state.stores().is_empty() {
        let (title, hint) = (screen.text(Text::NoStores), screen.text(Text::NoStoresHint));
        widgets::empty_state(ui, icons::STOREFRONT, title, hint, None);
        return;
    }
    let mut acts = Vec::new();
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(GAP);
        ui.set_width(ui.available_width() - 10.0);
        parts::stale(ui, screen, state.totals.failure(), state.totals.fetched_at());
        tiles(ui, screen);
        middle(ui, screen);
        small_charts(ui, screen, &mut acts);
    });
    sensors::finish(screen, acts);
}

fn tiles(ui: &mut Ui, screen: &mut Screen<'_>) {
    let tiles =
        [takings(screen), sales(screen), ticket(screen), trouble(screen), low(screen), expiry(screen)];
    let room = ui.available_width();
    let narrow = (room - 5.0 * GAP) / (5.0 + WIDE);
    let in_one_line = tiles.iter().all(|(tile, _)| tile.fits(ui, narrow));
    let lang = screen.lang();
    for line in tiles.chunks(if in_one_line { tiles.len() } else { 3 }) {
        let third = (room + GAP) / 3.0 - GAP;
        ui.horizontal(|ui| {
            ui.set_height(TILE_HEIGHT);
            for (place, (tile, leads_to)) in line.iter().enumerate() {
                let width = match (in_one_line, place) {
                    (false, _) => third,
                    (true, 0) => narrow * WIDE,
                    (true, _) => narrow,
                };
                if tile.show(ui, width, lang).clicked() {
                    screen.act(leads_to.clone());
                }
            }
        });
    }
}

fn takings<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let value = screen.state.today().map_or_else(|| "–".to_owned(), |(_, total)| total.to_string());
    let tile =
        Tile { name: screen.text(Text::Takings), value, note: day::than_before(screen), tone: Tone::Neutral };
    (tile, User::Open(Page::Sales))
}

fn expiry<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let counted = expiring(screen.state);
    let (expired, soon) = counted.unwrap_or_default();
    let tile = Tile {
        name: screen.text(Text::ExpirySoon),
        value: counted.map_or_else(|| "–".to_owned(), |_| (expired + soon).to_string()),
        note: if expired > 0 {
            Text::OfThemExpired.with(screen.lang(), &[("n", &expired)])
        } else {
            String::new()
        },
        tone: match (expired, soon) {
            (0, 0) => Tone::Neutral,
            (0, _) => Tone::Attention,
            (_, _) => Tone::Danger,
        },
    };
    let choice = if expired > 0 { 1 } else { 2 };
    (tile, User::List(ListAct::Show(Topic::Lots, ListFilter { choice, ..ListFilter::default() })))
}

fn sales<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let value = screen.state.today().map_or_else(|| "–".to_owned(), |(sales, _)| format::integer(sales));
    let tile = Tile { name: screen.text(Text::SalesCount), value, note: String::new(), tone: Tone::Neutral };
    (tile, show_sales(None))
}

fn ticket<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let average = screen.state.today().and_then(|(sales, total)| average(total, sales));
    let value = average.map_or_else(|| "–".to_owned(), |a| a.to_string());
    let tile = Tile { name: screen.text(Text::Ticket), value, note: String::new(), tone: Tone::Neutral };
    (tile, User::Open(Page::Sales))
}

/// What one sale brings on average, rounded to the centavo.
pub fn average(total: Cents, sales: i64) -> Option<Cents> {
    if sales <= 0 {
        return None;
    }
    i64::try_from(div_round(i128::from(total.0), i128::from(sales))).ok().map(Cents)
}

fn trouble<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let count = screen.state.alerts(screen.now);
    let all = screen.state.sensors().len();
    let known = screen.state.sensors.value().is_some();
    let tile = Tile {
        name: screen.text(Text::OutOfBand),
        value: if known { count.to_string() } else { "–".to_owned() },
        note: if all > 0 { Text::OfSensors.with(screen.lang(), &[("n", &all)]) } else { String::new() },
        tone: if count > 0 { Tone::Danger } else { Tone::Neutral },
    };
    (tile, User::View(ViewAct::Tool(ToolAct::Troubled(count > 0))))
}

fn low<'s>(screen: &Screen<'s>) -> (Tile<'s>, User) {
    let stock = &screen.state.stock;
    let count = stock.low();
    let known = !stock.is_empty() || stock.is_complete();
    let items = format::integer(i64::try_from(stock.len()).unwrap_or(i64::MAX));
    let tile = Tile {
        name: screen.text(Text::LowStock),
        value: if known { count.to_string() } else { "–".to_owned() },
        note: if known && !stock.is_empty() {
            Text::OfProducts.with(screen.lang(), &[("n", &items)])
        } else {
            String::new()
        },
        tone: if count > 0 { Tone::Attention } else { Tone::Neutral },
    };
    let filter = StockFilter { low_only: true, sort: Sort::Shortage, ..StockFilter::default() };
    (tile, User::ShowStock(filter))
}

pub fn show_sales(store: Option<tillwatch_shared::StoreId>) -> User {
    User::Log(LogAct::Show(Filter { kind: KindFilter::Sales, store, ..Filter::default() }))
}

fn middle(ui: &mut Ui, screen: &mut Screen<'_>) {
    let room = ui.available_width();
    let manager =
        screen.state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role >= Role::Manager);
    let height = middle_height(screen);
    let top = day::CHART_HEIGHT + 32.0 + tokens::SPACE_8;
    if room < 720.0 {
        panel(ui, screen, Vec2::new(room, top), day::needs);
        if manager {
            panel(ui, screen, Vec2::new(room, top), day::hours);
        }
        panel(ui, screen, Vec2::new(room, height), per_store);
        if manager {
            panel(ui, screen, Vec2::new(room, height), day::sellers);
        }
        panel(ui, screen, Vec2::new(room, height), newest);
        return;
    }
    let left = (room - GAP) * 0.6;
    let right = room - GAP - left;
    ui.horizontal_top(|ui| {
        if manager {
            panel(ui, screen, Vec2::new(left, top), day::hours);
            panel(ui, screen, Vec2::new(right, top), day::needs);
        } else {
            panel(ui, screen, Vec2::new(room, top), day::needs);
        }
    });
    ui.horizontal_top(|ui| {
        if manager && room < THREE_BESIDE {
            let half = (room - GAP) / 2.0;
            panel(ui, screen, Vec2::new(half, height), per_store);
            panel(ui, screen, Vec2::new(half, height), day::sellers);
        } else if manager {
            let third = (room - 2.0 * GAP) / 3.0;
            panel(ui, screen, Vec2::new(third, height), per_store);
            panel(ui, screen, Vec2::new(third, height), day::sellers);
            panel(ui, screen, Vec2::new(third, height), newest);
        } else {
            panel(ui, screen, Vec2::new(left, height), per_store);
            panel(ui, screen, Vec2::new(right, height), newest);
        }
    });
    if manager && room < THREE_BESIDE {
        panel(ui, screen, Vec2::new(room, height), newest);
    }
}

/// High enough for what there is; while that is not known yet, for all that may come.
fn middle_height(screen: &Screen<'_>) -> f32 {
    let state = screen.state;
    let loading = state.feed.seq.is_none() || state.feed.backfill > 0 || state.totals.value().is_none();
    let there = state.log.len().max(state.stores().len()).clamp(3, NEWEST);
    let rows = if loading { NEWEST } else { there };
    32.0 + tokens::SPACE_8 + rows::SHORT_ROW * rows as f32
}

fn panel(ui: &mut Ui, screen: &mut Screen<'_>, size: Vec2, add: impl FnOnce(&mut Ui, &mut Screen<'_>)) {
    let layout = Layout::top_down(Align::Min);
    ui.allocate_ui_with_layout(Vec2::new(size.x, size.y + parts::CARD_EDGE), layout, |ui| {
        parts::card(ui).show(ui, |ui| {
            ui.set_width(size.x - parts::CARD_EDGE);
            ui.set_height(size.y);
            ui.spacing_mut().item_spacing.y = 0.0;
            add(ui, screen);
        });
    });
}

fn per_store(ui: &mut Ui, screen: &mut Screen<'_>) {
    if parts::section(ui, screen.text(Text::PerStore), Some(screen.text(Text::SeeAll))) {
        screen.act(User::Open(Page::Sales));
    }
    ui.add_space(tokens::SPACE_8);
    let Some(totals) = screen.state.totals.value() else {
        widgets::loading(ui, screen.text(Text::LoadingTotals));
        return;
    };
    let mut totals: Vec<_> = totals.iter().collect();
    totals.sort_by_key(|t| std::cmp::Reverse(t.total_cents));
    let most = totals.first().map_or(0, |t| t.total_cents.0).max(1);
    ScrollArea::vertical().id_salt("per-store").auto_shrink([false, false]).show(ui, |ui| {
        for total in totals {
            if store_row(ui, screen, total, most) {
                screen.act(show_sales(Some(total.store_id)));
            }
        }
    });
}

fn store_row(ui: &mut Ui, screen: &Screen<'_>, total: &tillwatch_shared::api::DayTotal, most: i64) -> bool {
    let share = total.total_cents.0.max(0) as f64 / most as f64;
    let sales = format::integer(total.sales);
    let line = parts::ShareLine {
        name: &total.store_name,
        count: Text::CountSales.with(screen.lang(), &[("n", &sales)]),
        amount: total.total_cents.to_string(),
        share,
        against: screen
            .state
            .day
            .compared(&screen.state.day.today, total.store_id.0)
            .map(|known| Against::new(known, screen.lang())),
        label: Text::SeeSales.with(screen.lang(), &[("name", &total.store_name)]),
    };
    line.show(ui, rows::SHORT_ROW)
}

fn newest(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    if parts::section(ui, screen.text(Text::Newest), Some(screen.text(Text::SeeAll))) {
        screen.act(User::Log(LogAct::Show(Filter::default())));
    }
    ui.add_space(tokens::SPACE_8);
    if state.log.is_empty() {
        if state.feed.seq.is_none() || state.feed.backfill > 0 {
            widgets::loading(ui, screen.text(Text::LoadingLog));
        } else {
            widgets::weak(ui, screen.text(Text::LogEmpty));
            widgets::small_weak(ui, screen.text(Text::LogEmptyHint));
        }
    }
    for row in state.log.newest(NEWEST) {
        if rows::short(ui, screen, row) {
            screen.act(User::Log(LogAct::Show(Filter::default())));
            if let Some(number) = state.log.number_of(row.seq).filter(|_| state.expanded.is_none()) {
                screen.act(User::Log(LogAct::Expand(number)));
            }
        }
    }
}

/// The worst first, then by store and name.
fn by_trouble<'s>(screen: &Screen<'s>) -> Vec<(&'s Sensor, Health)> {
    let server_now = screen.state.server_now(screen.now);
    let mut all: Vec<(&Sensor, Health)> =
        screen.state.sensors_in_order().into_iter().map(|s| (s, Health::of(s, server_now))).collect();
    all.sort_by_key(|(_, health)| !health.needs_somebody());
    all.truncate(MOST_SENSORS);
    all
}

fn small_charts(ui: &mut Ui, screen: &mut Screen<'_>, acts: &mut Vec<ViewAct>) {
    let all = by_trouble(screen);
    if parts::section(ui, screen.text(Text::Sensors), Some(screen.text(Text::SeeAll))) {
        acts.push(ViewAct::Sensor(None));
    }
    if all.is_empty() {
        if screen.state.sensors.value().is_none() {
            widgets::loading(ui, screen.text(Text::LoadingSensors));
        } else {
            widgets::weak(ui, screen.text(Text::SensorsEmptyHint));
        }
        return;
    }
    let room = ui.available_width();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
    let columns = ((room + GAP) / (SMALL_CARD.x + GAP)).floor().clamp(1.0, 4.0) as usize;
    let width = (room + GAP) / columns as f32 - GAP;
    for line in all.chunks(columns) {
        ui.horizontal_top(|ui| {
            for (sensor, health) in line {
                small_card(ui, screen, sensor, *health, width, acts);
            }
        });
    }
    let shown = all.iter().map(|(sensor, _)| sensor.id.clone()).collect();
    sensors::tell_shown(screen, shown, width - parts::CARD_EDGE, acts);
}

fn small_card(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    sensor: &Sensor,
    health: Health,
    width: f32,
    acts: &mut Vec<ViewAct>,
) {
    let palette = Palette::in_ui(ui);
    let tone = parts::health_tone(health);
    let mut frame = parts::card(ui);
    if health.needs_somebody() {
        frame = frame.stroke(Stroke::new(1.0, palette.tone(tone)));
    }
    let size = Vec2::new(width, SMALL_CARD.y);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        frame.show(ui, |ui| {
            ui.set_width(width - parts::CARD_EDGE);
            ui.set_height(SMALL_CARD.y - parts::CARD_EDGE);
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            let open = small_head(ui, screen, sensor, health);
            let answer = small_chart(ui, screen, sensor, acts);
            if open || answer.clicked() {
                acts.push(ViewAct::Sensor(Some(sensor.id.clone())));
            }
        });
    });
}

fn small_head(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, health: Health) -> bool {
    let palette = Palette::in_ui(ui);
    let tone = parts::health_tone(health);
    let lang = screen.lang();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 40.0), Sense::click());
    let value = sensor
        .last
        .as_ref()
        .map_or_else(|| "–".to_owned(), |last| format!("{} °C", format::decimal(last.temperature, 1)));
    let colour = if health.is_out_of_band() { palette.danger } else { palette.text };
    let value = ui.painter().text(rect.right_top(), Align2::RIGHT_TOP, value, tokens::strong(), colour);
    let room = value.left() - rect.left() - tokens::SPACE_12;
    let name = widgets::fit_middle(ui, &sensor.name, &tokens::body_strong(), room);
    ui.painter().text(rect.left_top(), Align2::LEFT_TOP, name, tokens::body_strong(), palette.text);
    let line = rect.top() + 29.0;
    ui.painter().add(widgets::tone_shape(tone, egui::pos2(rect.left() + 5.0, line), 4.5, palette));
    let words = parts::health_words(sensor, health, lang, screen.state.server_now(screen.now));
    let store = sensor.store_id.map_or("", |id| screen.state.store_name(id));
    let words = if store.is_empty() { words } else { format!("{words} · {store}") };
    let words = widgets::fit_middle(ui, &words, &tokens::small(), rect.width() - 18.0);
    let words_at = egui::pos2(rect.left() + 16.0, line);
    let words_colour = if health == Health::Good { palette.text_weak } else { palette.tone(tone) };
    ui.painter().text(words_at, Align2::LEFT_CENTER, words, tokens::small(), words_colour);
    let label = Text::OpenLarge.with(lang, &[("name", &sensor.name)]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(&sensor.name).clicked()
}

fn small_chart(ui: &mut Ui, screen: &Screen<'_>, sensor: &Sensor, acts: &mut Vec<ViewAct>) -> egui::Response {
    let charts = &screen.state.overview_charts;
    let lang = screen.lang();
    let range = screen.state.range(charts, screen.now);
    let zone = screen.state.zone(sensor.store_id);
    let ticks = ticks(range, 3, &zone, texts::months(lang));
    let name = Text::Temperature.get(lang);
    let label = Text::Chart.with(lang, &[("measure", &name), ("name", &sensor.name)]);
    let empty = if charts.block.is_none() { Text::LoadingCharts } else { Text::NoDataInRange };
    let chart = Chart {
        tinted: &[],
        id: Id::unique(("overview", &sensor.id)),
        label: &label,
        curve: Curve {
            history: charts.block.as_ref().and_then(|b| b.get(&sensor.id)),
            step: charts.block.as_ref().map_or(1, |b| b.step),
            later: 0,
            band: (sensor.low_celsius, sensor.high_celsius),
            name: "",
        },
        other: None,
        measure: Measure::Temperature,
        range,
        ticks: &ticks,
        zone: &zone,
        x_labels: false,
        height: ui.available_height(),
        wheel: Wheel::WithCtrl,
        cursor: screen.state.cursor,
        low: false,
        empty: screen.text(empty),
    };
    let mut own = Vec::new();
    let answer = chart.show(ui, &mut own);
    // The overview always shows the last hour: only the cursor moves here.
    acts.extend(own.into_iter().filter(|act| matches!(act, ViewAct::Cursor(_))));
    answer
}
