//! Reports of sales that were never made.

use jiff::ToSpan;
use tillwatch_shared::api::{
    PaymentMethod, ReportCompared, ReportGoods, ReportKind, ReportPoint, ReportRow, ReportRows, ReportStep,
    SalesReport, Unit,
};
use tillwatch_shared::client::{ReportAbout, ReportAsk};
use tillwatch_shared::{Cents, Quantity, UtcMicros};

use super::{PRODUCTS, chain, cycle, store, uuid};

/// Every store sells the same each day, a little less than the one before it.
pub fn report(ask: &ReportAsk, stores: usize, now: UtcMicros) -> SalesReport {
    let (kind, subject) = match ask.about {
        ReportAbout::BestSellers(_) => (ReportKind::BestSellers, None),
        ReportAbout::BestStores(_) => (ReportKind::BestStores, None),
        ReportAbout::Seller(_) => (ReportKind::Seller, Some("Lucas".to_owned())),
        ReportAbout::Store(_) => (ReportKind::Store, Some(store(0).name)),
        ReportAbout::Chain(_) => (ReportKind::Chain, Some(chain().name)),
        ReportAbout::BestProducts(_) => (ReportKind::BestProducts, None),
        ReportAbout::PaymentMethods(_) => (ReportKind::PaymentMethods, None),
    };
    let days = i64::from(ask.from.until(ask.to).map_or(0, |span| span.get_days())) + 1;
    let count = match kind.rows() {
        ReportRows::Products => PRODUCTS.len(),
        ReportRows::Methods => PaymentMethod::ALL.len(),
        ReportRows::Stores | ReportRows::Sellers => stores,
    };
    let rows: Vec<ReportRow> = (0..count)
        .map(|index| {
            let row = report_row(kind, index, days);
            let compared = ask.compare_until.map(|_| compared(row.total_cents, index));
            ReportRow { compared, ..row }
        })
        .collect();
    let total_cents: Cents = rows.iter().map(|row| row.total_cents).sum();
    let sales: i64 = rows.iter().map(|row| row.sales).sum();
    let returns: i64 = rows.iter().map(|row| row.returns).sum();
    let returned_cents: Cents = rows.iter().map(|row| row.returned_cents).sum();
    let (step, parts) = match ask.step {
        Some(step @ ReportStep::Hour) => (step, 24),
        Some(step @ ReportStep::Weekday) => (step, 7),
        Some(ReportStep::Day | ReportStep::Week | ReportStep::Month) | None => (ReportStep::Day, days),
    };
    let series = (0..parts).filter_map(|place| {
        let number = i8::try_from(place).unwrap_or_default();
        let at = ask.from.checked_add(place.days()).ok()?;
        let (from, to) = if step == ReportStep::Day { (at, at) } else { (ask.from, ask.to) };
        let swing = 70 + place * 13 % 60;
        Some(ReportPoint {
            from,
            to,
            weekday: (step == ReportStep::Weekday).then_some(number + 1),
            hour: (step == ReportStep::Hour).then_some(number),
            sales: sales / parts,
            total_cents: Cents(total_cents.0 / parts * swing / 100),
            returns: returns / parts,
            returned_cents: Cents(returned_cents.0 / parts),
        })
    });
    SalesReport {
        kind,
        subject,
        from: ask.from,
        to: ask.to,
        partial: false,
        sales,
        total_cents,
        returns,
        returned_cents,
        series: series.collect(),
        rows,
        rows_left_out: 0,
        step,
        server_at: now,
    }
}

/// One product of each report has no name: what was sold by amount.
fn report_row(kind: ReportKind, index: usize, days: i64) -> ReportRow {
    let place = i64::try_from(index).unwrap_or_default();
    let product = cycle(&PRODUCTS, index + 1).filter(|name| !name.is_empty());
    let (name, chain_name) = match kind.rows() {
        ReportRows::Stores => (store(index).name, Some(chain().name)),
        ReportRows::Sellers => (format!("Pessoa {}", place + 1), None),
        ReportRows::Products => (product.unwrap_or_default().to_owned(), None),
        ReportRows::Methods => (String::new(), None),
    };
    let goods = ReportGoods {
        unit: if index == 1 { Unit::Kg } else { Unit::Un },
        quantity_thousandths: Quantity(days * (40 - place) * 1_000 - place % 3 * 250),
        returned_thousandths: Quantity(days * 1_000),
    };
    let products = kind.rows() == ReportRows::Products;
    let named = kind.rows() != ReportRows::Methods && !(products && product.is_none());
    ReportRow {
        id: named
            .then(|| if kind.rows() == ReportRows::Stores { store(index).id.0 } else { uuid(10, place) }),
        name,
        chain_name,
        method: PaymentMethod::ALL.get(index).copied().filter(|_| kind.rows() == ReportRows::Methods),
        goods: (products && product.is_some()).then_some(goods),
        sales: days * 9,
        total_cents: Cents(days * (123_450 - place * 9_870)),
        returns: days,
        returned_cents: Cents(days * 1_990),
        compared: None,
    }
}

/// More than a week before, less, the same, and nothing before, in turn.
fn compared(total: Cents, index: usize) -> ReportCompared {
    let now_cents = Cents(total.0 / 10 * 9);
    let before_cents = match index % 4 {
        0 => Cents(now_cents.0 * 100 / 108),
        1 => Cents(now_cents.0 * 100 / 93),
        2 => now_cents,
        _ => Cents::ZERO,
    };
    ReportCompared { now_cents, before_cents }
}
