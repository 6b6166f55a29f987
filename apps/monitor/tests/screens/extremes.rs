//! What no shop has and a server may say all the same: names without an end, readings from 1970 and 2100, numbers at
//! the edge of their type, a server whose clock is wrong by decades, a hundred times the usual events.

use egui::MissingGlyphPolicy;
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT as _;
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_monitor::app::App;
use tillwatch_monitor::input::{Answer, Input, User};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, app, clock};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{Event, Sensor, SeriesAnswer};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{Cents, Quantity, UtcMicros};

use crate::common::{Window, window};
use crate::hands::{DESK, USUAL};

const IN_1970: UtcMicros = UtcMicros(0);
/// 2100-01-01T00:00:00Z
const IN_2100: UtcMicros = UtcMicros(4_102_444_800_000_000);
/// No sale of a shop goes beyond it.
const MOST: Cents = Cents(999_999_999);
/// The largest and smallest that a chart may be given, and numbers that are hardly any.
const VALUES: [f64; 6] = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, -0.0, f64::EPSILON, 1e300];

fn endless(index: usize) -> String {
    let piece = ["Geladeira ", "açúcar_", "W", "💊 ", "ملح "][index % 5];
    piece.repeat(10_000 / piece.chars().count())
}

fn sensor(index: usize, sensor: &mut Sensor) {
    sensor.name = endless(index);
    let value = VALUES[index % VALUES.len()];
    if index.is_multiple_of(3) {
        (sensor.low_celsius, sensor.high_celsius) = (Some(f64::MIN), Some(f64::MAX));
    }
    if let Some(last) = &mut sensor.last {
        (last.temperature, last.humidity, last.pressure) = (value, -value, value);
        last.measured_at = if index.is_multiple_of(2) { IN_1970 } else { IN_2100 };
    }
}

fn series(answer: &mut SeriesAnswer) {
    for (index, one) in answer.series.iter_mut().enumerate() {
        let count = one.start_micros.len();
        if count > 1 {
            one.start_micros[0] = IN_1970.0;
            one.start_micros[count - 1] = IN_2100.0;
        }
        for envelope in [&mut one.temperature, &mut one.humidity, &mut one.pressure] {
            for place in 0..count {
                let value = VALUES[(index + place) % VALUES.len()];
                (envelope.min[place], envelope.max[place]) = (-value.abs(), value.abs());
                envelope.mean[place] = if place % 5 == 0 { f64::NAN } else { value };
            }
        }
    }
}

fn event(seq: i64, event: &mut Event, money: Cents) {
    let index = usize::try_from(seq).unwrap();
    if let Event::SaleRecorded(sale) = event {
        (sale.store_name, sale.person_name) = (endless(index), endless(index + 1));
        (sale.till, sale.customer_name) = (Some(endless(index + 2)), Some(endless(index + 3)));
        (sale.number, sale.total_cents) = (i64::MAX, money);
        sale.sold_at = if seq % 2 == 0 { IN_1970 } else { IN_2100 };
    }
    if let Event::StockEntered(entry) = event {
        entry.product_name = endless(index);
    }
}

/// The same answer, as nobody would expect it.
fn twist(answer: &mut Answer, money: Cents) {
    if let Answer::Server(Ok(info)) = answer {
        info.server_at = IN_2100;
    }
    if let Answer::Latest(Ok(changes), _)
    | Answer::Changes(Ok(changes), _)
    | Answer::Past { result: Ok(changes), .. } = answer
    {
        changes.server_at = IN_1970;
        for change in &mut changes.changes {
            (change.client_at, change.server_at) = (IN_2100, IN_1970);
            event(change.seq, &mut change.event, money);
        }
    }
    if let Answer::Sensors(Ok(sensors)) = answer {
        sensors.iter_mut().enumerate().for_each(|(index, one)| sensor(index, one));
    }
    if let Answer::Series { result: Ok(answer), .. } = answer {
        series(answer);
    }
    if let Answer::DayTotals(Ok(totals)) = answer {
        for (index, total) in totals.iter_mut().enumerate() {
            (total.store_name, total.total_cents) = (endless(index), money);
        }
    }
    if let Answer::Stock(_, Ok(page)) = answer {
        for (index, level) in page.items.iter_mut().enumerate() {
            level.product_name = endless(index);
            (level.balance_thousandths, level.minimum_thousandths) = (Quantity(i64::MIN), Quantity(i64::MAX));
        }
    }
}

fn settle(app: &mut App, made_up: MadeUp, money: Cents) {
    let mut last = Vec::new();
    for _ in 0..500 {
        let asked = std::mem::take(&mut app.pending);
        last = asked.iter().map(|effect| effect.what.clone()).collect();
        if asked.is_empty() {
            return;
        }
        for effect in asked {
            if let Some(mut answer) = made_up.answer(&effect.what, clock()) {
                twist(&mut answer, money);
                app.take(Input::Answer(answer));
            }
        }
    }
    panic!("it never ends: {last:?}");
}

fn strange(page: Page, zoom: u32, money: Cents) -> Window<'static> {
    let mut window = window(app(Settings { zoom, lang: Lang::Pt, ..Settings::default() }), DESK, 1.0);
    // No font has every script.
    window.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    USUAL.enter(window.state_mut());
    window.state_mut().take(Input::User(User::Open(page)));
    for _ in 0..4 {
        settle(window.state_mut(), USUAL, money);
        window.run_steps(1);
    }
    window
}

#[test]
fn nothing_that_a_server_says_pushes_a_control_out_of_the_window() {
    let mut outside = Vec::new();
    for page in Page::ALL {
        let wide = matches!(page, Page::Overview | Page::Live | Page::Sensors);
        for zoom in if wide { &[100, 200][..] } else { &[100] } {
            let mut window = strange(page, *zoom, MOST);
            // And it goes on while the clock does.
            advance(HOUR);
            window.run_steps(1);
            settle(window.state_mut(), USUAL, MOST);
            window.run_steps(2);
            let width = window.ctx.content_rect().width();
            let buttons =
                window.query_all_by_role(Role::Button).chain(window.query_all_by_role(Role::TextInput));
            for control in buttons.filter(|control| !control.accesskit_node().is_hidden()) {
                let (rect, label) = (control.rect(), control.accesskit_node().label().unwrap_or_default());
                let label: String = label.chars().take(40).collect();
                // The rectangle of a table's row counts what its cells clip.
                let row = rect.width() > width / 2.0 && rect.height() < 60.0;
                if !row && (rect.left() < -1.0 || rect.right() > width + 1.0) {
                    let (from, to) = (rect.left(), rect.right());
                    outside.push(format!("{page:?} at {zoom} %: “{label}” from {from} to {to} of {width}"));
                }
            }
        }
    }
    assert!(outside.is_empty(), "{outside:#?}");
}

#[test]
fn a_hundred_times_the_usual_events_are_all_there() {
    let mut window = strange(Page::Live, 100, Cents(i64::MAX));
    let before = window.state().state.log.len();
    let more = MadeUp { changes: USUAL.changes + 6_000, ..USUAL };
    for _ in 0..10 {
        advance(5 * SECOND);
        window.run_steps(1);
        settle(window.state_mut(), more, Cents(i64::MAX));
    }
    assert_eq!(window.state().state.log.len(), before + 6_000);
}
