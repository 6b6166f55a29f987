//! Returns: what comes back of a sale, and sales that are cancelled. Amounts are those of the sale; nothing comes
//! back twice, and never more than was sold. What is restocked goes up again; what is written off came back, too,
//! but not into the stock.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, NewReturn, NewReturnLine, Return, ReturnApproval, ReturnLine, Role};
use tillwatch_shared::limits::{AMOUNT_CENTS, NAME_CHARS, SALE_LINES, SALE_PAYMENTS};
use tillwatch_shared::{Cents, PersonId, ProductId, Quantity, ReturnId, SaleId, StoreId, UtcMicros, refund};

use super::access::{Caller, Workplace};
use super::lots::Place;
use super::rejection::{ApplyError, Invalid, NotReturned, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, accounts, cash, check, lots, sales, stock, tills, totals};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReturnSale {
    pub sale: SaleId,
    /// What comes back, and why.
    pub back: NewReturn,
}

/// The actor has proved who they are and allows a return that is still to be recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApproveReturn {
    pub store_id: StoreId,
    pub sale_id: SaleId,
    pub return_id: ReturnId,
    /// At most so much goes back.
    pub limit_cents: Cents,
}

impl ApproveReturn {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::range("limit_cents", self.limit_cents.0, 0, AMOUNT_CENTS)
    }
}

impl ReturnSale {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let back = &self.back;
        check::count("lines", back.lines.len(), if back.void { 0 } else { SALE_LINES })?;
        for (index, line) in back.lines.iter().enumerate() {
            let field = |name: &str| format!("lines.{index}.{name}");
            check::quantity(field("quantity_thousandths"), line.quantity_thousandths, false)?;
            let again = back.lines.iter().take(index).any(|earlier| earlier.position == line.position);
            if again {
                return Err(Rejection::invalid(field("position"), Invalid::Repeated));
            }
        }
        check::text("reason", Some(&back.reason))?
            .ok_or_else(|| Rejection::invalid("reason", Invalid::Missing))?;
        check::count("refunds", back.refunds.len(), SALE_PAYMENTS)?;
        for (index, refund) in back.refunds.iter().enumerate() {
            check::range(format!("refunds.{index}.amount_cents"), refund.amount_cents.0, 1, AMOUNT_CENTS)?;
        }
        check::range("total_cents", back.total_cents.0, 0, AMOUNT_CENTS)?;
        if let Some(till) = &back.till {
            check::bounded("till", till, NAME_CHARS)?;
        }
        back.returned_at.map_or(Ok(()), |at| check::moment("returned_at", at))
    }
}

pub(super) fn record(cx: &Context<'_>, p: &ReturnSale) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let sold = sold(cx, p.sale)?;
    let store = access::workplace(cx, &caller, sold.store)?;
    let returned_at = p.back.returned_at.unwrap_or(cx.command.client_at);
    let local = sales::local(&store.zone, returned_at);
    let business_day = local.date().to_string();
    in_time(&sold, &p.back, &business_day)?;
    let alone = sold.business_day == business_day || caller.role >= Role::Manager;
    let approver = if alone { None } else { Some(approver(cx, p, &store)?) };

    let mut lines = lines(cx, &sold, &p.back)?;
    let total_cents = if sold.by_amount {
        whole_amount(&sold, &p.back)?
    } else {
        lines.iter().map(|(_, line)| line.total_cents).sum()
    };
    money(&sold, &p.back, total_cents)?;
    let back = Return {
        id: ReturnId(cx.command.id.0),
        number: next_number(cx, store.key)?,
        sale_id: p.sale,
        sale_number: sold.number,
        store_id: store.id,
        store_name: store.name.clone(),
        person_id: caller.id,
        person_name: caller.name.clone(),
        approved_by: approver.as_ref().map(|person| person.id),
        approved_by_name: approver.as_ref().map(|person| person.name.clone()),
        seller_id: sold.seller,
        seller_name: sold.seller_name.clone(),
        till: p.back.till.as_deref().map(|till| check::bounded("till", till, NAME_CHARS)).transpose()?,
        void: p.back.void,
        lines: Vec::new(),
        reason: check::text("reason", Some(&p.back.reason))?.unwrap_or_default(),
        refunds: p.back.refunds.clone(),
        total_cents,
        business_day,
        returned_at,
        received_at: cx.command.server_at,
        cash_session: p.back.cash_session,
    };
    cash::check_store(cx.db, back.cash_session, store.key)?;
    let people = (caller.key, approver.map(|person| person.key));
    let key = keep(cx, &sold, &store, people, local.hour(), &back)?;
    totals::add_return(cx, (store.key, sold.seller_key, local.hour()), &back, &lines)?;
    accounts::give_back(cx, sold.key, key, &back.refunds, returned_at)?;
    keep_lines(cx, key, &sold, &store, back.returned_at, &mut lines)?;
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Ok(Applied { event: Event::SaleReturned(Return { lines, ..back }), store: Some(store.id) })
}

/// The sale that something comes back of.
struct Sold {
    key: i64,
    number: i64,
    store: StoreId,
    seller_key: i64,
    seller: PersonId,
    seller_name: String,
    total: Cents,
    business_day: String,
    by_amount: bool,
    /// How many times something has come back already.
    returns: i64,
    /// Whether the sale told how it was paid.
    paid: bool,
}

fn sold(cx: &Context<'_>, id: SaleId) -> Result<Sold, ApplyError> {
    let found = rows::one(
        cx.db,
        "SELECT sale.id, number, store.uid, person.id, person.uid, person.name, total_cents, business_day,
                by_amount, returns, EXISTS (SELECT 1 FROM payment WHERE payment.sale = sale.id)
         FROM sale JOIN store ON store.id = sale.store JOIN person ON person.id = sale.person
         WHERE sale.uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| {
            Ok(Sold {
                key: row.get(0)?,
                number: row.get(1)?,
                store: StoreId(rows::id(row, 2)?),
                seller_key: row.get(3)?,
                seller: PersonId(rows::id(row, 4)?),
                seller_name: row.get(5)?,
                total: Cents(row.get(6)?),
                business_day: row.get(7)?,
                by_amount: row.get(8)?,
                returns: row.get(9)?,
                paid: row.get(10)?,
            })
        },
    )?;
    found.ok_or_else(|| Rejection::Unknown(Noun::Sale).into())
}

fn in_time(sold: &Sold, back: &NewReturn, today: &str) -> Result<(), Rejection> {
    if back.void && sold.returns > 0 {
        return Err(NotReturned::BeganAlready.into());
    }
    if back.void && sold.business_day != today {
        return Err(NotReturned::VoidTooLate.into());
    }
    Ok(())
}

/// Notes that the actor, who may, allows a return that is still to be recorded.
pub(super) fn approve(cx: &Context<'_>, p: &ApproveReturn) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.store_id)?;
    if caller.role < Role::Manager {
        return Err(Rejection::from(NotReturned::ApproverNotAllowed).into());
    }
    rows::run(
        cx.db,
        "INSERT INTO return_approval (sale_return, sale, store, person, limit_cents, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            p.return_id.0.as_bytes().as_slice(),
            p.sale_id.0.as_bytes().as_slice(),
            store.key,
            caller.key,
            p.limit_cents.0,
            cx.seq,
        ),
    )?;
    let approval = ReturnApproval {
        return_id: p.return_id,
        sale_id: p.sale_id,
        store_id: store.id,
        person_id: caller.id,
        person_name: caller.name,
        limit_cents: p.limit_cents,
        approved_at: cx.command.server_at,
    };
    Ok(Applied { event: Event::ReturnApproved(approval), store: Some(store.id) })
}

/// Sellers take back what was sold on the same day, and a manager anything: whose leave the seller has for the rest.
/// Their word is what they said to the server, or while that was away to a till that may speak for them.
fn approver(cx: &Context<'_>, p: &ReturnSale, store: &Workplace) -> Result<Caller, ApplyError> {
    let named = p.back.approved_by.ok_or(Rejection::from(NotReturned::NeedsManager))?;
    let person = access::person(cx.db, named)?.ok_or(Rejection::Unknown(Noun::Person))?;
    if person.role < Role::Manager || !access::works_in(cx.db, &person, store.key)? {
        return Err(Rejection::from(NotReturned::ApproverNotAllowed).into());
    }
    let approved = rows::one(
        cx.db,
        "SELECT 1 FROM return_approval
         WHERE sale_return = ?1 AND sale = ?2 AND store = ?3 AND person = ?4 AND limit_cents >= ?5 LIMIT 1",
        (
            cx.command.id.0.as_bytes().as_slice(),
            p.sale.0.as_bytes().as_slice(),
            store.key,
            person.key,
            p.back.total_cents.0,
        ),
        |_| Ok(()),
    )?;
    if approved.is_none() && !tills::vouches_for(cx, &person)? {
        return Err(Rejection::ApprovalMissing.into());
    }
    Ok(person)
}

/// A sale by amount comes back whole, once.
fn whole_amount(sold: &Sold, back: &NewReturn) -> Result<Cents, Rejection> {
    if !back.lines.is_empty() {
        return Err(Rejection::invalid("lines", Invalid::TooMany { max: 0 }));
    }
    if sold.returns > 0 {
        return Err(NotReturned::TooMuch { field: "sale_id".into(), left: Quantity::ZERO }.into());
    }
    Ok(sold.total)
}

/// What the customer was told is what was paid, and that goes back.
fn money(sold: &Sold, back: &NewReturn, total: Cents) -> Result<(), Rejection> {
    if back.total_cents != total {
        return Err(NotReturned::TotalMismatch { expected_cents: total.0 }.into());
    }
    if back.refunds.is_empty() && !sold.paid {
        return Ok(());
    }
    let refunded: Cents = back.refunds.iter().map(|refund| refund.amount_cents).sum();
    if refunded == total { Ok(()) } else { Err(NotReturned::RefundMismatch { total_cents: total.0 }.into()) }
}

/// A line of the sale, with what has come back of it.
struct SoldLine {
    position: i64,
    product: i64,
    product_id: ProductId,
    product_name: String,
    quantity: Quantity,
    /// What was paid for it.
    total: Cents,
    returned: Quantity,
}

impl SoldLine {
    fn left(&self) -> Quantity {
        Quantity(self.quantity.0 - self.returned.0)
    }
}

fn sold_lines(cx: &Context<'_>, sale: i64) -> rusqlite::Result<Vec<SoldLine>> {
    rows::all(
        cx.db,
        "SELECT position, product, product.uid, product.name, quantity, total_cents - share_cents, returned
         FROM sale_line JOIN product ON product.id = sale_line.product WHERE sale = ?1 ORDER BY position",
        [sale],
        |row| {
            Ok(SoldLine {
                position: row.get(0)?,
                product: row.get(1)?,
                product_id: ProductId(rows::id(row, 2)?),
                product_name: row.get(3)?,
                quantity: Quantity(row.get(4)?),
                total: Cents(row.get(5)?),
                returned: Quantity(row.get(6)?),
            })
        },
    )
}

/// The lines that come back, each with the row key of its product.
fn lines(cx: &Context<'_>, sold: &Sold, back: &NewReturn) -> Result<Vec<(i64, ReturnLine)>, ApplyError> {
    let known = sold_lines(cx, sold.key)?;
    if sold.by_amount {
        return Ok(Vec::new());
    }
    let wanted: Vec<NewReturnLine> = if back.lines.is_empty() {
        let left = known.iter().filter(|line| line.left() > Quantity::ZERO);
        left.map(|line| NewReturnLine {
            position: line.position,
            quantity_thousandths: line.left(),
            restock: true,
        })
        .collect()
    } else {
        back.lines.clone()
    };
    if wanted.is_empty() {
        return Err(
            Rejection::from(NotReturned::TooMuch { field: "lines".into(), left: Quantity::ZERO }).into()
        );
    }
    let mut lines = Vec::with_capacity(wanted.len());
    for (index, line) in wanted.iter().enumerate() {
        let sold = known.iter().find(|sold| sold.position == line.position).ok_or_else(|| {
            let max = known.len() as i64 - 1;
            Rejection::invalid(format!("lines.{index}.position"), Invalid::Range { min: 0, max })
        })?;
        let quantity = line.quantity_thousandths;
        let total_cents =
            refund::part(sold.total, sold.quantity, sold.returned, quantity).ok_or_else(|| {
                let field = format!("lines.{index}.quantity_thousandths").into();
                Rejection::from(NotReturned::TooMuch { field, left: sold.left() })
            })?;
        let line = ReturnLine {
            position: line.position,
            product_id: sold.product_id,
            product_name: sold.product_name.clone(),
            quantity_thousandths: quantity,
            total_cents,
            restock: line.restock,
            lots: Vec::new(),
            counted_since: false,
        };
        lines.push((sold.product, line));
    }
    Ok(lines)
}

fn next_number(cx: &Context<'_>, store: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce(max(number), 0) + 1 FROM sale_return WHERE store = ?1";
    Ok(rows::one(cx.db, sql, [store], |row| row.get(0))?.unwrap_or(1))
}

/// Writes it down and gives its row key.
fn keep(
    cx: &Context<'_>,
    sold: &Sold,
    store: &Workplace,
    (person, approver): (i64, Option<i64>),
    hour: i8,
    back: &Return,
) -> rusqlite::Result<i64> {
    rows::run(
        cx.db,
        "INSERT INTO sale_return (uid, number, sale, store, person, void, total_cents, business_day, hour,
                                  returned_at, seq, cash_session, approver)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        (
            back.id.0.as_bytes().as_slice(),
            back.number,
            sold.key,
            store.key,
            person,
            back.void,
            back.total_cents.0,
            &back.business_day,
            hour,
            back.returned_at.0,
            cx.seq,
            back.cash_session.as_ref().map(|id| id.0.as_bytes().as_slice()),
            approver,
        ),
    )?;
    let key = cx.db.last_insert_rowid();
    for (position, refund) in (0_i64..).zip(&back.refunds) {
        rows::run(
            cx.db,
            "INSERT INTO refund (sale_return, position, method, amount_cents) VALUES (?1, ?2, ?3, ?4)",
            (key, position, refund.method.word(), refund.amount_cents.0),
        )?;
    }
    rows::run(
        cx.db,
        "UPDATE sale SET returned_cents = returned_cents + ?2, returns = returns + 1, voided = ?3 WHERE id = ?1",
        (sold.key, back.total_cents.0, back.void),
    )?;
    Ok(key)
}

fn keep_lines(
    cx: &Context<'_>,
    key: i64,
    sold: &Sold,
    store: &Workplace,
    returned_at: UtcMicros,
    lines: &mut [(i64, ReturnLine)],
) -> Result<(), ApplyError> {
    for (product, line) in lines {
        rows::run(
            cx.db,
            "INSERT INTO return_line (sale_return, sale, position, product, quantity, total_cents, restock)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                key,
                sold.key,
                line.position,
                *product,
                line.quantity_thousandths.0,
                line.total_cents.0,
                line.restock,
            ),
        )?;
        rows::run(
            cx.db,
            "UPDATE sale_line SET returned = returned + ?3, returned_cents = returned_cents + ?4
             WHERE sale = ?1 AND position = ?2",
            (sold.key, line.position, line.quantity_thousandths.0, line.total_cents.0),
        )?;
        if line.restock {
            let position = usize::try_from(line.position).unwrap_or_default();
            let place = Place { store: store.key, product: *product, position };
            let back = stock::shift(cx, place, line.quantity_thousandths, None, Some(returned_at))?;
            line.counted_since = back.counted_since;
            line.lots = lots::come_back(cx, place, line.quantity_thousandths, back.after, sold.key)?;
        }
    }
    Ok(())
}
