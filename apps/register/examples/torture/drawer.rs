//! What must be true of the till's drawer: every session that was opened is closed, the server's report is the till's
//! own, and both are what the till's deeds add up to, counted here in a third way.

use std::collections::BTreeMap;
use std::fmt;

use tillwatch_register::state::outbox::Work;
use tillwatch_shared::api::{CashMovementKind, CashReport, CashSessionReport, Payment, PaymentMethod};
use tillwatch_shared::{CashSessionId, Cents};

use super::deeds::Deeds;
use super::{Outcome, servers};

/// The server's reports, by session.
pub type Reports = BTreeMap<CashSessionId, CashSessionReport>;

/// What was found in order.
#[derive(Default)]
pub struct Balanced {
    sessions: usize,
    late: usize,
    expected: i64,
    counted: i64,
}

impl fmt::Display for Balanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cash sessions balance ({} with something that came after their close): {} centavos expected, {} counted",
            self.sessions, self.late, self.expected, self.counted
        )
    }
}

/// Asks the server for the report of each session that a till of these notes opened.
pub async fn reports(address: &str, deeds: &Deeds) -> Outcome<Reports> {
    let client = servers::manager(address).await?;
    let mut reports = Reports::new();
    for (id, deed) in &deeds.commands {
        if deed.happened && matches!(deed.work, Work::CashOpen(_)) {
            let session = CashSessionId(id.0);
            reports.insert(session, client.cash_session(session).await?);
        }
    }
    Ok(reports)
}

/// What lies in a drawer, added up from deeds.
#[derive(Default)]
struct Drawer {
    float: Cents,
    into: Cents,
    out: Cents,
    sold: Cents,
    sales: i64,
}

impl Drawer {
    fn expected(&self) -> Cents {
        Cents(self.float.0 + self.into.0 - self.out.0)
    }
}

/// Compares deeds, the till's reports and the server's; the first difference is the error.
pub fn check(deeds: &Deeds, reports: &Reports) -> Outcome<Balanced> {
    let drawers = drawers(deeds);
    let mut balanced = Balanced::default();
    for (id, theirs) in reports {
        let drawer = drawers.get(id).ok_or("a session that was never opened")?;
        let happened = |command| deeds.commands.get(command).is_some_and(|deed| deed.happened);
        let own = deeds.closed.iter().find(|(command, (session, _))| session == id && happened(command));
        let (_, (_, own)) = own.ok_or_else(|| format!("session {id} was not closed"))?;
        check_session(drawer, own, theirs).map_err(|difference| format!("session {id}: {difference}"))?;
        balanced.sessions += 1;
        balanced.late += usize::from(theirs.late.is_some());
        balanced.expected += own.expected_cents.0;
        balanced.counted += own.closing.as_ref().map_or(0, |closing| closing.counted_cents.0);
    }
    Ok(balanced)
}

fn check_session(drawer: &Drawer, own: &CashReport, theirs: &CashSessionReport) -> Result<(), String> {
    let differs = |what: &str, a: Cents, b: Cents| Err(format!("{what} is {} and not {}", a.0, b.0));
    if own.expected_cents != drawer.expected() {
        return differs("what the till expects", own.expected_cents, drawer.expected());
    }
    if (own.sales, own.total_cents) != (drawer.sales, drawer.sold) {
        return differs("what the till has sold", own.total_cents, drawer.sold);
    }
    let Some(closing) = &theirs.report.closing else { return Err("the server has not closed it".to_owned()) };
    if closing.difference_cents != Cents(closing.counted_cents.0 - theirs.report.expected_cents.0) {
        return differs("the difference", closing.difference_cents, closing.counted_cents);
    }
    match &theirs.late {
        None if *own == *theirs.report => Ok(()),
        None => Err(format!("the till's report is {own:?}, the server's {:?}", theirs.report)),
        Some(late) => {
            let there = Cents(theirs.report.expected_cents.0 + late.cash_cents.0);
            if there == own.expected_cents {
                Ok(())
            } else {
                differs("with what came late it", there, own.expected_cents)
            }
        }
    }
}

fn drawers(deeds: &Deeds) -> BTreeMap<CashSessionId, Drawer> {
    let mut drawers: BTreeMap<CashSessionId, Drawer> = BTreeMap::new();
    let mut drawer_of = |id: CashSessionId, put: &dyn Fn(&mut Drawer)| put(drawers.entry(id).or_default());
    for (id, deed) in deeds.commands.iter().filter(|(_, deed)| deed.happened) {
        match &deed.work {
            Work::CashOpen(new) => drawer_of(CashSessionId(id.0), &|drawer| drawer.float = new.float_cents),
            Work::Sale(sale) => {
                let Some(session) = sale.cash_session else { continue };
                drawer_of(session, &|drawer| {
                    let paid: i64 = sale.payments.iter().map(|payment| payment.amount_cents.0).sum();
                    drawer.into.0 += cash(&sale.payments);
                    drawer.out.0 += paid - sale.total_cents.0;
                    drawer.sold.0 += sale.total_cents.0;
                    drawer.sales += 1;
                });
            }
            Work::Return(_, back) => {
                let Some(session) = back.cash_session else { continue };
                drawer_of(session, &|drawer| drawer.out.0 += cash(&back.refunds));
            }
            Work::CashMove(session, moved) => drawer_of(*session, &|drawer| match moved.kind {
                CashMovementKind::Deposit => drawer.into.0 += moved.amount_cents.0,
                CashMovementKind::Withdrawal => drawer.out.0 += moved.amount_cents.0,
            }),
            Work::DebtPaid(_, paid) => {
                let cash = paid.cash_session.filter(|_| paid.method == PaymentMethod::Cash);
                let Some(session) = cash else { continue };
                drawer_of(session, &|drawer| drawer.into.0 += paid.amount_cents.0);
            }
            Work::CashClose(..)
            | Work::Product(_)
            | Work::ProductChange(..)
            | Work::Entry(_)
            | Work::Stock(_) => {}
        }
    }
    drawers
}

fn cash(payments: &[Payment]) -> i64 {
    let cash = payments.iter().filter(|payment| payment.method == PaymentMethod::Cash);
    cash.map(|payment| payment.amount_cents.0).sum()
}
