//! Sales: lines at the price that the customer was shown, payments that cover them, stock that goes down.
//! A sale by amount has no lines: the amount, the store and the moment are all that is told.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, NewSale, NewSaleLine, Payment, PaymentMethod, Role, Sale, SaleLine};
use tillwatch_shared::limits::{AMOUNT_CENTS, EARLIEST_TOLD, NAME_CHARS, SALE_LINES, SALE_PAYMENTS};
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, Quantity, SaleId, UtcMicros};

use super::access::{Caller, Workplace};
use super::rejection::{ApplyError, Invalid, Rejection};
use super::rows::{self, Word};
use super::totals::{self, Place};
use super::{Applied, Context, access, accounts, cash, check, discounts, lots, stock};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordSale {
    pub sale: NewSale,
}

impl RecordSale {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let sale = &self.sale;
        check::count("lines", sale.lines.len(), SALE_LINES)?;
        check::count("payments", sale.payments.len(), SALE_PAYMENTS)?;
        for (position, line) in sale.lines.iter().enumerate() {
            check::quantity(
                format!("lines.{position}.quantity_thousandths"),
                line.quantity_thousandths,
                false,
            )?;
            check::price(format!("lines.{position}.unit_price_cents"), line.unit_price_cents)?;
            let most = line.undiscounted().unwrap_or_default();
            check::range(
                format!("lines.{position}.discount_cents"),
                line.discount_cents.0,
                0,
                most.0.min(AMOUNT_CENTS),
            )?;
        }
        let most: Cents = sale.lines.iter().map(NewSaleLine::total).sum();
        check::range("discount_cents", sale.discount_cents.0, 0, most.0.min(AMOUNT_CENTS))?;
        if let Some(customer) = &sale.customer_cpf {
            TaxId::parse(customer.as_str())
                .map_err(|_| Rejection::invalid("customer_cpf", Invalid::TaxId))?;
        }
        for (position, payment) in sale.payments.iter().enumerate() {
            let field = format!("payments.{position}.amount_cents");
            check::range(field, payment.amount_cents.0, 1, AMOUNT_CENTS)?;
        }
        if let Some(till) = &sale.till {
            check::bounded("till", till, NAME_CHARS)?;
        }
        if let Some(at) = sale.sold_at {
            check::moment("sold_at", at)?;
        }
        if by_amount(sale) {
            check::range("total_cents", sale.total_cents.0, 1, AMOUNT_CENTS)?;
        }
        accounts::check_customer(sale)?;
        change_due(sale).map(drop)
    }

    /// What is told from memory is checked against the server's time: it lies in the past, or at most a
    /// day ahead. What a till recorded is taken with the time that the till had.
    pub(super) fn check_told(&self, server_at: UtcMicros) -> Result<(), Rejection> {
        let (min, max) = (EARLIEST_TOLD.0, server_at.plus(DAY).0);
        match self.sale.sold_at {
            Some(at) if by_amount(&self.sale) && !(min..=max).contains(&at.0) => {
                Err(Rejection::invalid("sold_at", Invalid::TimeTold))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether only the amount is told, and not what was sold.
pub const fn by_amount(sale: &NewSale) -> bool {
    sale.lines.is_empty()
}

pub(super) fn record(cx: &Context<'_>, p: &RecordSale) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.sale.store_id)?;
    let approver = discounts::approver(cx, &p.sale, &caller, &store)?;
    enter(cx, p, &caller, &store, approver.as_ref())
}

/// Enters a sale whose seller and store are known, and who has allowed its discounts where somebody had to.
pub(super) fn enter(
    cx: &Context<'_>,
    p: &RecordSale,
    caller: &Caller,
    store: &Workplace,
    approver: Option<&Caller>,
) -> Result<Applied, ApplyError> {
    let change_cents = change_due(&p.sale)?;
    cash::check_store(cx.db, p.sale.cash_session, store.key)?;
    let sold_at = p.sale.sold_at.unwrap_or(cx.command.client_at);
    let local = local(&store.zone, sold_at);
    let customer_name = p.sale.customer_name.as_deref().map(|name| check::name("customer_name", name));
    let sale = Sale {
        id: SaleId(cx.command.id.0),
        number: next_number(cx, store.key)?,
        store_id: store.id,
        store_name: store.name.clone(),
        person_id: caller.id,
        person_name: caller.name.clone(),
        till: p.sale.till.as_deref().map(|till| check::bounded("till", till, NAME_CHARS)).transpose()?,
        lines: Vec::with_capacity(p.sale.lines.len()),
        payments: p.sale.payments.clone(),
        discount_cents: p.sale.discount_cents,
        total_cents: p.sale.total_cents,
        change_cents,
        approved_by: approver.map(|person| person.id),
        approved_by_name: approver.map(|person| person.name.clone()),
        customer_cpf: p.sale.customer_cpf.clone(),
        customer_cpf_masked: p.sale.customer_cpf.as_ref().map(TaxId::masked),
        business_day: local.date().to_string(),
        sold_at,
        received_at: cx.command.server_at,
        returned: None,
        cash_session: p.sale.cash_session,
        customer_name: customer_name.transpose()?,
    };
    let place = Place {
        store: store.key,
        person: caller.key,
        hour: local.hour(),
        approver: approver.map(|person| person.key),
    };
    let key = next_key(cx)?;
    // Before the sale, which the table takes only if they cover it.
    insert_payments(cx, key, &sale.payments)?;
    insert_sale(cx, key, &sale, place, by_amount(&p.sale))?;
    let (sale, products) = insert_lines(cx, key, sale, store.key, &p.sale)?;
    accounts::charge(cx, &p.sale, key, store.key, sold_at)?;
    totals::add_sale(cx, place, &sale, &products)?;
    Ok(Applied { event: Event::SaleRecorded(sale), store: Some(store.id) })
}

/// Day and hour in a store's zone: 23:59 at −03:00 is still today, whatever UTC says.
pub fn local(zone: &str, at: UtcMicros) -> DateTime {
    at.timestamp().to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).datetime()
}

/// Checks that the lines less the discount sum up to the total and the payments cover it, and returns the change.
fn change_due(sale: &NewSale) -> Result<Cents, Rejection> {
    let (payments, total) = (&sale.payments, sale.total_cents);
    if by_amount(sale) {
        if payments.is_empty() {
            return Ok(Cents::ZERO);
        }
    } else {
        let lines: Cents = sale.lines.iter().map(NewSaleLine::total).sum();
        let expected = Cents(lines.0.saturating_sub(sale.discount_cents.0));
        if expected != total {
            return Err(Rejection::TotalMismatch { expected_cents: expected.0 });
        }
    }
    let paid: Cents = payments.iter().map(|p| p.amount_cents).sum();
    let cash: Cents =
        payments.iter().filter(|p| p.method == PaymentMethod::Cash).map(|p| p.amount_cents).sum();
    let change = paid.checked_sub(total).ok_or(Rejection::invalid("payments", Invalid::NotANumber))?;
    if change < Cents::ZERO {
        return Err(Rejection::Underpaid { missing_cents: -change.0 });
    }
    if change > cash {
        return Err(Rejection::ChangeNotFromCash);
    }
    Ok(change)
}

fn next_number(cx: &Context<'_>, store: i64) -> rusqlite::Result<i64> {
    cx.db
        .prepare_cached("UPDATE store SET last_sale = last_sale + 1 WHERE id = ?1 RETURNING last_sale")?
        .query_row([store], |row| row.get(0))
}

/// The row key of the next sale: rows are never taken out.
fn next_key(cx: &Context<'_>) -> rusqlite::Result<i64> {
    cx.db.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM sale")?.query_row([], |row| row.get(0))
}

fn insert_sale(
    cx: &Context<'_>,
    key: i64,
    sale: &Sale,
    place: Place,
    by_amount: bool,
) -> rusqlite::Result<usize> {
    rows::run(
        cx.db,
        "INSERT INTO sale (id, uid, number, store, person, total_cents, change_cents, business_day, sold_at, seq,
                           by_amount, hour, discount_cents, customer, approver, cash_session)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        (
            key,
            sale.id.0.as_bytes().as_slice(),
            sale.number,
            place.store,
            place.person,
            sale.total_cents.0,
            sale.change_cents.0,
            &sale.business_day,
            sale.sold_at.0,
            cx.seq,
            by_amount,
            place.hour,
            sale.discount_cents.0,
            sale.customer_cpf.as_ref().map(TaxId::as_str),
            place.approver,
            sale.cash_session.as_ref().map(|id| id.0.as_bytes().as_slice()),
        ),
    )
}

/// Writes the lines down, and gives the row key of each one's product.
fn insert_lines(
    cx: &Context<'_>,
    key: i64,
    mut sale: Sale,
    store: i64,
    told: &NewSale,
) -> Result<(Sale, Vec<i64>), ApplyError> {
    let mut products = Vec::with_capacity(told.lines.len());
    // A discount above the lines is refused before it comes here.
    for (position, (line, share_cents)) in told.lines.iter().zip(told.shares()).enumerate() {
        let product = stock::product(cx.db, line.product_id)?;
        let total_cents = line.total();
        rows::run(
            cx.db,
            "INSERT INTO sale_line (sale, position, product, quantity, unit_price_cents, total_cents,
                                    discount_cents, share_cents)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                key,
                position as i64,
                product.key,
                line.quantity_thousandths.0,
                line.unit_price_cents.0,
                total_cents.0,
                line.discount_cents.0,
                share_cents.0,
            ),
        )?;
        let place = lots::Place { store, product: product.key, position };
        let sold = Quantity(-line.quantity_thousandths.0);
        let shifted = stock::shift(cx, place, sold, None, Some(sale.sold_at))?;
        sale.lines.push(SaleLine {
            product_id: line.product_id,
            product_name: product.name,
            quantity_thousandths: line.quantity_thousandths,
            unit_price_cents: line.unit_price_cents,
            discount_cents: line.discount_cents,
            total_cents,
            share_cents,
            lots: shifted.lots,
            counted_since: shifted.counted_since,
        });
        products.push(product.key);
    }
    Ok((sale, products))
}

fn insert_payments(cx: &Context<'_>, key: i64, payments: &[Payment]) -> rusqlite::Result<()> {
    for (position, payment) in payments.iter().enumerate() {
        rows::run(
            cx.db,
            "INSERT INTO payment (sale, position, method, amount_cents) VALUES (?1, ?2, ?3, ?4)",
            (key, position as i64, payment.method.word(), payment.amount_cents.0),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tillwatch_shared::ProductId;

    use super::*;

    fn line(quantity: i64, price: i64) -> NewSaleLine {
        NewSaleLine::of(ProductId(uuid::Uuid::nil()), Quantity(quantity), Cents(price))
    }

    fn payment(method: PaymentMethod, cents: i64) -> Payment {
        Payment { method, amount_cents: Cents(cents) }
    }

    fn sale(lines: &[NewSaleLine], payments: &[Payment], total: i64) -> NewSale {
        NewSale {
            lines: lines.to_vec(),
            payments: payments.to_vec(),
            total_cents: Cents(total),
            ..NewSale::of(tillwatch_shared::StoreId(uuid::Uuid::nil()))
        }
    }

    #[test]
    fn change_comes_out_of_cash_only() {
        // By lines and by amount alike.
        for lines in [&[line(1000, 1000)][..], &[]] {
            let due = |payments: &[Payment]| change_due(&sale(lines, payments, 1000));
            assert_eq!(due(&[payment(PaymentMethod::Cash, 5000)]), Ok(Cents(4000)));
            assert_eq!(due(&[payment(PaymentMethod::Pix, 1000)]), Ok(Cents(0)));
            assert_eq!(due(&[payment(PaymentMethod::Pix, 1001)]), Err(Rejection::ChangeNotFromCash));
            assert_eq!(
                due(&[payment(PaymentMethod::Pix, 900), payment(PaymentMethod::Cash, 500)]),
                Ok(Cents(400))
            );
            assert_eq!(
                due(&[payment(PaymentMethod::Credit, 999)]),
                Err(Rejection::Underpaid { missing_cents: 1 })
            );
        }
        assert_eq!(
            change_due(&sale(&[line(1000, 1000)], &[], 999)),
            Err(Rejection::TotalMismatch { expected_cents: 1000 })
        );
        assert_eq!(change_due(&sale(&[], &[], 999)), Ok(Cents::ZERO), "by amount: paid, but not told how");
    }

    #[test]
    fn an_amount_is_told_of_the_past() {
        let now = UtcMicros(20_000 * DAY);
        let told = |at: i64| {
            let mut sale = sale(&[], &[], 1);
            sale.sold_at = Some(UtcMicros(at));
            RecordSale { sale }.check_told(now)
        };
        let refused = Err(Rejection::invalid("sold_at", Invalid::TimeTold));
        assert_eq!(told(EARLIEST_TOLD.0), Ok(()));
        assert_eq!(told(EARLIEST_TOLD.0 - 1), refused);
        assert_eq!(told(now.plus(DAY).0), Ok(()));
        assert_eq!(told(now.plus(DAY).0 + 1), refused);
    }

    #[test]
    fn day_and_hour_are_the_stores() {
        for (at, day, hour) in [
            ("2026-12-31T23:59:00Z", "2026-12-31", 20),
            ("2027-01-01T00:00:00Z", "2026-12-31", 21),
            ("2027-01-01T02:59:59Z", "2026-12-31", 23),
            ("2027-01-01T03:00:00Z", "2027-01-01", 0),
        ] {
            let local = local("America/Sao_Paulo", at.parse().unwrap());
            assert_eq!((local.date().to_string().as_str(), local.hour()), (day, hour), "{at}");
        }
    }

    proptest! {
        /// paid − change = total, and the change is never more than the cash.
        #[test]
        fn payments_balance(
            lines in prop::collection::vec((1_i64..100_000, 0_i64..100_000), 1..20),
            cash in 0_i64..1_000_000, pix in 0_i64..1_000_000,
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(q, p)| line(q, p)).collect();
            let total: Cents = lines.iter().map(NewSaleLine::total).sum();
            let payments = [payment(PaymentMethod::Cash, cash), payment(PaymentMethod::Pix, pix)];
            match change_due(&sale(&lines, &payments, total.0)) {
                Ok(change) => {
                    prop_assert_eq!(cash + pix - change.0, total.0);
                    prop_assert!(change.0 >= 0 && change.0 <= cash);
                }
                Err(Rejection::Underpaid { missing_cents }) => {
                    prop_assert_eq!(cash + pix + missing_cents, total.0);
                    prop_assert!(missing_cents > 0);
                }
                Err(Rejection::ChangeNotFromCash) => prop_assert!(pix > total.0),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
