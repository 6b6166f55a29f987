//! The monthly temperature sheet over the window: its figures, days and excursions, and its files.

use egui::{Align, Id, Label, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder, TableRow};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{Lang, format, icons};
use tillwatch_shared::api::{BandSide, Excursion, SheetDay, ShiftTemperature, TemperatureSheet};
use tillwatch_shared::client::ReportFile;
use tillwatch_shared::limits::NAME_CHARS;
use tillwatch_shared::time::SECOND;

use super::row_keys::RowKeys;
use super::{Screen, parts};
use crate::asking_texts::Text as Asking;
use crate::input::User;
use crate::sensor_notes_texts::{self as notes, Text as Notes};
use crate::sheet_texts::{self, Text};
use crate::sheets::{OpenSheet, SheetAct};
use crate::texts;
use crate::update::sheets::today;

const WIDTH: f32 = 720.0;
/// Calibrations named above the rows; the files name all.
const CALIBRATIONS: usize = 2;
const TABLE_HEIGHT: f32 = 250.0;
const ROW_HEIGHT: f32 = 26.0;

fn act(screen: &mut Screen<'_>, act: SheetAct) {
    screen.act(User::Sheet(act));
}

pub fn dialog(ui: &Ui, screen: &mut Screen<'_>, open: &OpenSheet) {
    let lang = screen.lang();
    let name =
        screen.state.sensors().iter().find(|sensor| sensor.id == open.sensor).map(|sensor| &*sensor.name);
    let name = widgets::cut_middle(name.unwrap_or_default(), 40);
    let title = Text::Title.with(lang, &[("name", &name)]);
    let dialog = widgets::Dialog { id: "sheet", title: &title, width: WIDTH, lang };
    let answer = dialog.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        head(ui, screen, open);
        if let Some(failed) = open.sheet.failure() {
            if widgets::error_state(ui, failed, lang) {
                act(screen, SheetAct::Retry);
            }
        } else if let Some(sheet) = open.sheet.value() {
            figures(ui, sheet, lang);
            calibrations(ui, sheet, lang);
            rows(ui, screen, open, sheet);
        } else {
            ui.allocate_ui(egui::vec2(ui.available_width(), TABLE_HEIGHT), |ui| {
                waited_for(ui, screen, open);
            });
        }
    });
    if answer.closed {
        act(screen, SheetAct::Close);
    }
}

/// A month that takes long says so, and can be stopped.
fn waited_for(ui: &mut Ui, screen: &mut Screen<'_>, open: &OpenSheet) {
    let lang = screen.lang();
    let button = |ui: &mut Ui, text: Asking| {
        widgets::secondary_button(ui, text.get(lang), None, ButtonSize::Normal, true).clicked()
    };
    if open.wait.stopped {
        widgets::strong(ui, Asking::Stopped.get(lang));
        widgets::weak(ui, Asking::StoppedHint.get(lang));
        if button(ui, Asking::Again) {
            act(screen, SheetAct::Retry);
        }
        return;
    }
    let Some(seconds) = open.wait.seconds(screen.now) else {
        widgets::loading(ui, Text::Loading.get(lang));
        return;
    };
    widgets::loading(ui, &Asking::Working.with(lang, &[("n", &seconds)]));
    if button(ui, Asking::Stop) {
        act(screen, SheetAct::Stop);
    }
}

/// The month between its neighbours, who answers for it, and the files.
fn head(ui: &mut Ui, screen: &mut Screen<'_>, open: &OpenSheet) {
    let lang = screen.lang();
    let today = today(screen.state, &open.sensor, screen.now);
    ui.horizontal(|ui| {
        for (icon, text, by) in [(icons::CARET_LEFT, Text::Earlier, -1), (icons::CARET_RIGHT, Text::Later, 1)]
        {
            if by > 0 {
                let month = usize::from(open.month.month().unsigned_abs()).saturating_sub(1);
                let name = texts::months(lang).get(month).copied().unwrap_or_default();
                let words = format!("{name} {}", open.month.year());
                ui.add_sized([110.0, 20.0], Label::new(RichText::new(words).font(tokens::strong())));
            }
            ui.add_enabled_ui(open.month_from(by, today).is_some(), |ui| {
                if widgets::icon_button(ui, icon, text.get(lang)).clicked() {
                    act(screen, SheetAct::Month(by));
                }
            });
        }
        let ready = open.sheet.value().is_some() && screen.state.saving.is_none();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if parts::pdf_button(ui, screen, ready) {
                act(screen, SheetAct::SavePdf);
            }
            for (text, file) in [(Text::SaveCsv, ReportFile::Csv), (Text::SaveXlsx, ReportFile::Xlsx)] {
                if parts::save_button(ui, text.get(lang), text.get(lang), ready) {
                    act(screen, SheetAct::Save(file));
                }
            }
        });
    });
    let field =
        Field::new("sheet-responsible", Text::Responsible.get(lang), &screen.state.sheets.responsible)
            .limit(NAME_CHARS)
            .hint(Text::ResponsibleHint.get(lang))
            .show(ui);
    if let Some(typed) = field.changed {
        act(screen, SheetAct::Responsible(typed));
    }
}

fn celsius(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{} °C", format::decimal(value, decimals)))
}

/// What the month adds up to, side by side.
fn figures(ui: &mut Ui, sheet: &TemperatureSheet, lang: Lang) {
    let palette = Palette::in_ui(ui);
    let out = |value: Option<f64>| {
        value.is_some_and(|v| {
            sheet.high_celsius.is_some_and(|high| v > high) || sheet.low_celsius.is_some_and(|low| v < low)
        })
    };
    let band = match (sheet.low_celsius, sheet.high_celsius) {
        (None, None) => "–".to_owned(),
        (low, high) => format!("{} – {}", celsius(low, 1), celsius(high, 1)),
    };
    let silent = format::integer(sheet.silent_hours);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_24;
        for (text, value, bad) in [
            (Text::Kinetic, celsius(sheet.mean_kinetic_celsius, 2), out(sheet.mean_kinetic_celsius)),
            (Text::Mean, celsius(sheet.mean_celsius, 1), out(sheet.mean_celsius)),
            (Text::Lowest, celsius(sheet.min_celsius, 1), out(sheet.min_celsius)),
            (Text::Highest, celsius(sheet.max_celsius, 1), out(sheet.max_celsius)),
            (Text::Band, band, false),
            (Text::Silent, silent, false),
        ] {
            let colour = if bad { palette.danger } else { palette.text };
            let figure = ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                widgets::small_weak(ui, text.get(lang));
                ui.label(RichText::new(value).font(tokens::strong()).color(colour));
            });
            if text == Text::Kinetic {
                figure.response.on_hover_text(Text::KineticHint.get(lang));
            }
        }
    });
}

/// The newest calibrations of the month, by which its temperatures are corrected.
fn calibrations(ui: &mut Ui, sheet: &TemperatureSheet, lang: Lang) {
    let zone = format::zone(&sheet.zone);
    for one in sheet.calibrations.iter().rev().take(CALIBRATIONS) {
        widgets::small_weak(ui, &notes::calibration(one, Notes::InForce, &zone, lang));
    }
}

/// Days or excursions.
fn rows(ui: &mut Ui, screen: &mut Screen<'_>, open: &OpenSheet, sheet: &TemperatureSheet) {
    let lang = screen.lang();
    let excursions = Text::Excursions.with(lang, &[("n", &sheet.excursions.len())]);
    let options = [(false, Text::Days.get(lang)), (true, excursions.as_str())];
    if let Some(shown) = widgets::segmented(ui, Some(open.excursions), &options, None) {
        act(screen, SheetAct::Excursions(shown));
    }
    let zone = format::zone(&sheet.zone);
    let empty = match (open.excursions, sheet.readings) {
        (_, 0) => Some(Text::Empty),
        (true, _) if sheet.low_celsius.is_none() && sheet.high_celsius.is_none() => Some(Text::NoBand),
        (true, _) if sheet.excursions.is_empty() => Some(Text::NoExcursions),
        (true | false, _) => None,
    };
    let size = egui::vec2(ui.available_width(), TABLE_HEIGHT);
    ui.allocate_ui(size, |ui| {
        ui.set_min_height(TABLE_HEIGHT);
        if let Some(text) = empty {
            widgets::weak(ui, text.get(lang));
        } else if open.excursions {
            excursion_table(ui, sheet, &zone, lang);
        } else {
            day_table(ui, sheet, &zone, lang);
        }
    });
}

fn table<'u>(ui: &'u mut Ui, name: &str, columns: &[Column], keys: &RowKeys) -> TableBuilder<'u> {
    let mut table = keys.follow(TableBuilder::new(ui)).id_salt(Id::unique(name)).striped(true);
    table = table.cell_layout(Layout::left_to_right(Align::Center));
    for column in columns {
        table = table.column(*column);
    }
    table.max_scroll_height(TABLE_HEIGHT - 2.0 * ROW_HEIGHT).auto_shrink([false, true])
}

/// Over words at the left, over values at the right.
fn headings(row: &mut TableRow<'_, '_>, texts: &[(Text, bool)], lang: Lang) {
    for (text, value) in texts {
        row.col(|ui| {
            let side = if *value { Layout::right_to_left(Align::Center) } else { *ui.layout() };
            ui.with_layout(side, |ui| widgets::small_weak(ui, text.get(lang)));
        });
    }
}

/// A value, at the right of its column.
fn value(row: &mut TableRow<'_, '_>, words: &str, tone: Option<Tone>) {
    row.col(|ui| {
        let palette = Palette::in_ui(ui);
        let colour = tone.map_or(palette.text, |tone| palette.tone(tone));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(Label::new(RichText::new(words).color(colour)).extend());
        });
    });
}

fn cell(row: &mut TableRow<'_, '_>, words: &str, tone: Option<Tone>) {
    row.col(|ui| {
        let palette = Palette::in_ui(ui);
        let colour = tone.map_or(palette.text, |tone| palette.tone(tone));
        let words = widgets::fit_middle(ui, words, &tokens::body(), ui.available_width()).into_owned();
        ui.add(Label::new(RichText::new(words).color(colour)).extend());
    });
}

fn day_table(ui: &mut Ui, sheet: &TemperatureSheet, zone: &TimeZone, lang: Lang) {
    let lines: Vec<(&SheetDay, &ShiftTemperature)> =
        sheet.days.iter().flat_map(|day| day.shifts.iter().map(move |shift| (day, shift))).collect();
    let columns = [130.0, 100.0, 90.0, 110.0, 110.0, 110.0].map(Column::exact);
    let texts = [
        (Text::Day, false),
        (Text::Shift, false),
        (Text::Hour, false),
        (Text::Current, true),
        (Text::Lowest, true),
        (Text::Highest, true),
    ];
    ui.spacing_mut().item_spacing.y = 0.0;
    let keys = RowKeys::of(ui, Text::Days.get(lang), lines.len(), |at| {
        let spoken = |(day, shift): &(&SheetDay, &ShiftTemperature)| {
            let [current, low, high] = [shift.current_celsius, shift.min_celsius, shift.max_celsius]
                .map(|measured| celsius(Some(measured), 1));
            let (day, shift) = (day.day.strftime("%d/%m/%Y"), sheet_texts::shift(shift.shift).get(lang));
            format!("{day}, {shift}, {current} ({low} – {high})")
        };
        lines.get(at).map(spoken).unwrap_or_default()
    });
    table(ui, "sheet-days", &columns, &keys)
        .header(ROW_HEIGHT, |mut row| headings(&mut row, &texts, lang))
        .body(|body| {
            body.rows(ROW_HEIGHT, lines.len(), |mut row| {
                let Some((day, shift)) = lines.get(row.index()) else { return };
                let high = |value: f64| sheet.high_celsius.is_some_and(|high| value > high);
                let low = |value: f64| sheet.low_celsius.is_some_and(|low| value < low);
                let tone = |value: f64| (high(value) || low(value)).then_some(Tone::Danger);
                cell(&mut row, &day.day.strftime("%d/%m/%Y").to_string(), None);
                cell(&mut row, sheet_texts::shift(shift.shift).get(lang), None);
                cell(&mut row, &format::time(shift.at, zone), None);
                for measured in [shift.current_celsius, shift.min_celsius, shift.max_celsius] {
                    value(&mut row, &celsius(Some(measured), 1), tone(measured));
                }
                keys.ring(&row);
            });
        });
}

fn excursion_table(ui: &mut Ui, sheet: &TemperatureSheet, zone: &TimeZone, lang: Lang) {
    let columns = [140.0, 140.0, 100.0].map(Column::exact);
    let columns: Vec<Column> = columns.into_iter().chain([Column::remainder()]).collect();
    let texts = [Text::Start, Text::Duration, Text::Peak, Text::Action].map(|text| (text, false));
    ui.spacing_mut().item_spacing.y = 0.0;
    let excursions = Text::Excursions.with(lang, &[("n", &sheet.excursions.len())]);
    let keys = RowKeys::of(ui, &excursions, sheet.excursions.len(), |at| {
        let spoken = |one: &Excursion| {
            let (start, peak) = (format::date_time(one.start, zone), celsius(Some(one.peak_celsius), 1));
            format!("{start}, {}, {peak}", duration(one, lang))
        };
        sheet.excursions.get(at).map(spoken).unwrap_or_default()
    });
    table(ui, "sheet-excursions", &columns, &keys)
        .header(ROW_HEIGHT, |mut row| headings(&mut row, &texts, lang))
        .body(|body| {
            body.rows(ROW_HEIGHT, sheet.excursions.len(), |mut row| {
                let Some(excursion) = sheet.excursions.get(row.index()) else { return };
                cell(&mut row, &format::date_time(excursion.start, zone), None);
                cell(&mut row, &duration(excursion, lang), None);
                let arrow = match excursion.side {
                    BandSide::Low => icons::ARROW_DOWN,
                    BandSide::High => icons::ARROW_UP,
                };
                let peak = format!("{arrow} {}", celsius(Some(excursion.peak_celsius), 1));
                cell(&mut row, &peak, Some(Tone::Danger));
                let taken = notes::taken(excursion, &sheet.annotations, lang);
                match (&taken, &excursion.person_name) {
                    (Some(action), Some(person)) => cell(&mut row, &format!("{action} ({person})"), None),
                    (Some(action), None) => cell(&mut row, action, None),
                    (None, _) => cell(&mut row, Text::Nobody.get(lang), Some(Tone::Attention)),
                }
                keys.ring(&row);
            });
        });
}

fn duration(excursion: &Excursion, lang: Lang) -> String {
    let words = format::duration(lang, excursion.seconds.saturating_mul(SECOND));
    if excursion.end.is_none() { format!("{words}, {}", Text::GoesOn.get(lang)) } else { words }
}
