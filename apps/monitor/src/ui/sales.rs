//! Today's sales by store, and the newest of them.

use egui::{Align, CursorIcon, Label, Layout, RichText, Ui, Vec2};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::Cents;
use tillwatch_shared::api::DayTotal;

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, overview, parts, rows};
use crate::input::{LogAct, User};
use crate::livelog::{Filter, KindFilter, What};
use crate::texts::Text;

const ROW_HEIGHT: f32 = 34.0;
const NEWEST: usize = 12;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    let Some(totals) = state.totals.value() else {
        parts::waiting(ui, screen, state.totals.failure(), Text::LoadingTotals);
        return;
    };
    if totals.is_empty() {
        let (title, hint) = (screen.text(Text::NoStores), screen.text(Text::NoStoresHint));
        widgets::empty_state(ui, icons::STOREFRONT, title, hint, None);
        return;
    }
    parts::stale(ui, screen, state.totals.failure(), state.totals.fetched_at());
    let mut totals: Vec<&DayTotal> = totals.iter().collect();
    totals.sort_by(|a, b| b.total_cents.cmp(&a.total_cents).then_with(|| a.store_name.cmp(&b.store_name)));
    if totals.iter().all(|t| t.sales == 0) {
        let (title, hint) = (screen.text(Text::NoSalesYet), screen.text(Text::NoSalesYetHint));
        parts::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(format!("{} {title}", icons::RECEIPT)).font(tokens::body_strong()));
            widgets::weak(ui, hint);
        });
    }
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.set_width(ui.available_width() - 10.0);
        ui.scope(|ui| table(ui, screen, &totals));
        ui.add_space(tokens::SPACE_8);
        newest(ui, screen);
    });
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>, totals: &[&DayTotal]) {
    let sum: Cents = totals.iter().map(|t| t.total_cents).sum();
    let sales: i64 = totals.iter().map(|t| t.sales).sum();
    let narrow = ui.available_width() < 720.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    let total_of = |at: usize| at.checked_sub(1).and_then(|index| totals.get(index));
    let name_of = |at: usize, screen: &Screen<'_>| -> String {
        total_of(at).map_or(screen.text(Text::AllStores).to_owned(), |total| total.store_name.clone())
    };
    let keys = RowKeys::of(ui, screen.text(Text::Sales), totals.len() + 1, |at| name_of(at, screen));
    if let Some(at) = keys.opened() {
        screen.act(overview::show_sales(total_of(at).map(|total| total.store_id)));
    }
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .id_salt("sales")
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, true])
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(100.0).clip(true))
        .column(Column::exact(92.0))
        .column(Column::exact(72.0))
        .column(Column::exact(112.0))
        .column(Column::exact(136.0));
    if !narrow {
        builder = builder.column(Column::exact(190.0));
    }
    let names = [
        (Text::Store, false),
        (Text::Day, false),
        (Text::SalesCount, true),
        (Text::Ticket, true),
        (Text::Total, true),
        (Text::Share, false),
    ];
    builder
        .header(28.0, |mut header| {
            for (name, right) in names.into_iter().take(if narrow { 5 } else { 6 }) {
                header.col(|ui| {
                    if name == Text::Share {
                        ui.add_space(tokens::SPACE_12);
                    }
                    heading(ui, screen.text(name), right);
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, totals.len() + 1, |mut row| {
                // The sum stands above the stores.
                let total = total_of(row.index());
                let line = Line {
                    name: total.map_or(screen.text(Text::AllStores), |t| &t.store_name),
                    day: total.map_or("", |t| &t.business_day),
                    sales: total.map_or(sales, |t| t.sales),
                    total: total.map_or(sum, |t| t.total_cents),
                    sum,
                };
                store_row(&mut row, screen, &line, total.is_none(), narrow);
                keys.ring(&row);
                if row.response().clicked() {
                    screen.act(overview::show_sales(total.map(|t| t.store_id)));
                }
            });
        });
}

struct Line<'a> {
    name: &'a str,
    day: &'a str,
    sales: i64,
    total: Cents,
    sum: Cents,
}

fn heading(ui: &mut Ui, text: &str, right: bool) {
    if right {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| widgets::small_weak(ui, text));
    } else {
        widgets::small_weak(ui, text);
    }
}

fn store_row(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, line: &Line<'_>, strong: bool, narrow: bool) {
    let font = if strong { tokens::body_strong() } else { tokens::body() };
    let average = overview::average(line.total, line.sales);
    let figures = [
        format::integer(line.sales),
        average.map_or_else(|| "–".to_owned(), |a| a.to_string()),
        line.total.to_string(),
    ];
    row.col(|ui| {
        let name = widgets::fit_middle(ui, line.name, &font, ui.available_width()).into_owned();
        ui.add(Label::new(RichText::new(name).font(font.clone())).selectable(false).extend());
    });
    row.col(|ui| {
        widgets::weak(ui, &format::business_day(line.day));
    });
    for figure in &figures {
        row.col(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(figure).font(font.clone())).selectable(false).extend());
            });
        });
    }
    if !narrow {
        row.col(|ui| {
            ui.add_space(tokens::SPACE_12);
            if !strong && line.sum.0 > 0 {
                let share = line.total.0 as f64 / line.sum.0 as f64;
                parts::share_bar(ui, share, Vec2::new(104.0, 8.0));
                let colour = Palette::in_ui(ui).text_weak;
                let words = format!("{} %", format::decimal(share * 100.0, 0));
                ui.label(RichText::new(words).font(tokens::small()).color(colour));
            }
        });
    }
    let label = Text::SeeSales.with(screen.lang(), &[("name", &line.name)]);
    let label = format!("{label}: {}, {}", line.total, line.sales);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
}

fn newest(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    if parts::section(ui, screen.text(Text::SalesOf), Some(screen.text(Text::SeeAll))) {
        screen.act(overview::show_sales(None));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let sales = state
        .log
        .newest(state.log.len())
        .filter(|row| matches!(row.what, What::Sale { .. } | What::Return { .. }));
    for row in sales.take(NEWEST) {
        if rows::short(ui, screen, row) {
            let filter = Filter { kind: KindFilter::Sales, ..Filter::default() };
            screen.act(User::Log(LogAct::Show(filter)));
        }
    }
}
