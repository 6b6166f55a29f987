//! What must be true afterwards: the server's ledger against what the till noted of its own deeds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::stock::StockWork;
use tillwatch_register::till_file::TillFile;
use tillwatch_shared::api::{
    ArrivedLine, Event, Goods, NewReturn, NewSale, NewTransferLine, Return, Sale, TransferLine, TransferState,
};
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, SaleId, StoreId, UtcMicros};
use uuid::Uuid;

use super::Outcome;
use super::books::{self, Balanced, Books, Stock};
use super::debts;
use super::deeds::{Deed, Deeds};
use super::lots;
use super::refusals::{self, Settled};

/// What was found in order.
#[derive(Default)]
pub struct Report {
    confirmed: usize,
    /// How many of each kind the server has.
    kinds: BTreeMap<String, usize>,
    cents: i64,
    discount_cents: i64,
    approved: usize,
    returned_cents: i64,
    consented: usize,
    debts_cents: i64,
    books: Balanced,
    days: BTreeSet<String>,
    carts: usize,
    waiting_carts: usize,
    settled: Settled,
    jumps: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(
            f,
            "in order: {} confirmed, each once at the server ({}); {} centavos sold, {} taken off ({} times by leave of a \
             supervisor) and {} given back ({} times by leave), {} paid of debts",
            self.confirmed,
            kinds.join(", "),
            self.cents,
            self.discount_cents,
            self.approved,
            self.returned_cents,
            self.consented,
            self.debts_cents
        )?;
        writeln!(f, "{}", self.books)?;
        writeln!(f, "{}", self.settled)?;
        write!(
            f,
            "the till's clock jumped {} times, over {} business days; of {} unfinished sales none was lost, and {} \
             are still unfinished",
            self.jumps,
            self.days.len(),
            self.carts,
            self.waiting_carts
        )
    }
}

impl Report {
    /// Both stores were counted lot by lot in the end: there is no lot of which it is not known what it must hold.
    pub fn every_lot_is_compared(&self) -> Outcome<()> {
        match self.books.lots_unknown.as_slice() {
            [] if self.books.lots > 0 => Ok(()),
            [] => Err("no lot was compared".into()),
            unknown => Err(format!("these have lots that were not compared: {}", unknown.join(", ")).into()),
        }
    }
}

fn open(data: &Path) -> Outcome<Connection> {
    Ok(Connection::open_with_flags(data.join("ledger.sqlite"), OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

fn stock(data: &Path) -> Outcome<Stock> {
    let db = open(data)?;
    let mut query = db.prepare(
        "SELECT store.uid, product.uid, balance FROM stock
         JOIN store ON store.id = stock.store JOIN product ON product.id = stock.product",
    )?;
    let rows = query.query_map((), |row| {
        let (store, product) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?));
        Ok(((StoreId(store), ProductId(product)), row.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One command of the journal that a till can have made.
pub struct Told {
    pub seq: i64,
    kind: String,
    actor: PersonId,
    pub server_at: UtcMicros,
    outcome: String,
}

/// Compares the ledger with the till's notes; the first difference is the error. `since` is when it all began. Marks
/// the deeds that the server has.
pub fn check(data: &Path, folder: &Path, deeds: &mut Deeds, since: UtcMicros) -> Outcome<Report> {
    let told = told(data)?;
    let mut report = Report { jumps: deeds.jumps, ..Report::default() };
    for (id, deed) in &mut deeds.commands {
        deed.happened = told.contains_key(id);
    }
    let deeds = &*deeds;
    if let Some(id) = told.keys().find(|id| !deeds.commands.contains_key(id)) {
        return Err(format!("the server has {id}, which the till never made").into());
    }
    report.settled = refusals::check(deeds)?;
    books::check_refusals(deeds, &books::sellers(&open(data)?)?)?;
    let mut books = Books::new(books::before(&open(data)?)?);
    for (id, deed) in &deeds.commands {
        let happened = told.get(id);
        if deed.confirmed && happened.is_none() && !deeds.refused.contains_key(id) {
            return Err(format!("the till confirmed {id}, and the server does not have it").into());
        }
        if let Some(happened) = happened {
            if deed.person != happened.actor {
                let (did, told) = (deed.person, happened.actor);
                return Err(format!("{id} was done by {did} and is told of {told}").into());
            }
            if happened.server_at < since {
                return Err(format!("the server took {id} before there was a till").into());
            }
            check_deed(*id, deed, happened, &mut report)?;
            books.take(*id, deed, happened, deeds)?;
            *report.kinds.entry(happened.kind.clone()).or_default() += 1;
        }
        report.confirmed += usize::from(deed.confirmed);
    }
    check_carts(folder, deeds, &told, &mut report)?;
    // What is settled may still stand there: the till ended before it could note it.
    if let Some(left) =
        TillFile::open(folder)?.parcels()?.iter().find(|left| !told.contains_key(&left.command))
    {
        return Err(format!("{} still waits at the till", left.command).into());
    }
    let seqs = told.iter().map(|(id, told)| (*id, told.seq)).collect();
    let prices = refusals::check_prices(&open(data)?, deeds, &seqs)?;
    report.settled = report.settled.with_prices(prices);
    report.debts_cents = debts::check(&open(data)?, deeds)?;
    report.books = books.check(&open(data)?, &stock(data)?)?;
    Ok(report)
}

/// A sale that was begun is sold or waits at the till: one of the two.
fn check_carts(
    folder: &Path,
    deeds: &Deeds,
    told: &BTreeMap<CommandId, Told>,
    report: &mut Report,
) -> Outcome<()> {
    let waiting = TillFile::open(folder)?.carts()?;
    let waiting: Vec<CommandId> = waiting.into_iter().filter_map(|cart| cart.basket.sale).collect();
    if let Some(sale) = waiting.iter().find(|sale| told.contains_key(sale)) {
        return Err(format!("sale {sale} is at the server, and its cart waits to be sold again").into());
    }
    let carts: BTreeSet<CommandId> = deeds.carts.iter().copied().collect();
    if let Some(sale) = carts.iter().find(|sale| !told.contains_key(sale) && !waiting.contains(sale)) {
        return Err(format!("the unfinished sale {sale} was on the disk and is gone").into());
    }
    (report.carts, report.waiting_carts) = (carts.len(), waiting.len());
    Ok(())
}

/// The commands that came after the demonstration's own data, by their ids: a journal has each once.
fn told(data: &Path) -> Outcome<BTreeMap<CommandId, Told>> {
    let db = open(data)?;
    let mut query = db.prepare(
        "SELECT command_id, kind, actor, server_at, outcome, seq FROM journal
         WHERE kind IN ('record_sale', 'enter_stock', 'return_sale', 'open_cash_session', 'move_cash',
                        'close_cash_session', 'add_product', 'record_count', 'send_transfer', 'receive_transfer',
                        'cancel_transfer', 'pay_account', 'change_product')
           AND seq > (SELECT min(seq) FROM journal WHERE kind = 'enrol_till')",
    )?;
    let rows = query.query_map((), |row| {
        let told = Told {
            kind: row.get(1)?,
            actor: PersonId(Uuid::from_bytes(row.get(2)?)),
            server_at: UtcMicros(row.get(3)?),
            outcome: row.get(4)?,
            seq: row.get(5)?,
        };
        Ok((CommandId(Uuid::from_bytes(row.get(0)?)), told))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What the server made of it: amounts, and both times.
fn check_deed(id: CommandId, deed: &Deed, told: &Told, report: &mut Report) -> Outcome<()> {
    let event: Event = serde_json::from_str(&told.outcome)?;
    let (right, at, received_at) = match (&deed.work, event) {
        (Work::Sale(made), Event::SaleRecorded(sale)) => {
            report.cents += sale.total_cents.0;
            report.discount_cents += sale.discount_cents.0;
            report.approved += usize::from(sale.approved_by.is_some());
            report.days.insert(sale.business_day.clone());
            (is_sale(made, &sale), Some(sale.sold_at), Some(sale.received_at))
        }
        (Work::Return(of, made), Event::SaleReturned(back)) => {
            report.returned_cents += back.total_cents.0;
            report.consented += usize::from(back.approved_by.is_some());
            (is_return(*of, made, &back), Some(back.returned_at), Some(back.received_at))
        }
        (Work::Entry(made), Event::StockEntered(entry)) => {
            let right = entry.quantity_thousandths == made.quantity_thousandths
                && entry.product_id == made.product_id
                && entry.store_id == made.store_id;
            (right, Some(entry.recorded_at), Some(entry.received_at))
        }
        (Work::Product(made), Event::ProductAdded(product)) => {
            let right = product.name == made.name && product.price_cents == made.price_cents;
            // A product has no moment.
            (right && product.id.0 == id.0, Some(deed.made_at), None)
        }
        (Work::ProductChange(id, made), Event::ProductChanged(product)) => {
            let right = product.id == *id && made.price_cents == Some(product.price_cents);
            (right, Some(deed.made_at), None)
        }
        (Work::DebtPaid(account, made), Event::AccountPaid(paid)) => {
            let right = paid.account.id == *account
                && (paid.method, paid.amount_cents) == (made.method, made.amount_cents)
                && paid.cash_session == made.cash_session;
            (right, Some(paid.paid_at), Some(paid.received_at))
        }
        (Work::Stock(made), event) => is_stock(deed, made, &event),
        (Work::CashOpen(made), Event::CashSessionOpened(session)) => {
            let right = session.float_cents == made.float_cents && session.till == made.till;
            (right, Some(session.opened_at), None)
        }
        (Work::CashMove(session, made), Event::CashMoved(moved)) => {
            let right = moved.session_id == *session
                && moved.kind == made.kind
                && moved.amount_cents == made.amount_cents;
            (right, Some(moved.recorded_at), Some(moved.received_at))
        }
        (Work::CashClose(session, _), Event::CashSessionClosed(closed)) => {
            let at = closed.session.closing.as_ref().map(|closing| closing.closed_at);
            (closed.session.id == *session, at, None)
        }
        (_, event) => return Err(format!("{id} came out as {event:?}").into()),
    };
    if !right {
        return Err(format!("{id} is otherwise at the server: {}", told.outcome).into());
    }
    if at != Some(deed.made_at) || received_at.is_some_and(|at| at != told.server_at) {
        return Err(format!("{id} lost one of its times: {}", told.outcome).into());
    }
    Ok(())
}

/// Whether it is what was told, when that was, and when the server took it.
fn is_stock(deed: &Deed, work: &StockWork, event: &Event) -> (bool, Option<UtcMicros>, Option<UtcMicros>) {
    let Some(goods) = event.goods() else { return (false, None, None) };
    match (work, goods) {
        (StockWork::Count(made), Goods::Counted(count)) => {
            // Each of its lines has its own moment.
            (lots::is_told(made, count), Some(deed.made_at), Some(count.received_at))
        }
        (StockWork::Send(made), Goods::Moved(sent)) => {
            let same = |(made, line): (&NewTransferLine, &TransferLine)| {
                (made.product_id, made.quantity_thousandths) == (line.product_id, line.sent_thousandths)
            };
            let right = sent.state == TransferState::Sent
                && (made.from_store_id, made.to_store_id) == (sent.from_store_id, sent.to_store_id)
                && made.lines.len() == sent.lines.len()
                && made.lines.iter().zip(&sent.lines).all(same);
            (right, Some(sent.sent_at), Some(sent.received_at))
        }
        (StockWork::Arrive(id, made), Goods::Moved(ended)) => {
            let same = |(made, line): (&ArrivedLine, &TransferLine)| {
                Some(made.arrived_thousandths) == line.arrived_thousandths && made.reason == line.reason
            };
            let right = (ended.id, ended.state) == (*id, TransferState::Received)
                && made.lines.len() == ended.lines.len()
                && made.lines.iter().zip(&ended.lines).all(same);
            (right, ended.closed_at, Some(ended.received_at))
        }
        (StockWork::TakeBack(id, made), Goods::Moved(ended)) => {
            let right = (ended.id, ended.state) == (*id, TransferState::Cancelled)
                && ended.reason.as_ref() == Some(&made.reason);
            (right, ended.closed_at, Some(ended.received_at))
        }
        (
            StockWork::Count(_) | StockWork::Send(_) | StockWork::Arrive(..) | StockWork::TakeBack(..),
            Goods::Sold(_) | Goods::Entered(_) | Goods::Counted(_) | Goods::Returned(_) | Goods::Moved(_),
        ) => (false, None, None),
    }
}

fn is_sale(made: &NewSale, sale: &Sale) -> bool {
    let paid: Cents = made.payments.iter().map(|payment| payment.amount_cents).sum();
    sale.total_cents == made.total_cents
        && sale.payments == made.payments
        && (made.lines.is_empty() || sale.change_cents == Cents(paid.0 - made.total_cents.0))
        && sale.discount_cents == made.discount_cents
        && sale.approved_by == made.approved_by
        && sale.cash_session == made.cash_session
        && sale.customer_name == made.customer_name
        && sale.lines.len() == made.lines.len()
}

fn is_return(of: SaleId, made: &NewReturn, back: &Return) -> bool {
    back.sale_id == of
        && back.void == made.void
        && back.total_cents == made.total_cents
        && back.refunds == made.refunds
        && back.cash_session == made.cash_session
        && back.approved_by == made.approved_by
}
