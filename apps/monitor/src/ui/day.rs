//! How the day goes: the hours beside those of a week before, who sells, and what needs somebody.

use egui::{Align2, CursorIcon, ScrollArea, Sense, Ui, Vec2};
use egui_plot::{AxisHints, Bar, BarChart, GridMark, Line, PlotPoints};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::api::{AlarmKind, ReportCompared, ReportKind, ReportPoint, ReportStep, SalesReport};

use super::against::Against;
use super::{Screen, parts, plots, rows};
use crate::alarm_texts;
use crate::input::{User, ViewAct};
use crate::keeping_texts::Text as Keeping;
use crate::lists::{Filter as ListFilter, ListAct, Topic};
use crate::livelog::{Filter, KindFilter};
use crate::reports::{Period, ReportAct};
use crate::state::{Health, Page};
use crate::stock::{Sort, StockFilter};
use crate::terminals;
use crate::texts::Text;
use crate::update::keeping::may_back_up;
use crate::update::lists::{alarms, expiring, on_the_way};

pub const CHART_HEIGHT: f32 = 168.0;
/// Alarms and sensors that are named one by one.
const NAMED: usize = 5;

/// `▲ 8 % em 7 dias`: the hours that are through against the same hours of the same weekday before.
pub fn than_before(screen: &Screen<'_>) -> String {
    let state = screen.state;
    let hour = state.server_now(screen.now).timestamp().to_zoned(state.zone(None)).hour();
    let Some(more) = state.day.progress(hour).and_then(ReportCompared::per_cent) else {
        return String::new();
    };
    let sign = match more {
        0 => "=",
        ..0 => icons::CARET_DOWN,
        1.. => icons::CARET_UP,
    };
    Text::ThanWeekBefore.with(screen.lang(), &[("sign", &sign), ("n", &more.abs())])
}

/// Today's hours as bars, the same weekday before as a line.
pub fn hours(ui: &mut Ui, screen: &mut Screen<'_>) {
    let day = &screen.state.day;
    let than = than_before(screen);
    let title = screen.text(Text::SalesByHour);
    let title = if than.is_empty() { title.to_owned() } else { format!("{title} · {than}") };
    if parts::section(ui, &title, Some(screen.text(Text::SeeAll))) {
        report_of_today(screen, ReportKind::BestStores, Some(ReportStep::Hour));
    }
    let Some(report) = day.today.value() else {
        match day.today.failure() {
            Some(failure) => {
                widgets::weak(ui, &tillwatch_desk::failure::what(failure, screen.lang()));
            }
            None => {
                widgets::loading(ui, screen.text(Text::LoadingTotals));
            }
        }
        return;
    };
    let palette = Palette::in_ui(ui);
    let reais = |point: &ReportPoint| point.total_cents.0 as f64 / 100.0;
    let place = |point: &ReportPoint| f64::from(point.hour.unwrap_or_default());
    let bars = report.series.iter().map(|point| Bar::new(place(point), reais(point)).width(0.72)).collect();
    let line: Vec<[f64; 2]> = day
        .before
        .value()
        .map(|before| before.series.iter().map(|point| [place(point), reais(point)]).collect())
        .unwrap_or_default();
    let x_axis = AxisHints::new_x().formatter(|mark: GridMark, _: &_| {
        let whole = mark.value.fract().abs() < 0.01 && (0.0..24.0).contains(&mark.value);
        if whole { format!("{}h", mark.value) } else { String::new() }
    });
    let response = plots::bars(ui, "day-chart", (CHART_HEIGHT, 60.0), x_axis, 24)
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("today", bars).color(palette.accent));
            plot.line(Line::new("before", PlotPoints::from(line)).color(palette.text_weak).width(1.5));
        })
        .response;
    let before = day.before.value().map(|before| before.total_cents).unwrap_or_default();
    let label = Text::HoursSpoken.with(screen.lang(), &[("today", &report.total_cents), ("before", &before)]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &label));
}

/// The report behind a figure of today.
fn report_of_today(screen: &mut Screen<'_>, kind: ReportKind, step: Option<ReportStep>) {
    screen.act(User::Open(Page::Reports));
    for act in [ReportAct::Kind(kind), ReportAct::Period(Period::Today), ReportAct::Step(step)] {
        screen.act(User::Report(act));
    }
}

/// Who sold most today.
pub fn sellers(ui: &mut Ui, screen: &mut Screen<'_>) {
    if parts::section(ui, screen.text(Text::BySeller), Some(screen.text(Text::SeeAll))) {
        report_of_today(screen, ReportKind::BestSellers, None);
    }
    ui.add_space(tokens::SPACE_8);
    let held = &screen.state.day.sellers;
    let Some(report) = held.value() else {
        match held.failure() {
            Some(failure) => {
                widgets::weak(ui, &tillwatch_desk::failure::what(failure, screen.lang()));
            }
            None => {
                widgets::loading(ui, screen.text(Text::LoadingTotals));
            }
        }
        return;
    };
    if report.rows.is_empty() {
        widgets::weak(ui, screen.text(Text::NoSalesYet));
        return;
    }
    let mut chosen = None;
    ScrollArea::vertical().id_salt("by-seller").auto_shrink([false, false]).show(ui, |ui| {
        for row in &report.rows {
            if seller_row(ui, screen, report, row) {
                chosen = Some(row.name.clone());
            }
        }
    });
    if chosen.is_some() {
        let filter = Filter { kind: KindFilter::Sales, person: chosen, ..Filter::default() };
        screen.act(User::Log(crate::input::LogAct::Show(filter)));
    }
}

fn seller_row(
    ui: &mut Ui,
    screen: &Screen<'_>,
    report: &SalesReport,
    row: &tillwatch_shared::api::ReportRow,
) -> bool {
    let day = &screen.state.day;
    let most = report.rows.first().map_or(1, |first| first.total_cents.0.max(1));
    let share = row.total_cents.0.max(0) as f64 / most as f64;
    let line = parts::ShareLine {
        name: &row.name,
        count: Text::CountSales.with(screen.lang(), &[("n", &format::integer(row.sales))]),
        amount: row.total_cents.to_string(),
        share,
        against: row
            .id
            .and_then(|id| day.compared(&day.sellers, id))
            .map(|known| Against::new(known, screen.lang())),
        label: Text::SeeSales.with(screen.lang(), &[("name", &row.name)]),
    };
    line.show(ui, rows::SHORT_ROW)
}

/// One thing that needs somebody, and where it leads.
struct Need {
    tone: Tone,
    words: String,
    leads_to: Vec<User>,
}

/// What needs somebody, the worst first. A shop where all is well says so.
pub fn needs(ui: &mut Ui, screen: &mut Screen<'_>) {
    if parts::section(ui, screen.text(Text::NeedsSomebody), Some(screen.text(Text::SeeAll))) {
        screen.act(User::Open(Page::Alarms));
    }
    ui.add_space(tokens::SPACE_8);
    let all = gather(screen);
    if all.is_empty() {
        let words = format!("{} {}", icons::CHECK_CIRCLE, screen.text(Text::AllIsWell));
        widgets::weak(ui, &words);
        return;
    }
    ScrollArea::vertical().id_salt("needs").auto_shrink([false, false]).show(ui, |ui| {
        for need in all {
            if need_row(ui, &need) {
                need.leads_to.into_iter().for_each(|act| screen.act(act));
            }
        }
    });
}

fn need_row(ui: &mut Ui, need: &Need) -> bool {
    let palette = Palette::in_ui(ui);
    let size = Vec2::new(ui.available_width() - 8.0, 30.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.expand2(Vec2::new(4.0, 0.0)), 4.0, palette.hover);
    }
    let dot = rect.left_center() + Vec2::new(7.0, 0.0);
    ui.painter().add(widgets::tone_shape(need.tone, dot, 5.0, palette));
    let words = widgets::fit_middle(ui, &need.words, &tokens::body(), rect.width() - 28.0);
    let at = rect.left_center() + Vec2::new(22.0, 0.0);
    ui.painter().text(at, Align2::LEFT_CENTER, words, tokens::body(), palette.text);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &need.words));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

fn gather(screen: &Screen<'_>) -> Vec<Need> {
    let mut all = open_alarms(screen);
    all.extend(doubtful_backup(screen));
    all.extend(sensors(screen));
    all.extend(servers(screen));
    all.extend(tills(screen));
    all.extend(goods(screen));
    all
}

fn open_alarms(screen: &Screen<'_>) -> Vec<Need> {
    let (state, lang) = (screen.state, screen.lang());
    let server_now = state.server_now(screen.now);
    let mut open: Vec<_> =
        alarms(state).filter(|alarm| alarm.acknowledgement.is_none() && !alarm.quiet).collect();
    open.sort_by_key(|alarm| (std::cmp::Reverse(alarm.severity), alarm.began_at));
    let need = |alarm: &&tillwatch_shared::api::Alarm| Need {
        tone: match alarm.severity {
            tillwatch_shared::api::Severity::Critical => Tone::Danger,
            tillwatch_shared::api::Severity::Warning => Tone::Attention,
            tillwatch_shared::api::Severity::Notice => Tone::Info,
        },
        words: format!(
            "{} · {} · {}",
            alarm.name,
            alarm_texts::kind(alarm.kind).get(lang),
            format::age(lang, server_now.since(alarm.began_at))
        ),
        leads_to: vec![
            User::List(ListAct::Show(Topic::Alarms, ListFilter::default())),
            User::List(ListAct::Open(Topic::Alarms, alarm.id.to_string())),
        ],
    };
    let mut needs: Vec<Need> = open.iter().take(NAMED).map(need).collect();
    let quiet_or_seen = alarms(state).count() - open.len();
    for (text, count) in
        [(Text::MoreAlarms, open.len().saturating_sub(NAMED)), (Text::SeenAlarms, quiet_or_seen)]
    {
        if count > 0 {
            let leads_to = vec![User::List(ListAct::Show(Topic::Alarms, ListFilter::default()))];
            needs.push(Need { tone: Tone::Info, words: text.with(lang, &[("n", &count)]), leads_to });
        }
    }
    needs
}

/// A backup that cannot be restored is none. An open alarm tells it already.
fn doubtful_backup(screen: &Screen<'_>) -> Option<Need> {
    let alarm_tells = alarms(screen.state).any(|alarm| alarm.kind == AlarmKind::BackupFailed);
    screen.state.keeping.doubtful().filter(|_| may_back_up(screen.state) && !alarm_tells)?;
    let words = Keeping::Doubtful.get(screen.lang()).to_owned();
    Some(Need { tone: Tone::Danger, words, leads_to: vec![User::Open(Page::Settings)] })
}

/// Sensors in trouble that no alarm names.
fn sensors(screen: &Screen<'_>) -> Vec<Need> {
    let (state, lang) = (screen.state, screen.lang());
    let server_now = state.server_now(screen.now);
    let named: Vec<&str> = alarms(state).map(|alarm| alarm.name.as_str()).collect();
    let troubled = state.sensors().iter().filter(|sensor| !named.contains(&sensor.name.as_str()));
    let troubled = troubled.map(|sensor| (sensor, Health::of(sensor, server_now)));
    let need = |(sensor, health): (&tillwatch_shared::api::Sensor, Health)| Need {
        tone: parts::health_tone(health),
        words: format!("{} · {}", sensor.name, parts::health_words(sensor, health, lang, server_now)),
        leads_to: vec![User::View(ViewAct::Sensor(Some(sensor.id.clone())))],
    };
    troubled.filter(|(_, health)| health.needs_somebody()).take(NAMED).map(need).collect()
}

/// Servers of the group that are away, behind or otherwise not as they should be.
fn servers(screen: &Screen<'_>) -> Vec<Need> {
    let troubles = screen.state.servers.troubles().into_iter().take(NAMED);
    let need = |trouble| {
        let (tone, words) = super::servers::need(trouble, screen.lang());
        Need { tone, words, leads_to: vec![User::Open(Page::Servers)] }
    };
    troubles.map(need).collect()
}

/// Tills with which there is no contact although there should be, and that no alarm names.
fn tills(screen: &Screen<'_>) -> Option<Need> {
    let state = screen.state;
    let list = state.terminals.list.value()?;
    let named: Vec<&str> = alarms(state).map(|alarm| alarm.name.as_str()).collect();
    let missed = terminals::out_of_contact(list);
    let missed: Vec<_> = missed.filter(|terminal| !named.contains(&terminal.client.as_str())).collect();
    let first = missed.first()?;
    let words = if missed.len() == 1 {
        let age = format::age(screen.lang(), state.server_now(screen.now).since(first.last_contact_at));
        Text::TillSilent.with(screen.lang(), &[("name", &first.client), ("age", &age)])
    } else {
        Text::TillsSilent.with(screen.lang(), &[("n", &missed.len())])
    };
    Some(Need { tone: Tone::Attention, words, leads_to: vec![User::Open(Page::Terminals)] })
}

/// What has expired, what is low, what is on its way between stores, and what waits in files.
fn goods(screen: &Screen<'_>) -> Vec<Need> {
    let (state, lang) = (screen.state, screen.lang());
    let mut all = Vec::new();
    let lots =
        |choice| vec![User::List(ListAct::Show(Topic::Lots, ListFilter { choice, ..ListFilter::default() }))];
    if let Some((expired, soon)) = expiring(state) {
        if expired > 0 {
            let words = Text::LotsExpired.with(lang, &[("n", &expired)]);
            all.push(Need { tone: Tone::Danger, words, leads_to: lots(1) });
        }
        if soon > 0 {
            let words = Text::LotsExpiring.with(lang, &[("n", &soon)]);
            all.push(Need { tone: Tone::Attention, words, leads_to: lots(2) });
        }
    }
    if state.stock.low() > 0 {
        let words = Text::ProductsLow.with(lang, &[("n", &state.stock.low())]);
        let filter = StockFilter { low_only: true, sort: Sort::Shortage, ..StockFilter::default() };
        all.push(Need { tone: Tone::Attention, words, leads_to: vec![User::ShowStock(filter)] });
    }
    if let Some(count) = on_the_way(state).filter(|count| *count > 0) {
        let text = if count == 1 { Text::TransferOnTheWay } else { Text::TransfersOnTheWay };
        let words = text.with(lang, &[("n", &count)]);
        let filter = ListFilter { choice: 1, ..ListFilter::default() };
        let leads_to = vec![User::List(ListAct::Show(Topic::Transfers, filter))];
        all.push(Need { tone: Tone::Info, words, leads_to });
    }
    if state.feeds.needing() > 0 {
        let words = Text::FilesNeed.with(lang, &[("n", &state.feeds.needing())]);
        all.push(Need { tone: Tone::Attention, words, leads_to: vec![User::Open(Page::Feeds)] });
    }
    all
}
