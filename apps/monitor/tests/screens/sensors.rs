//! The charts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use jiff::Unit;
use jiff::civil::date;
use jiff::tz::TimeZone;
use tillwatch_desk::Lang;
use tillwatch_monitor::charts::Bucket;
use tillwatch_monitor::compare::{Against, Before, CompareAct};
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::samples;
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::state::Page;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Battery;
use tillwatch_shared::time::{DAY, MINUTE, SECOND};
use zip::ZipArchive;

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, at, click, enlarge, has, press};

#[test]
fn a_sensor_opens_large_and_escape_leads_back() {
    let mut window = at(Page::Sensors, Lang::Pt);
    assert!(has(&window, "Gráfico de Temperatura, Balcão refrigerado"));
    assert!(has(&window, "Gráfico de Umidade, Balcão refrigerado"));
    assert!(has(&window, "Gráfico de Pressão, Balcão refrigerado"));
    enlarge(&mut window, "Ampliar Balcão refrigerado");
    settle(&mut window, USUAL);
    assert_eq!(window.state().state.large, Some(samples::sensor_id(5)));
    assert!(!has(&window, "Gráfico de Temperatura, Depósito"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().state.large, None);
}

#[test]
fn a_battery_is_shown_with_its_sensor() {
    let mut window = at(Page::Sensors, Lang::Pt);
    let mut sensors = window.state().state.sensors().to_vec();
    for (sensor, percent) in sensors.iter_mut().zip([84, 17]) {
        sensor.battery = Some(Battery { percent, measured_at: UtcMicros(0) });
    }
    let names = [sensors[0].name.clone(), sensors[1].name.clone()];
    window.state_mut().take(Input::Answer(Answer::Sensors(Ok(sensors))));
    window.run_steps(3);
    for (name, percent) in names.iter().zip([84, 17]) {
        let label = format!("Ampliar {name}, bateria {percent} %");
        assert!(has(&window, &label), "{label}");
    }
}

/// The file that was to be saved.
fn saved(window: &Window<'_>) -> (String, &'static str, Vec<u8>) {
    let pending = window.state().pending.iter();
    let mut saved = pending.filter_map(|effect| {
        let Effect::File(FileEffect::Bytes { name, end, bytes }) = &effect.what else { return None };
        Some((name.clone(), *end, bytes.clone()))
    });
    saved.next().unwrap_or_else(|| panic!("no file was to be saved"))
}

#[test]
fn what_the_large_chart_shows_is_saved_as_a_table() {
    let mut window = at(Page::Sensors, Lang::Pt);
    enlarge(&mut window, "Ampliar Geladeira 1");
    settle(&mut window, USUAL);
    click(&mut window, "Salvar o gráfico como CSV");
    let (name, end, bytes) = saved(&window);
    assert!(name.starts_with("Geladeira 1 20") && end == "csv", "{name}.{end}");
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("Início;Leituras;Temperatura média (°C);Temperatura mínima (°C);"), "{head}");
    let state = &window.state().state;
    let (charts, sensor) = (&state.sensor_charts, state.large.as_ref().unwrap());
    let range = state.range(charts, clock());
    let block = charts.block.as_ref().unwrap();
    let buckets = block.get(sensor).unwrap().buckets();
    let wanted: Vec<f64> = buckets
        .iter()
        .filter(|bucket| bucket.start + block.step > range.from && bucket.start < range.to)
        .map(|bucket| bucket.temperature.max)
        .collect();
    let value = |line: &str| {
        let cell = line.split(';').nth(4)?.trim_matches('"').replace(',', ".");
        cell.parse::<f64>().ok()
    };
    let got: Vec<f64> = lines.map(|line| value(line).unwrap()).collect();
    assert!(
        !got.is_empty() && got.len() < buckets.len(),
        "only what is in sight: {} of {}",
        got.len(),
        buckets.len()
    );
    assert_eq!(got.len(), wanted.len());
    assert!(got.iter().zip(&wanted).all(|(got, wanted)| (got - wanted).abs() < 0.006));
}

/// The cells of a sheet in a workbook, by their places such as `B2`, with the texts that several share.
fn cells(bytes: &[u8], sheet: usize) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let between = |text: &str, begin: &str, end: &str| {
        let rest = text.split_once(begin)?.1;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let shared = file("xl/sharedStrings.xml");
    let shared: Vec<String> =
        shared.split("<si>").skip(1).filter_map(|si| between(si, ">", "</t>")).collect();
    let xml = file(&format!("xl/worksheets/sheet{sheet}.xml"));
    assert!(xml.contains(r#"ySplit="1""#) && xml.contains(r#"state="frozen""#), "the head stands still");
    let cells = xml.split("<c r=").skip(1).filter_map(|cell| {
        let (place, value) = (between(cell, "\"", "\"")?, between(cell, "<v>", "</v>")?);
        let text = cell.starts_with(&format!("\"{place}\"")) && cell.split_once('>')?.0.contains(r#"t="s""#);
        let value = if text { shared[value.parse::<usize>().unwrap()].clone() } else { value };
        Some((place, value))
    });
    cells.collect()
}

/// Days since the last of 1899, as spreadsheets count, by the clocks of the shop.
fn serial(micros: i64) -> f64 {
    let at = UtcMicros(micros).timestamp().to_zoned(TimeZone::get("America/Sao_Paulo").unwrap()).datetime();
    let since = at.since((Unit::Microsecond, date(1899, 12, 30).at(0, 0, 0, 0))).unwrap();
    since.get_microseconds() as f64 / DAY as f64
}

fn close(got: &str, wanted: f64) -> bool {
    got.parse::<f64>().is_ok_and(|got| (got - wanted).abs() < 1e-8)
}

#[test]
fn what_the_large_chart_shows_is_saved_as_a_workbook_with_what_was_sent() {
    let mut window = at(Page::Sensors, Lang::Pt);
    enlarge(&mut window, "Ampliar Geladeira 1");
    settle(&mut window, USUAL);
    user(&mut window, User::Compare(CompareAct::With(Against::Before(Before::Week))));
    settle(&mut window, USUAL);
    click(&mut window, "Salvar o gráfico como XLSX");
    let (name, end, bytes) = saved(&window);
    assert!(name.starts_with("Geladeira 1 20") && end == "xlsx", "{name}.{end}");
    let state = &window.state().state;
    let (charts, sensor) = (&state.sensor_charts, state.large.as_ref().unwrap());
    let range = state.range(charts, clock());
    let week = 7 * DAY;
    for (sheet, block, later, curve) in [
        (1, charts.block.as_ref().unwrap(), 0, "Geladeira 1"),
        (2, state.compare.earlier.block.as_ref().unwrap(), week, "Semana anterior"),
    ] {
        let cells = cells(&bytes, sheet);
        let cell = |place: &str| cells.get(place).map_or("", String::as_str);
        let head: Vec<&str> =
            ["A1", "B1", "C1", "D1", "E1", "H1", "K1", "N1"].into_iter().map(cell).collect();
        let (mean, raw) = ("Temperatura média (°C)", "Temperatura média (°C), sem calibração");
        let (humidity, pressure) = ("Umidade média (%)", "Pressão média (hPa)");
        assert_eq!(head, ["Curva", "Início", "Sobreposto a", "Leituras", mean, raw, humidity, pressure]);
        let own = range.earlier(later);
        let inside = |b: &&Bucket| b.start < own.to && own.from < b.start + block.step;
        let buckets: Vec<&Bucket> = block.get(sensor).unwrap().buckets().iter().filter(inside).collect();
        assert!(buckets.len() > 100);
        for (row, bucket) in (2..).zip(&buckets) {
            let sent = bucket.raw.unwrap_or(bucket.temperature);
            let wanted = [
                ("B", serial(bucket.start)),
                ("C", serial(bucket.start + later)),
                ("D", f64::from(bucket.count)),
                ("E", bucket.temperature.mean),
                ("F", bucket.temperature.min),
                ("G", bucket.temperature.max),
                ("H", sent.mean),
                ("J", sent.max),
                ("L", bucket.humidity.min),
                ("P", bucket.pressure.max),
            ];
            assert_eq!(cell(&format!("A{row}")), curve);
            for (column, wanted) in wanted {
                let got = cell(&format!("{column}{row}"));
                assert!(close(got, wanted), "{column}{row}: {got} is not {wanted}");
            }
        }
        assert_eq!(cell(&format!("B{}", buckets.len() + 2)), "", "no row more");
        let shifted =
            buckets.iter().filter(|b| b.raw.is_some_and(|raw| raw.mean - b.temperature.mean > 0.39));
        assert_eq!(shifted.count() > 0, later == 0, "the calibration is of this week");
    }
}

#[test]
fn a_table_holds_both_curves_and_what_was_sent() {
    let mut window = at(Page::Sensors, Lang::Pt);
    enlarge(&mut window, "Ampliar Geladeira 1");
    settle(&mut window, USUAL);
    user(&mut window, User::Compare(CompareAct::With(Against::Sensor(samples::sensor_id(2)))));
    window.run_steps(2);
    settle(&mut window, USUAL);
    click(&mut window, "Salvar o gráfico como CSV");
    let (_, _, bytes) = saved(&window);
    let text = String::from_utf8(bytes).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(';').collect()).collect();
    assert_eq!(rows[0][0].trim_start_matches('\u{feff}'), "Curva");
    assert_eq!(rows[0][6].trim_matches('"'), "Temperatura média (°C), sem calibração");
    let number = |cell: &str| cell.trim_matches('"').replace(',', ".").parse::<f64>().unwrap();
    for curve in ["Geladeira 1", "Freezer do fundo"] {
        let own: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == curve).collect();
        assert!(own.len() > 100, "{} rows of {curve}", own.len());
        let offset = |row: &Vec<&str>| ((number(row[3]) - number(row[6])) * 100.0).round();
        let (first, last) = (offset(own[0]), offset(own[own.len() - 1]));
        assert!(first.abs() < 1.5 && (last + 40.0).abs() < 1.5, "{first} {last}");
    }
}

#[test]
fn what_the_large_chart_shows_is_saved_as_a_picture() {
    let mut window = at(Page::Sensors, Lang::En);
    enlarge(&mut window, "Enlarge Geladeira 1");
    settle(&mut window, USUAL);
    let chart = window.get_by_label("Chart of Temperature, Geladeira 1").rect();
    click(&mut window, "Save the chart as a picture");
    window.run_steps(3);
    let (name, end, bytes) = saved(&window);
    assert!(name.starts_with("Geladeira 1 20") && end == "png", "{name}.{end}");
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let size = reader.next_frame(&mut pixels).unwrap();
    let whole = window.ctx.viewport_rect();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    assert!(width >= f64::from(chart.width()) && width < f64::from(whole.width()), "{width}");
    assert!(height > f64::from(chart.height()) && height < f64::from(whole.height()), "{height}");
    let colours: BTreeSet<&[u8]> = pixels.chunks(3).collect();
    assert!(colours.len() > 20, "{} colours are no chart", colours.len());
}

/// Time goes on below it: if each frame moved the cursor it would bring the next frame, for as long as the pointer is left
/// there.
#[test]
fn a_pointer_that_rests_on_a_chart_brings_no_frames() {
    let mut window = at(Page::Sensors, Lang::En);
    enlarge(&mut window, "Enlarge Geladeira 1");
    settle(&mut window, USUAL);
    let cursor = |window: &Window<'_>| window.state().state.cursor;
    window.hover_at(window.get_by_label("Chart of Temperature, Geladeira 1").rect().center());
    window.run_steps(3);
    let rested = cursor(&window);
    assert!(rested.is_some());
    for _ in 0..5 {
        advance(SECOND / 20);
        window.run_steps(1);
        assert_eq!(cursor(&window), rested);
    }
    advance(20 * SECOND);
    window.run_steps(2);
    assert!(cursor(&window) > rested, "it is below the pointer");
}

#[test]
fn charts_are_moved_by_hand_and_by_key_and_come_back_to_now() {
    let mut window = at(Page::Sensors, Lang::En);
    enlarge(&mut window, "Enlarge Geladeira 1");
    settle(&mut window, USUAL);
    let view = |window: &Window<'_>| window.state().state.sensor_charts.view;
    let chart = window.get_by_label("Chart of Temperature, Geladeira 1").rect();

    window.hover_at(chart.center());
    window.run_steps(2);
    assert!(window.state().state.cursor.is_some());
    window.drag_at(chart.center());
    window.run_steps(2);
    window.hover_at(chart.center() + vec2(120.0, 0.0));
    window.run_steps(2);
    window.drop_at(chart.center() + vec2(120.0, 0.0));
    window.run_steps(2);
    assert!(!view(&window).follows());
    click(&mut window, "Back to now");
    assert!(view(&window).follows());

    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert!(!view(&window).follows());
    press(&mut window, Modifiers::NONE, Key::Home);
    assert!(view(&window).follows());
    press(&mut window, Modifiers::NONE, Key::Plus);
    assert!(view(&window).range(0).span() < 15 * MINUTE);
    click(&mut window, "24 h");
    assert_eq!(view(&window).range(0).span(), 24 * 60 * MINUTE);
    let asks =
        |window: &Window<'_>| window.state().pending.iter().any(|e| matches!(&e.what, Effect::Series { .. }));
    assert!(asks(&window));
}

#[test]
fn a_range_is_typed_and_what_is_wrong_with_it_is_told() {
    let mut window = at(Page::Sensors, Lang::Pt);
    press(&mut window, Modifiers::NONE, Key::P);
    assert!(window.get_by_role_and_label(egui::Role::TextInput, "De").is_focused());
    let write = |window: &mut Window<'_>, text: &str| {
        press(window, Modifiers::COMMAND, Key::A);
        window.event(egui::Event::Text(text.to_owned()));
        window.run_steps(3);
    };
    let day = clock().timestamp().to_zoned(TimeZone::get("America/Sao_Paulo").unwrap()).date();
    let day = day.saturating_sub(jiff::Span::new().days(2)).strftime("%d/%m/%Y").to_string();
    write(&mut window, &format!("{day} 08:00"));
    press(&mut window, Modifiers::NONE, Key::Tab);
    write(&mut window, &format!("{day} 07:30"));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(has(&window, "O fim tem de vir depois do começo."));
    window.get_by_role_and_label(egui::Role::TextInput, "Até").focus();
    window.run_steps(2);
    write(&mut window, &format!("{day} 09:30"));
    click(&mut window, "Mostrar");
    settle(&mut window, USUAL);
    let state = &window.state().state;
    let range = state.range(&state.sensor_charts, clock());
    assert_eq!((range.span(), state.sensor_view.typed.is_none()), (90 * MINUTE, true));
    assert!(has(&window, &format!("{day} 08:00 – {day} 09:30")));
    press(&mut window, Modifiers::NONE, Key::P);
    assert!(window.state().state.sensor_view.typed.is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.sensor_view.typed.is_none());
}

#[test]
fn the_wall_stands_by_store_in_as_many_columns_as_wanted() {
    let mut window = at(Page::Sensors, Lang::Pt);
    let lefts = |window: &Window<'_>| {
        let cards = window.query_all_by_label_contains("Ampliar ");
        cards.map(|card| format!("{:.0}", card.rect().left())).collect::<BTreeSet<_>>()
    };
    let state = &window.state().state;
    let stores: BTreeSet<&str> = state
        .sensors_in_order()
        .into_iter()
        .take(2)
        .filter_map(|sensor| sensor.store_id.map(|id| state.store_name(id)))
        .collect();
    for store in stores {
        let above =
            window.query_all_by_label(store).map(|head| head.rect().bottom()).fold(f32::MAX, f32::min);
        assert!(above < f32::MAX, "{store} has no head");
    }
    let choose = |window: &mut Window<'_>, columns: u8| {
        let now = window.state().state.sensor_view.columns;
        let words = |columns| match columns {
            None => "tantas quantas cabem".to_owned(),
            Some(1) => "1 coluna".to_owned(),
            Some(n) => format!("{n} colunas"),
        };
        click(window, &format!("Colunas: {}", words(now)));
        click(window, &words(Some(columns)));
        settle(window, USUAL);
    };
    for columns in [1_u8, 2, 4] {
        choose(&mut window, columns);
        assert_eq!(window.state().state.sensor_view.columns, Some(columns));
        assert!(lefts(&window).len() <= usize::from(columns), "{columns}: {:?}", lefts(&window));
    }
    choose(&mut window, 1);
    assert_eq!(lefts(&window).len(), 1);
    tillwatch_monitor::layout::remember(&mut window.state_mut().state);
    let settings = window.state().state.settings.clone();
    assert_eq!(
        settings.layout.get("charts.columns").map(String::as_str),
        Some("1"),
        "kept for the next start"
    );
}
