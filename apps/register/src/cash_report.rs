//! X and Z as plain lines: what the screen shows is what a printer prints.

use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{CashMovementKind, CashReport, PaymentMethod};

use crate::cash_texts::CashText;
use crate::ui::method_name;

/// How a line stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Plain,
    /// Begins a part of the report.
    Heading,
    Strong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub label: String,
    /// At the right edge; empty for a heading.
    pub value: String,
    pub weight: Weight,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub title: String,
    pub store: String,
    pub lines: Vec<Line>,
}

/// `blind` leaves out what should be in the drawer and every amount from which it follows, so that the count is a count:
/// whoever counts knows the float. How many sales, refunds and movements there were is told.
pub fn report(report: &CashReport, blind: bool, lang: Lang, zone: &TimeZone) -> Report {
    let title = if report.closing.is_some() { CashText::ZReport } else { CashText::XReport };
    let blind = blind && report.closing.is_none();
    let mut page = Page { lang, blind, lines: Vec::new() };
    page.head(report, zone);
    page.sales(report);
    page.parts(report);
    if !blind {
        page.drawer(report);
    }
    page.movements(report, zone);
    page.closing(report);
    if blind {
        page.line(CashText::Blind.get(lang), "", Weight::Heading);
    }
    Report { title: title.get(lang).to_owned(), store: report.store_name.clone(), lines: page.lines }
}

/// In place of an amount that a blind report does not tell.
const UNTOLD: &str = "—";

struct Page {
    lang: Lang,
    blind: bool,
    lines: Vec<Line>,
}

impl Page {
    fn line(&mut self, label: impl Into<String>, value: impl Into<String>, weight: Weight) {
        self.lines.push(Line { label: label.into(), value: value.into(), weight });
    }

    fn word(&mut self, label: CashText, value: impl Into<String>) {
        self.line(label.get(self.lang), value, Weight::Plain);
    }

    fn money(&mut self, label: CashText, amount: Cents) {
        self.word(label, amount.plain());
    }

    /// Only where there is something to tell.
    fn some_money(&mut self, label: CashText, amount: Cents) {
        if amount != Cents::ZERO {
            self.money(label, amount);
        }
    }

    fn counted(&mut self, label: CashText, n: i64, amount: Cents, always: bool) {
        if always || n > 0 {
            let words = label.with(self.lang, &[("n", &n)]);
            self.line(words, self.amount(amount), if always { Weight::Strong } else { Weight::Plain });
        }
    }

    /// An amount that has cash in it.
    fn amount(&self, amount: Cents) -> String {
        if self.blind { UNTOLD.to_owned() } else { amount.plain() }
    }

    fn heading(&mut self, label: CashText) {
        self.line(label.get(self.lang), "", Weight::Heading);
    }

    fn head(&mut self, report: &CashReport, zone: &TimeZone) {
        self.word(CashText::Till, report.till.as_str());
        self.word(CashText::OpenedBy, report.opened_by_name.as_str());
        self.word(CashText::OpenedAt, format::date_time(report.opened_at, zone));
        if let Some(closing) = &report.closing {
            self.word(CashText::ClosedBy, closing.closed_by_name.as_str());
            self.word(CashText::ClosedAt, format::date_time(closing.closed_at, zone));
        }
    }

    fn sales(&mut self, report: &CashReport) {
        self.counted(CashText::Sales, report.sales, report.total_cents, true);
        self.some_money(CashText::Discounts, Cents(-report.discount_cents.0));
        self.counted(CashText::Returns, report.returns, Cents(-report.returned_cents.0), false);
        self.counted(CashText::Voids, report.voids, Cents(-report.voided_cents.0), false);
        if report.debts_cents != Cents::ZERO {
            self.word(CashText::Debts, self.amount(report.debts_cents));
        }
    }

    fn parts(&mut self, report: &CashReport) {
        if !report.methods.is_empty() {
            self.heading(CashText::ByMethod);
        }
        for total in &report.methods {
            let name = method_name(total.method, self.lang);
            let is_cash = total.method == PaymentMethod::Cash;
            let amount = if is_cash { self.amount(total.amount_cents) } else { total.amount_cents.plain() };
            self.line(format!("{name} ({})", total.payments), amount, Weight::Plain);
            if total.refunded_cents != Cents::ZERO && total.method != PaymentMethod::Cash {
                let words = CashText::Refunded.with(self.lang, &[("method", &name)]);
                self.line(words, Cents(-total.refunded_cents.0).plain(), Weight::Plain);
            }
        }
        if !report.sellers.is_empty() {
            self.heading(CashText::BySeller);
        }
        for seller in &report.sellers {
            let name = format!("{} ({})", seller.person_name, seller.sales);
            self.line(name, self.amount(seller.total_cents), Weight::Plain);
        }
        if !report.hours.is_empty() {
            self.heading(CashText::ByHour);
        }
        for hour in &report.hours {
            let name = format!("{:02}:00 ({})", hour.hour, hour.sales);
            self.line(name, self.amount(hour.total_cents), Weight::Plain);
        }
    }

    fn drawer(&mut self, report: &CashReport) {
        self.heading(CashText::Drawer);
        self.money(CashText::Float, report.float_cents);
        self.money(CashText::CashIn, report.cash_received_cents);
        self.money(CashText::ChangeOut, Cents(-report.change_cents.0));
        let refunded = report.methods.iter().find(|total| total.method == PaymentMethod::Cash);
        let refunded = refunded.map_or(Cents::ZERO, |total| Cents(-total.refunded_cents.0));
        self.some_money(CashText::CashRefunds, refunded);
        self.some_money(CashText::CashDebts, report.cash_debts_cents);
        self.some_money(CashText::Deposits, report.deposits_cents);
        self.some_money(CashText::Withdrawals, Cents(-report.withdrawals_cents.0));
        self.line(CashText::Expected.get(self.lang), report.expected_cents.plain(), Weight::Strong);
    }

    fn movements(&mut self, report: &CashReport, zone: &TimeZone) {
        for (kind, label, sign) in [
            (CashMovementKind::Withdrawal, CashText::Withdrawals, -1),
            (CashMovementKind::Deposit, CashText::Deposits, 1),
        ] {
            let mut of_kind = report.movements.iter().filter(|movement| movement.kind == kind).peekable();
            if of_kind.peek().is_some() {
                self.heading(label);
            }
            for movement in of_kind {
                let at = format::time(movement.recorded_at, zone);
                let words = format!("{at} {} · {}", movement.reason, movement.person_name);
                self.line(words, self.amount(Cents(sign * movement.amount_cents.0)), Weight::Plain);
            }
        }
    }

    fn closing(&mut self, report: &CashReport) {
        let Some(closing) = &report.closing else { return };
        self.heading(CashText::Counts);
        for count in &closing.counts {
            let words = format!("{} × {}", count.count, count.value_cents.plain());
            let amount = Cents(count.count.saturating_mul(count.value_cents.0));
            self.line(words, amount.plain(), Weight::Plain);
        }
        self.line(CashText::Counted.get(self.lang), closing.counted_cents.plain(), Weight::Strong);
        self.line(CashText::Difference.get(self.lang), closing.difference_cents.plain(), Weight::Strong);
        if let Some(reason) = &closing.reason {
            self.word(CashText::Remark, reason.as_str());
        }
    }
}
