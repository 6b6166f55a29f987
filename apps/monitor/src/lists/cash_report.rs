//! The report of a cash session: what was sold, what should lie in the drawer, and what was counted.

use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{CashClosing, CashMovementKind, CashReport, CashSessionReport};
use tillwatch_shared::{Cents, StoreId};

use super::detail::Writer;
use super::money::difference_tone;
use crate::lists_texts::Text;
use crate::texts;

pub fn session(writer: &mut Writer<'_>, known: &CashSessionReport) {
    let context = writer.context;
    let report = &known.report;
    let store = known.session.store_id;
    let kind = if report.closing.is_some() { Text::ReportZ } else { Text::ReportX };
    writer.note(context.text(kind));
    writer.row(Text::Store, report.store_name.as_str());
    writer.row(Text::Till, report.till.as_str());
    let opened = context.when(report.opened_at, store).text;
    writer.row(Text::OpenedAt, format!("{opened} · {}", report.opened_by_name));
    if let Some(closing) = &report.closing {
        let closed = context.when(closing.closed_at, store).text;
        writer.row(Text::ClosedAt, format!("{closed} · {}", closing.closed_by_name));
        if let Some(reason) = &closing.reason {
            writer.row(Text::Reason, reason.as_str());
        }
    }
    sold(writer, report);
    drawer(writer, report);
    if let Some(closing) = &report.closing {
        closed(writer, closing);
    }
    movements(writer, report, store);
    sellers_and_hours(writer, report);
    if let Some(late) = &known.late {
        writer.head(Text::CameLate);
        writer.note(context.text(Text::CameLateHint));
        writer.row(Text::Sales, format::integer(late.sales));
        writer.row(Text::Total, late.total_cents.to_string());
        writer.row(Text::CashOfIt, late.cash_cents.to_string());
    }
}

fn sold(writer: &mut Writer<'_>, report: &CashReport) {
    let context = writer.context;
    writer.head(Text::Sold);
    let counted = |n: i64, cents: Cents| format!("{} · {cents}", format::integer(n));
    writer.row(Text::Sales, counted(report.sales, report.total_cents));
    for (text, amount) in [(Text::Discounts, report.discount_cents), (Text::DebtsPaid, report.debts_cents)] {
        if amount != Cents::ZERO {
            writer.row(text, amount.to_string());
        }
    }
    for (text, n, amount) in [
        (Text::Returns, report.returns, report.returned_cents),
        (Text::Voids, report.voids, report.voided_cents),
    ] {
        if n > 0 {
            writer.row(text, counted(n, amount));
        }
    }
    for method in &report.methods {
        let name = texts::payment(method.method).get(context.lang);
        let back = (method.refunded_cents != Cents::ZERO)
            .then(|| Text::RefundedOf.with(context.lang, &[("amount", &method.refunded_cents)]));
        writer.noted(name, back, counted(method.payments, method.amount_cents), None);
    }
}

fn drawer(writer: &mut Writer<'_>, report: &CashReport) {
    writer.head(Text::InTheDrawer);
    for (text, amount) in [
        (Text::Float, report.float_cents),
        (Text::CashReceived, report.cash_received_cents),
        (Text::ChangeGiven, Cents(-report.change_cents.0)),
        (Text::CashDebts, report.cash_debts_cents),
        (Text::Deposits, report.deposits_cents),
        (Text::Withdrawals, Cents(-report.withdrawals_cents.0)),
    ] {
        if amount != Cents::ZERO || text == Text::Float {
            writer.row(text, amount.to_string());
        }
    }
    writer.row(Text::Expected, report.expected_cents.to_string());
}

fn closed(writer: &mut Writer<'_>, closing: &CashClosing) {
    writer.row(Text::CountedCash, closing.counted_cents.to_string());
    let (name, tone) = (writer.context.text(Text::Difference), difference_tone(closing.difference_cents));
    writer.noted(name, None, closing.difference_cents.to_string(), tone);
    for count in closing.counts.iter().filter(|count| count.count > 0) {
        let worth = Cents(count.value_cents.0.saturating_mul(count.count));
        writer.pair(format!("{} × {}", format::integer(count.count), count.value_cents), worth.to_string());
    }
}

fn movements(writer: &mut Writer<'_>, report: &CashReport, store: StoreId) {
    let context = writer.context;
    if report.movements.is_empty() {
        return;
    }
    writer.head(Text::Movements);
    for one in &report.movements {
        let (text, amount) = match one.kind {
            CashMovementKind::Withdrawal => (Text::Withdrawal, Cents(-one.amount_cents.0)),
            CashMovementKind::Deposit => (Text::Deposit, one.amount_cents),
        };
        let when = format::time(one.recorded_at, context.zone(store));
        let note = format!("{when} · {} · {}", one.person_name, one.reason);
        writer.noted(context.text(text), Some(note), amount.to_string(), None);
    }
}

fn sellers_and_hours(writer: &mut Writer<'_>, report: &CashReport) {
    if report.sales == 0 {
        return;
    }
    writer.head(Text::BySeller);
    for one in &report.sellers {
        writer
            .pair(one.person_name.as_str(), format!("{} · {}", format::integer(one.sales), one.total_cents));
    }
    writer.head(Text::ByHour);
    for one in &report.hours {
        writer.pair(
            format!("{:02} h", one.hour),
            format!("{} · {}", format::integer(one.sales), one.total_cents),
        );
    }
}
