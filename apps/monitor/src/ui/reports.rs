//! Reports: what is asked above, then figures, a chart over time, and a table, best first.

use egui::{Align, ComboBox, Label, Layout, RichText, Ui, Vec2};
use egui_extras::{Column, TableBuilder};
use egui_plot::{AxisHints, Bar, BarChart, GridMark};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{
    ReportKind, ReportRow, ReportRows, ReportStep, Role, SalesReport, average_sale, net,
};
use tillwatch_shared::client::ReportFile;

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, filter, parts, plots};
use crate::asking_texts::Text as Asking;
use crate::input::User;
use crate::lists::goods::amount;
use crate::report_texts::{self, Text as Words, row_heading, row_name};
use crate::reports::{Period, ReportAct, parse_day, under, written};
use crate::texts::{self, Text};
use crate::update::reports::{question, today};

const ROW_HEIGHT: f32 = 32.0;
const CHART_HEIGHT: f32 = 190.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.set_width(ui.available_width() - 10.0);
        choices(ui, screen);
        ui.add_space(tokens::SPACE_8);
        body(ui, screen);
    });
}

fn act(screen: &mut Screen<'_>, act: ReportAct) {
    screen.act(User::Report(act));
}

fn is_seller(screen: &Screen<'_>) -> bool {
    screen.state.signed_in.as_ref().is_some_and(|s| s.person.role == Role::Seller)
}

fn choices(ui: &mut Ui, screen: &mut Screen<'_>) {
    let seller = is_seller(screen);
    let kind = screen.state.reports.kind(seller);
    let narrow = ui.available_width() < 720.0;
    ui.horizontal_wrapped(|ui| {
        if !seller {
            kind_choice(ui, screen, kind);
            subject_choice(ui, screen, kind);
        }
        if !narrow {
            save_buttons(ui, screen);
        }
    });
    if narrow {
        ui.horizontal_wrapped(|ui| save_buttons(ui, screen));
    }
    ui.horizontal_wrapped(|ui| {
        let lang = screen.lang();
        let options = Period::ALL.map(|period| (period, texts::period(period).get(lang)));
        for option in options {
            if let Some(period) = widgets::segmented(ui, Some(screen.state.reports.period), &[option], None) {
                act(screen, ReportAct::Period(period));
            }
        }
        if screen.state.reports.period == Period::Own {
            own_period(ui, screen);
        }
        waited_for(ui, screen);
    });
}

/// A report that takes long says so beside what was asked, and can be stopped.
fn waited_for(ui: &mut Ui, screen: &mut Screen<'_>) {
    let (reports, lang) = (&screen.state.reports, screen.lang());
    if reports.report.is_loading() {
        let Some(seconds) = reports.wait.seconds(screen.now) else { return };
        widgets::loading(ui, &Asking::Adding.with(lang, &[("n", &seconds)]));
        if widgets::secondary_button(ui, Asking::Stop.get(lang), None, ButtonSize::Normal, true).clicked() {
            act(screen, ReportAct::Stop);
        }
    } else if reports.wait.stopped && reports.report.value().is_some() {
        widgets::weak(ui, Asking::Stopped.get(lang));
        if widgets::secondary_button(ui, Asking::Again.get(lang), None, ButtonSize::Normal, true).clicked() {
            act(screen, ReportAct::Again);
        }
    }
}

fn kind_choice(ui: &mut Ui, screen: &mut Screen<'_>, kind: ReportKind) {
    let lang = screen.lang();
    let name = report_texts::report_kind(kind).get(lang);
    let kinds = [
        ReportKind::BestSellers,
        ReportKind::BestStores,
        ReportKind::BestProducts,
        ReportKind::PaymentMethods,
        ReportKind::Seller,
        ReportKind::Store,
        ReportKind::Chain,
    ];
    let answer = ComboBox::from_id_salt("report-kind").width(180.0).selected_text(name).show_ui(ui, |ui| {
        kinds
            .into_iter()
            .find(|k| ui.selectable_label(*k == kind, report_texts::report_kind(*k).get(lang)).clicked())
    });
    answer.response.accessible_name(format!("{}: {name}", screen.text(Text::Report)));
    if let Some(kind) = answer.inner.flatten() {
        act(screen, ReportAct::Kind(kind));
    }
}

fn subject_choice(ui: &mut Ui, screen: &mut Screen<'_>, kind: ReportKind) {
    let state = screen.state;
    let reports = &state.reports;
    match kind {
        ReportKind::BestStores => {}
        ReportKind::BestSellers | ReportKind::BestProducts | ReportKind::PaymentMethods => {
            if let Some(choice) = filter::store_choice(ui, screen, reports.store) {
                act(screen, ReportAct::Store(choice.store()));
            }
        }
        ReportKind::Store => {
            let options: Vec<_> = state.stores().iter().map(|s| (s.id, s.name.as_str())).collect();
            let chosen = reports.store.or_else(|| options.first().map(|(id, _)| *id));
            if let Some(id) = parts::one_of(ui, "report-subject", screen.text(Text::Store), chosen, &options)
            {
                act(screen, ReportAct::Store(Some(id)));
            }
        }
        ReportKind::Seller => {
            let people = reports.people.value().map_or(&[][..], Vec::as_slice);
            let options: Vec<_> = people.iter().map(|p| (p.id, p.name.as_str())).collect();
            let chosen = reports.seller.or_else(|| reports.first_person());
            if let Some(id) =
                parts::one_of(ui, "report-subject", screen.text(Text::SellerName), chosen, &options)
            {
                act(screen, ReportAct::Seller(id));
            }
        }
        ReportKind::Chain => {
            let chains = reports.chains.value().map_or(&[][..], Vec::as_slice);
            let options: Vec<_> = chains.iter().map(|c| (c.id, c.name.as_str())).collect();
            let chosen = reports.chain.or_else(|| reports.first_chain());
            if let Some(id) = parts::one_of(ui, "report-subject", screen.text(Text::Chain), chosen, &options)
            {
                act(screen, ReportAct::Chain(id));
            }
        }
    }
}

fn own_period(ui: &mut Ui, screen: &mut Screen<'_>) {
    let reports = &screen.state.reports;
    let (from, to) = (reports.own_from.clone(), reports.own_to.clone());
    let crossed = reports.days(today(screen.state, screen.now)).is_none();
    let fields = [(Text::FromDay, from, true), (Text::ToDay, to, false)];
    for (label, text, first) in fields {
        let bad = parse_day(&text).is_none() || crossed;
        let mut edited = text.clone();
        let palette = Palette::in_ui(ui);
        let edit = egui::TextEdit::singleline(&mut edited)
            .hint_text("31/12/2026")
            .char_limit(10)
            .align(egui::Align2::LEFT_CENTER)
            .text_color(if bad { palette.danger } else { palette.text })
            .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT))
            .desired_width(92.0);
        ui.add(edit).accessible_name(screen.text(label));
        if edited != text {
            act(screen, if first { ReportAct::From(edited) } else { ReportAct::To(edited) });
        }
    }
    if crossed {
        let words = format!("{} {}", icons::WARNING_CIRCLE, screen.text(Text::BadPeriod));
        ui.label(RichText::new(words).color(Palette::in_ui(ui).danger));
    }
}

fn save_buttons(ui: &mut Ui, screen: &mut Screen<'_>) {
    let ready = screen.state.reports.report.value().is_some() && screen.state.saving.is_none();
    for (file, text) in [(ReportFile::Csv, Text::SaveCsv), (ReportFile::Xlsx, Text::SaveXlsx)] {
        let name = screen.text(text);
        if parts::save_button(ui, name, name, ready) {
            act(screen, ReportAct::Save(file));
        }
    }
    if parts::pdf_button(ui, screen, ready) {
        act(screen, ReportAct::SavePdf);
    }
}

fn body(ui: &mut Ui, screen: &mut Screen<'_>) {
    let remote = &screen.state.reports.report;
    let Some(report) = remote.value() else {
        if question(screen.state, screen.now).is_none() && screen.state.reports.period == Period::Own {
            return;
        }
        if screen.state.reports.wait.stopped {
            let [title, hint, again] =
                [Asking::Stopped, Asking::StoppedHint, Asking::Again].map(|text| text.get(screen.lang()));
            let call = widgets::Call { text: again, key: None };
            if widgets::empty_state(ui, icons::CHART_BAR, title, hint, Some(call)) {
                act(screen, ReportAct::Again);
            }
            return;
        }
        let failure = remote.failure().or(screen.state.reports.people.failure());
        parts::waiting(ui, screen, failure, Text::LoadingReport);
        return;
    };
    parts::stale(ui, screen, remote.failure(), remote.fetched_at());
    summary(ui, screen, report);
    if report.sales == 0 {
        let (title, hint) = (screen.text(Text::NothingSold), screen.text(Text::NothingSoldHint));
        widgets::empty_state(ui, icons::CHART_BAR, title, hint, None);
        return;
    }
    steps(ui, screen);
    chart(ui, screen, report);
    ui.add_space(tokens::SPACE_8);
    ui.scope(|ui| table(ui, screen, report));
    if report.rows_left_out > 0 {
        let count = format::integer(report.rows_left_out);
        widgets::weak(ui, &Text::RowsLeftOut.with(screen.lang(), &[("n", &count)]));
    }
}

/// Whom, when, how much.
fn summary(ui: &mut Ui, screen: &Screen<'_>, report: &SalesReport) {
    let lang = screen.lang();
    let subject =
        report.subject.as_deref().unwrap_or_else(|| report_texts::report_kind(report.kind).get(lang));
    let average = average_sale(report.total_cents, report.sales);
    ui.horizontal_wrapped(|ui| {
        let room = (ui.available_width() * 0.5).max(160.0);
        let name = widgets::fit_middle(ui, subject, &tokens::strong(), room).into_owned();
        ui.label(RichText::new(name).font(tokens::strong()));
        widgets::weak(ui, &format!("{} – {}", written(report.from), written(report.to)));
        ui.label(RichText::new(report.total_cents.to_string()).font(tokens::title()));
        let sales = format::integer(report.sales);
        let mut words = Text::CountSales.with(lang, &[("n", &sales)]);
        if let Some(average) = average {
            words = format!("{words} · {} {average}", screen.text(Text::Ticket));
        }
        if report.returned_cents != Cents::ZERO {
            let left = net(report.total_cents, report.returned_cents);
            let (back, of) = (screen.text(Text::Returned), screen.text(Text::NetOf));
            words = format!("{words} · {back} {} · {of} {left}", report.returned_cents);
        }
        // Goes to the next line as a whole.
        ui.add(Label::new(RichText::new(words).color(Palette::in_ui(ui).text_weak)).extend());
        if report.partial {
            widgets::weak(ui, screen.text(Text::PartialReport));
        }
    });
}

/// How the chart cuts the period.
fn steps(ui: &mut Ui, screen: &mut Screen<'_>) {
    let options = [
        (None, Text::OverTime),
        (Some(ReportStep::Weekday), Text::ByWeekday),
        (Some(ReportStep::Hour), Text::ByHour),
    ]
    .map(|(step, text)| (step, screen.text(text)));
    if let Some(step) = widgets::segmented(ui, Some(screen.state.reports.step), &options, None) {
        act(screen, ReportAct::Step(step));
    }
}

fn chart(ui: &mut Ui, screen: &Screen<'_>, report: &SalesReport) {
    let palette = Palette::in_ui(ui);
    let bars: Vec<Bar> = report
        .series
        .iter()
        .enumerate()
        .map(|(place, point)| Bar::new(place as f64, point.total_cents.0 as f64 / 100.0).width(0.72))
        .collect();
    let labels: Vec<String> = report.series.iter().map(|point| under(point, screen.lang())).collect();
    let name =
        Text::ChartOf.with(screen.lang(), &[("total", &report.total_cents), ("n", &report.series.len())]);
    let count = bars.len();
    let x_axis = AxisHints::new_x().formatter(move |mark: GridMark, _: &_| label_at(&labels, mark.value));
    let response = plots::bars(ui, "report-chart", (CHART_HEIGHT, 70.0), x_axis, count)
        .show(ui, |plot| plot.bar_chart(BarChart::new("sales", bars).color(palette.accent)))
        .response;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
}

/// What stands under the bar at this place; nothing between the bars.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
fn label_at(labels: &[String], value: f64) -> String {
    let place = value.round();
    let on_a_bar = (value - place).abs() < 0.01 && place >= 0.0;
    on_a_bar.then(|| labels.get(place as usize).cloned()).flatten().unwrap_or_default()
}

/// The column of the share, which stands clear of the figures before it.
const SHARE: usize = 7;

fn table(ui: &mut Ui, screen: &mut Screen<'_>, report: &SalesReport) {
    let lang = screen.lang();
    let products = report.kind.rows() == ReportRows::Products;
    let headings = [
        ("", false),
        (row_heading(report.kind, lang), false),
        (screen.text(Text::SalesCount), true),
        (if products { Words::Quantity.get(lang) } else { screen.text(Text::Ticket) }, true),
        (screen.text(Text::Total), true),
        (screen.text(Text::Returned), true),
        (screen.text(Text::NetOf), true),
        (screen.text(Text::Share), false),
    ];
    let narrow = ui.available_width() < 860.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    let spoken = |place: usize| -> String {
        let told = report.rows.get(place).map(|sold| (row_name(report.kind, sold, lang), sold.total_cents));
        told.map(|(name, total)| format!("{}. {name}: {total}", place + 1)).unwrap_or_default()
    };
    let keys = RowKeys::of(ui, row_heading(report.kind, lang), report.rows.len(), spoken);
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .id_salt("report-rows")
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, true])
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(34.0))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(Column::exact(72.0))
        .column(Column::exact(112.0))
        .column(Column::exact(136.0));
    if !narrow {
        for width in [112.0, 128.0, 160.0] {
            builder = builder.column(Column::exact(width));
        }
    }
    let columns = if narrow { 5 } else { 8 };
    builder
        .header(26.0, |mut header| {
            for (place, (text, right)) in headings.into_iter().take(columns).enumerate() {
                header.col(|ui| {
                    if place == SHARE {
                        ui.add_space(tokens::SPACE_12);
                    }
                    let (to_left, to_right) = (Layout::right_to_left, Layout::left_to_right);
                    let layout = if right { to_left(Align::Center) } else { to_right(Align::Center) };
                    ui.with_layout(layout, |ui| widgets::small_weak(ui, text));
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, report.rows.len(), |mut row| {
                let place = row.index();
                let Some(sold) = report.rows.get(place) else { return };
                row.col(|ui| {
                    widgets::weak(ui, &format!("{}.", place + 1));
                });
                row.col(|ui| {
                    let font = if place == 0 { tokens::body_strong() } else { tokens::body() };
                    let own = row_name(report.kind, sold, lang);
                    let name = match &sold.chain_name {
                        Some(chain) => format!("{own} · {chain}").into(),
                        None => own,
                    };
                    let name = widgets::fit_middle(ui, &name, &font, ui.available_width()).into_owned();
                    ui.add(Label::new(RichText::new(name).font(font)).selectable(false).extend());
                });
                let figures = figures(sold, products);
                for figure in figures.into_iter().take(columns - 2) {
                    row.col(|ui| {
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            ui.add(Label::new(figure).selectable(false).extend());
                        });
                    });
                }
                if !narrow {
                    row.col(|ui| {
                        ui.add_space(tokens::SPACE_12);
                        let share = sold.total_cents.0 as f64 / report.total_cents.0.max(1) as f64;
                        parts::share_bar(ui, share, Vec2::new(90.0, 8.0));
                        widgets::small_weak(ui, &format!("{} %", format::decimal(share * 100.0, 0)));
                    });
                }
                let label = spoken(place);
                let response = row.response();
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Row, true, &label));
                keys.ring(&row);
            });
        });
}

/// What stands in the columns of a row: the quantity of a product beside its amount, else the average sale.
fn figures(sold: &ReportRow, products: bool) -> [String; 5] {
    let beside = if products {
        sold.goods.map(|goods| amount(goods.quantity_thousandths, goods.unit))
    } else {
        average_sale(sold.total_cents, sold.sales).map(|cents| cents.to_string())
    };
    [
        format::integer(sold.sales),
        beside.unwrap_or_else(|| "–".to_owned()),
        sold.total_cents.to_string(),
        sold.returned_cents.to_string(),
        net(sold.total_cents, sold.returned_cents).to_string(),
    ]
}
