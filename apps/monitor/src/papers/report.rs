//! A report of sales: its totals, the rows, best first, and how they lie in time.

use jiff::tz::TimeZone;
use tillwatch_desk::files::pdf::{Bar, Column, Paper, Part, Table};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{ReportPoint, ReportRow, ReportRows, ReportStep, SalesReport, average_sale, net};

use super::{fact, foot};
use crate::lists::goods::amount;
use crate::paper_texts::{self, Text};
use crate::report_texts::{self, Text as Words, row_name};
use crate::reports::{under, written};
use crate::texts::Text as Common;

/// The report with its rows, a chart, and its rows over time.
pub fn report(report: &SalesReport, zone: &TimeZone, lang: Lang) -> Paper {
    let what = report_texts::report_kind(report.kind).get(lang);
    let title = match &report.subject {
        Some(subject) => format!("{what}: {subject}"),
        None => what.to_owned(),
    };
    let mut parts = vec![Part::Table(rows(report, lang))];
    if report.rows_left_out > 0 {
        let count = format::integer(report.rows_left_out);
        parts.push(Part::Note(Common::RowsLeftOut.with(lang, &[("n", &count)])));
    }
    if !report.series.is_empty() {
        parts.push(Part::Head(paper_texts::per(report.step).get(lang).to_owned()));
        parts.push(Part::Bars(bars(report, lang)));
        parts.push(Part::Table(series(report, lang)));
    }
    Paper { title, facts: facts(report, lang), parts, foot: foot(report.server_at, zone, lang), lang }
}

fn facts(report: &SalesReport, lang: Lang) -> Vec<(String, String)> {
    let average = average_sale(report.total_cents, report.sales);
    let days = format!("{} – {}", written(report.from), written(report.to));
    let mut facts = vec![
        fact(Text::Period.get(lang), days),
        fact(Common::Total.get(lang), report.total_cents.to_string()),
        fact(Common::SalesCount.get(lang), format::integer(report.sales)),
        fact(Common::Returned.get(lang), report.returned_cents.to_string()),
        fact(Common::Ticket.get(lang), average.map_or_else(|| "–".to_owned(), |cents| cents.to_string())),
        fact(Common::NetOf.get(lang), net(report.total_cents, report.returned_cents).to_string()),
    ];
    if report.partial {
        facts.push(fact(Text::Stores.get(lang), Common::PartialReport.get(lang)));
    }
    facts
}

fn figure_columns(lang: Lang) -> [Column; 5] {
    [Common::SalesCount, Common::Ticket, Common::Total, Common::Returned, Common::NetOf]
        .map(|text| Column::figures(text.get(lang)))
}

fn figures(sales: i64, total: Cents, returned: Cents) -> [String; 5] {
    [
        format::integer(sales),
        average_sale(total, sales).map_or_else(|| "–".to_owned(), |cents| cents.to_string()),
        total.to_string(),
        returned.to_string(),
        net(total, returned).to_string(),
    ]
}

fn rows(report: &SalesReport, lang: Lang) -> Table {
    let kind = report.kind.rows();
    let beside = match kind {
        ReportRows::Stores => Some(Column::words(Common::Chain.get(lang))),
        ReportRows::Products => Some(Column::figures(Words::Quantity.get(lang))),
        ReportRows::Sellers | ReportRows::Methods => None,
    };
    let wide = beside.is_some();
    let mut columns = vec![
        Column::figures(Text::Place.get(lang)),
        Column::words(report_texts::row_heading(report.kind, lang)),
    ];
    columns.extend(beside);
    columns.extend(figure_columns(lang));
    let cells = |(place, row): (usize, &ReportRow)| {
        let mut cells = vec![place.to_string(), row_name(report.kind, row, lang).into_owned()];
        let goods = row.goods.map(|goods| amount(goods.quantity_thousandths, goods.unit));
        cells.extend(wide.then(|| goods.or_else(|| row.chain_name.clone()).unwrap_or_default()));
        cells.extend(figures(row.sales, row.total_cents, row.returned_cents));
        cells
    };
    let mut sum = vec![String::new(), Common::Total.get(lang).to_owned()];
    sum.extend(wide.then(String::new));
    sum.extend(figures(report.sales, report.total_cents, report.returned_cents));
    Table { columns, rows: (1..).zip(&report.rows).map(cells).collect(), sum, by_hand: false }
}

fn bars(report: &SalesReport, lang: Lang) -> Vec<Bar> {
    let bar = |point: &ReportPoint| Bar {
        label: under(point, lang),
        height: point.total_cents.0 as f32,
        value: point.total_cents.to_string(),
    };
    report.series.iter().map(bar).collect()
}

fn series(report: &SalesReport, lang: Lang) -> Table {
    let head = match report.step {
        ReportStep::Day => Common::Day.get(lang),
        ReportStep::Week => Text::Week.get(lang),
        ReportStep::Month => Text::Month.get(lang),
        ReportStep::Weekday => Text::Weekday.get(lang),
        ReportStep::Hour => Text::Hour.get(lang),
    };
    let columns = [Column::words(head)].into_iter().chain(figure_columns(lang)).collect();
    let cells = |point: &ReportPoint| {
        let when = match report.step {
            ReportStep::Day => written(point.from),
            ReportStep::Week | ReportStep::Month => {
                format!("{} – {}", written(point.from), written(point.to))
            }
            ReportStep::Weekday | ReportStep::Hour => under(point, lang),
        };
        let figures = figures(point.sales, point.total_cents, point.returned_cents);
        [when].into_iter().chain(figures).collect()
    };
    let sum = figures(report.sales, report.total_cents, report.returned_cents);
    let sum = [Common::Total.get(lang).to_owned()].into_iter().chain(sum).collect();
    Table { columns, rows: report.series.iter().map(cells).collect(), sum, by_hand: false }
}
