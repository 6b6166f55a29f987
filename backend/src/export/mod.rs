//! Reports as files: tables with typed cells, in the caller's language, written as CSV or XLSX.

mod csv;
mod temperatures;
mod xlsx;

use jiff::civil::Date;
use tillwatch_shared::api::{
    PaymentMethod, ReportGoods, ReportKind, ReportRows, ReportStep, SalesReport, average_sale, net,
};
use tillwatch_shared::{Cents, Quantity, UtcMicros};

use crate::domain::rows::Word;
use crate::language::Language;

pub use csv::write as to_csv;
pub use rust_xlsxwriter::XlsxError;
pub use xlsx::write as to_xlsx;

/// What stands in a cell, so that a program that opens the file can calculate with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Count(i64),
    Money(Cents),
    Date(Date),
    /// A measured value, with so many decimals.
    Decimal(f64, u8),
    Empty,
}

/// One sheet: headings, rows of the same width, and a sum below.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub headings: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
    pub sum: Vec<Cell>,
}

/// A report, ready to be written.
#[derive(Debug)]
pub struct Book {
    /// What it is, about whom and when, in words.
    pub title: String,
    /// What else stands above the rows, each with its label.
    pub notes: Vec<(&'static str, String)>,
    /// By seller, store, product or payment method; of temperatures, by day and shift.
    pub rows: Table,
    /// Over time; of temperatures, the excursions.
    pub series: Table,
    pub made_at: UtcMicros,
    pub language: Language,
}

impl Book {
    pub fn new(report: &SalesReport, language: Language) -> Self {
        Self {
            title: title(report, language),
            notes: Vec::new(),
            rows: rows(report, language),
            series: series(report, language),
            made_at: report.server_at,
            language,
        }
    }
}

fn title(report: &SalesReport, language: Language) -> String {
    let pick = |pt, en| language.pick(pt, en);
    let what = match report.kind {
        ReportKind::BestSellers => pick("Melhores vendedores", "Best sellers"),
        ReportKind::BestStores => pick("Melhores lojas", "Best stores"),
        ReportKind::Seller => pick("Vendedor", "Seller"),
        ReportKind::Store => pick("Loja", "Store"),
        ReportKind::Chain => pick("Rede", "Chain"),
        ReportKind::BestProducts => pick("Produtos mais vendidos", "Best products"),
        ReportKind::PaymentMethods => pick("Formas de pagamento", "Payment methods"),
    };
    let subject = report.subject.as_deref().map_or_else(String::new, |name| format!(" {name}"));
    let to = pick("a", "to");
    format!("{what}{subject}, {} {to} {}", day(report.from, language), day(report.to, language))
}

/// `31/12/2026` in Portuguese, `2026-12-31` in English.
fn day(date: Date, language: Language) -> String {
    match language {
        Language::Portuguese => date.strftime("%d/%m/%Y").to_string(),
        Language::English => date.to_string(),
    }
}

/// Without grouping: `4,2` in Portuguese, `4.2` in English.
fn decimal(value: f64, places: u8, language: Language) -> String {
    format!("{value:.*}", usize::from(places)).replace('.', language.pick(",", "."))
}

fn money(cents: Option<Cents>) -> Cell {
    cents.map_or(Cell::Empty, Cell::Money)
}

fn figures(sales: i64, total: Cents, returned: Cents) -> [Cell; 5] {
    [
        Cell::Count(sales),
        Cell::Money(total),
        money(average_sale(total, sales)),
        Cell::Money(returned),
        Cell::Money(net(total, returned)),
    ]
}

/// What stands over [`figures`].
fn figure_headings(language: Language) -> [&'static str; 5] {
    [
        language.pick("Vendas", "Sales"),
        language.pick("Total (R$)", "Total (R$)"),
        language.pick("Ticket médio (R$)", "Average sale (R$)"),
        language.pick("Devolvido (R$)", "Returned (R$)"),
        language.pick("Líquido (R$)", "Net (R$)"),
    ]
}

fn rows(report: &SalesReport, language: Language) -> Table {
    let pick = |pt, en| language.pick(pt, en);
    let kind = report.kind.rows();
    let (name, sheet) = match kind {
        ReportRows::Stores => (pick("Loja", "Store"), pick("Lojas", "Stores")),
        ReportRows::Sellers => (pick("Vendedor", "Seller"), pick("Vendedores", "Sellers")),
        ReportRows::Products => (pick("Produto", "Product"), pick("Produtos", "Products")),
        ReportRows::Methods => (pick("Forma de pagamento", "Payment method"), pick("Formas", "Methods")),
    };
    let mut headings = vec![pick("Posição", "Place"), name];
    match kind {
        ReportRows::Stores => headings.push(pick("Rede", "Chain")),
        ReportRows::Products => headings.extend(goods_headings(language)),
        ReportRows::Sellers | ReportRows::Methods => {}
    }
    headings.extend(figure_headings(language));
    let mut table = Vec::with_capacity(report.rows.len());
    for (place, row) in (1..).zip(&report.rows) {
        let mut cells = vec![Cell::Count(place), Cell::Text(row.name.clone())];
        match kind {
            ReportRows::Stores => cells.push(Cell::Text(row.chain_name.clone().unwrap_or_default())),
            ReportRows::Products => cells.extend(goods(row.goods)),
            ReportRows::Sellers | ReportRows::Methods => {}
        }
        cells.extend(figures(row.sales, row.total_cents, row.returned_cents));
        table.push(cells);
    }
    let mut sum = vec![Cell::Empty, Cell::Text("Total".to_owned())];
    match kind {
        ReportRows::Stores => sum.push(Cell::Empty),
        // Kilograms and pieces have no sum.
        ReportRows::Products => sum.extend(goods(None)),
        ReportRows::Sellers | ReportRows::Methods => {}
    }
    sum.extend(figures(report.sales, report.total_cents, report.returned_cents));
    Table { name: sheet, headings, rows: table, sum }
}

fn goods_headings(language: Language) -> [&'static str; 3] {
    [
        language.pick("Unidade", "Unit"),
        language.pick("Quantidade", "Quantity"),
        language.pick("Quantidade devolvida", "Quantity returned"),
    ]
}

fn goods(goods: Option<ReportGoods>) -> [Cell; 3] {
    let Some(goods) = goods else { return [Cell::Empty, Cell::Empty, Cell::Empty] };
    let amount = |quantity: Quantity| Cell::Decimal(quantity.0 as f64 / 1000.0, 3);
    [
        Cell::Text(goods.unit.word().to_owned()),
        amount(goods.quantity_thousandths),
        amount(goods.returned_thousandths),
    ]
}

/// Gives words to the rows that have no name of their own.
pub fn name_rows(report: &mut SalesReport, language: Language) {
    let pick = |pt, en| language.pick(pt, en);
    let methods = report.kind.rows() == ReportRows::Methods;
    for row in report.rows.iter_mut().filter(|row| row.id.is_none()) {
        let name = match row.method {
            Some(PaymentMethod::Cash) => pick("Dinheiro", "Cash"),
            Some(PaymentMethod::Pix) => "Pix",
            Some(PaymentMethod::Credit) => pick("Cartão de crédito", "Credit card"),
            Some(PaymentMethod::Debit) => pick("Cartão de débito", "Debit card"),
            Some(PaymentMethod::Account) => pick("Fiado", "On account"),
            None if methods => pick("Forma não informada", "Method not told"),
            None => pick("Sem produto", "Without product"),
        };
        name.clone_into(&mut row.name);
    }
}

fn series(report: &SalesReport, language: Language) -> Table {
    let pick = |pt, en| language.pick(pt, en);
    let (name, mut headings) = match report.step {
        ReportStep::Day => (pick("Por dia", "By day"), in_order(language)),
        ReportStep::Week => (pick("Por semana", "By week"), in_order(language)),
        ReportStep::Month => (pick("Por mês", "By month"), in_order(language)),
        ReportStep::Weekday => (pick("Por dia da semana", "By weekday"), vec![pick("Dia", "Day")]),
        ReportStep::Hour => (pick("Por hora", "By hour"), vec![pick("Hora", "Hour")]),
    };
    headings.extend(figure_headings(language));
    let mut table = Vec::with_capacity(report.series.len());
    for point in &report.series {
        let mut cells = match (point.hour, point.weekday) {
            (Some(hour), _) => vec![Cell::Text(format!("{hour:02}:00"))],
            (None, Some(day)) => vec![Cell::Text(weekday(day, language).to_owned())],
            (None, None) => vec![Cell::Date(point.from), Cell::Date(point.to)],
        };
        cells.extend(figures(point.sales, point.total_cents, point.returned_cents));
        table.push(cells);
    }
    let mut sum = match report.step {
        ReportStep::Day | ReportStep::Week | ReportStep::Month => {
            vec![Cell::Date(report.from), Cell::Date(report.to)]
        }
        ReportStep::Weekday | ReportStep::Hour => vec![Cell::Text("Total".to_owned())],
    };
    sum.extend(figures(report.sales, report.total_cents, report.returned_cents));
    Table { name, headings, rows: table, sum }
}

fn in_order(language: Language) -> Vec<&'static str> {
    vec![language.pick("De", "From"), language.pick("Até", "To")]
}

/// 1 is Monday.
fn weekday(day: i8, language: Language) -> &'static str {
    match day {
        1 => language.pick("segunda-feira", "Monday"),
        2 => language.pick("terça-feira", "Tuesday"),
        3 => language.pick("quarta-feira", "Wednesday"),
        4 => language.pick("quinta-feira", "Thursday"),
        5 => language.pick("sexta-feira", "Friday"),
        6 => language.pick("sábado", "Saturday"),
        _ => language.pick("domingo", "Sunday"),
    }
}
