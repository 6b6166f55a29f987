//! What a cash session adds up to. The till and the server each know the session's entries and make the
//! report from them with the same function, so that a report made without the server is the one that the
//! server makes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::api::{
    CashClosing, CashCount, CashHourTotal, CashLate, CashMethodTotal, CashMovementKind, CashReport,
    CashReportMovement, CashSellerTotal, Payment, PaymentMethod, cash_of,
};
use crate::{Cents, PersonId, UtcMicros};

/// The real's notes and coins, in centavos, from the highest.
pub const DENOMINATIONS: [Cents; 13] = [
    Cents(20_000),
    Cents(10_000),
    Cents(5_000),
    Cents(2_000),
    Cents(1_000),
    Cents(500),
    Cents(200),
    Cents(100),
    Cents(50),
    Cents(25),
    Cents(10),
    Cents(5),
    Cents(1),
];

/// How a session began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub store_name: String,
    pub till: String,
    pub opened_by_name: String,
    pub opened_at: UtcMicros,
    pub float_cents: Cents,
}

/// What a sale means to the session in which it was paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sold {
    pub person_id: PersonId,
    pub person_name: String,
    /// Of the store's day.
    pub hour: i8,
    pub total_cents: Cents,
    pub discount_cents: Cents,
    pub change_cents: Cents,
    pub payments: Vec<Payment>,
}

/// Whether goods came back, or the sale never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefundKind {
    Return,
    Void,
}

/// Something that happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Sold(Sold),
    /// Money that went back to a customer, by the methods by which it did.
    Refunded {
        kind: RefundKind,
        payments: Vec<Payment>,
    },
    Moved(CashReportMovement),
    /// A customer paid a debt.
    DebtPaid(Payment),
}

/// The report over these entries, whatever their order.
pub fn report<'e>(opening: &Opening, entries: impl IntoIterator<Item = &'e Entry>) -> CashReport {
    let mut sums = Sums::default();
    for entry in entries {
        sums.add(entry);
    }
    sums.report(opening)
}

/// The report of a session that is closed with this count: Z.
pub fn closed(
    report: CashReport,
    by: (PersonId, &str),
    at: UtcMicros,
    counts: &[CashCount],
    reason: Option<String>,
) -> CashReport {
    let counts = counts_in_order(counts);
    let counted_cents = counted(&counts);
    let expected_cents = report.expected_cents;
    let closing = CashClosing {
        closed_by: by.0,
        closed_by_name: by.1.to_owned(),
        closed_at: at,
        counts,
        counted_cents,
        expected_cents,
        difference_cents: Cents(counted_cents.0 - expected_cents.0),
        reason,
    };
    CashReport { closing: Some(closing), ..report }
}

/// What lies in the drawer by these counts. The limits of counts keep it far inside of 64 bits.
pub fn counted(counts: &[CashCount]) -> Cents {
    counts.iter().map(|count| Cents(count.value_cents.0.saturating_mul(count.count))).sum()
}

/// From the highest value, without those of which there was none.
fn counts_in_order(counts: &[CashCount]) -> Vec<CashCount> {
    let mut counts: Vec<CashCount> = counts.iter().copied().filter(|count| count.count != 0).collect();
    counts.sort_by_key(|count| -count.value_cents.0);
    counts
}

/// What came after the close: `None` if nothing did.
pub fn late(entries: &[Entry]) -> Option<CashLate> {
    if entries.is_empty() {
        return None;
    }
    let mut sums = Sums::default();
    for entry in entries {
        sums.add(entry);
    }
    Some(CashLate { sales: sums.sales, total_cents: sums.total, cash_cents: sums.drawer() })
}

#[derive(Debug, Default)]
struct Method {
    payments: i64,
    amount: Cents,
    refunded: Cents,
}

#[derive(Debug, Default)]
struct Count {
    sales: i64,
    total: Cents,
}

impl Count {
    fn add(&mut self, total: Cents) {
        self.sales += 1;
        self.total = plus(self.total, total);
    }
}

#[derive(Debug, Default)]
struct Sums {
    sales: i64,
    total: Cents,
    discount: Cents,
    change: Cents,
    cash_received: Cents,
    returns: Count,
    voids: Count,
    debts: Cents,
    cash_debts: Cents,
    deposits: Cents,
    withdrawals: Cents,
    methods: [Method; 5],
    sellers: BTreeMap<(String, PersonId), Count>,
    hours: BTreeMap<i8, Count>,
    movements: Vec<CashReportMovement>,
}

impl Sums {
    fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Sold(sold) => self.sold(sold),
            Entry::Refunded { kind, payments } => {
                let total = payments.iter().map(|payment| payment.amount_cents).sum();
                match kind {
                    RefundKind::Return => self.returns.add(total),
                    RefundKind::Void => self.voids.add(total),
                }
                for payment in payments {
                    let method = self.method(payment.method);
                    method.refunded = plus(method.refunded, payment.amount_cents);
                }
            }
            Entry::Moved(movement) => {
                let sum = match movement.kind {
                    CashMovementKind::Deposit => &mut self.deposits,
                    CashMovementKind::Withdrawal => &mut self.withdrawals,
                };
                *sum = plus(*sum, movement.amount_cents);
                self.movements.push(movement.clone());
            }
            Entry::DebtPaid(payment) => {
                self.debts = plus(self.debts, payment.amount_cents);
                self.cash_debts = plus(self.cash_debts, cash_of(std::slice::from_ref(payment)));
            }
        }
    }

    fn sold(&mut self, sold: &Sold) {
        self.sales += 1;
        self.total = plus(self.total, sold.total_cents);
        self.discount = plus(self.discount, sold.discount_cents);
        self.change = plus(self.change, sold.change_cents);
        self.cash_received = plus(self.cash_received, cash_of(&sold.payments));
        for payment in &sold.payments {
            let method = self.method(payment.method);
            method.payments += 1;
            method.amount = plus(method.amount, payment.amount_cents);
        }
        // Change comes out of cash only.
        let cash = self.method(PaymentMethod::Cash);
        cash.amount = Cents(cash.amount.0.saturating_sub(sold.change_cents.0));
        self.sellers.entry((sold.person_name.clone(), sold.person_id)).or_default().add(sold.total_cents);
        self.hours.entry(sold.hour).or_default().add(sold.total_cents);
    }

    const fn method(&mut self, method: PaymentMethod) -> &mut Method {
        let [cash, pix, credit, debit, account] = &mut self.methods;
        match method {
            PaymentMethod::Cash => cash,
            PaymentMethod::Pix => pix,
            PaymentMethod::Credit => credit,
            PaymentMethod::Debit => debit,
            PaymentMethod::Account => account,
        }
    }

    /// What all of it put into the drawer.
    fn drawer(&self) -> Cents {
        let [cash, ..] = &self.methods;
        let out = plus(cash.refunded, self.withdrawals);
        let into = plus(plus(cash.amount, self.cash_debts), self.deposits);
        Cents(into.0.saturating_sub(out.0))
    }

    fn report(mut self, opening: &Opening) -> CashReport {
        self.movements.sort_by(|a, b| {
            let key = |m: &CashReportMovement| (m.recorded_at, m.kind, m.amount_cents);
            key(a).cmp(&key(b)).then_with(|| a.reason.cmp(&b.reason))
        });
        let expected_cents = plus(opening.float_cents, self.drawer());
        let methods = PaymentMethod::ALL.into_iter().filter_map(|method| {
            let Method { payments, amount, refunded } = std::mem::take(self.method(method));
            let used = payments > 0 || refunded != Cents::ZERO;
            used.then_some(CashMethodTotal {
                method,
                payments,
                amount_cents: amount,
                refunded_cents: refunded,
            })
        });
        let methods = methods.collect();
        let sellers = self.sellers.into_iter().map(|((person_name, person_id), count)| CashSellerTotal {
            person_id,
            person_name,
            sales: count.sales,
            total_cents: count.total,
        });
        let hours = self.hours.into_iter().map(|(hour, count)| CashHourTotal {
            hour,
            sales: count.sales,
            total_cents: count.total,
        });
        CashReport {
            store_name: opening.store_name.clone(),
            till: opening.till.clone(),
            opened_by_name: opening.opened_by_name.clone(),
            opened_at: opening.opened_at,
            float_cents: opening.float_cents,
            sales: self.sales,
            total_cents: self.total,
            discount_cents: self.discount,
            returns: self.returns.sales,
            returned_cents: self.returns.total,
            voids: self.voids.sales,
            voided_cents: self.voids.total,
            debts_cents: self.debts,
            cash_received_cents: self.cash_received,
            change_cents: self.change,
            cash_debts_cents: self.cash_debts,
            deposits_cents: self.deposits,
            withdrawals_cents: self.withdrawals,
            expected_cents,
            methods,
            sellers: sellers.collect(),
            hours: hours.collect(),
            movements: self.movements,
            closing: None,
        }
    }
}

/// Each amount is below 10^12 centavos, so a session does not come near the end of 64 bits.
const fn plus(a: Cents, b: Cents) -> Cents {
    Cents(a.0.saturating_add(b.0))
}
