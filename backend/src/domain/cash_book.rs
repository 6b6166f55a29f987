//! What the tables know of a cash session, as the entries from which its report is made.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tillwatch_shared::api::{CashMovementKind, CashReportMovement, Payment, PaymentMethod};
use tillwatch_shared::cash::{Entry, RefundKind, Sold};
use tillwatch_shared::{Cents, PersonId, UtcMicros};

use super::cash::Session;
use super::rows::{self, Word};

/// The session's entries that came after this row of the journal.
pub fn entries(db: &Connection, session: &Session, after: i64) -> rusqlite::Result<Vec<Entry>> {
    let mut entries = sold(db, session, after)?;
    entries.extend(refunded(db, session, after)?);
    entries.extend(moved(db, session, after)?);
    entries.extend(debts(db, session, after)?);
    Ok(entries)
}

/// Whether a sale belongs to the session: its id is told by the sale, and its store must be the session's.
macro_rules! of_session {
    ($what:literal) => {
        concat!(
            $what,
            " WHERE sale.cash_session = ?1 AND sale.seq > ?3
              AND sale.store = (SELECT store FROM cash_session WHERE id = ?2) ORDER BY sale.id"
        )
    };
}

fn sold(db: &Connection, session: &Session, after: i64) -> rusqlite::Result<Vec<Entry>> {
    let params = (session.session.id.0.as_bytes().as_slice(), session.key, after);
    let mut payments: BTreeMap<i64, Vec<Payment>> = BTreeMap::new();
    let told = rows::all(
        db,
        of_session!("SELECT sale.id, method, amount_cents FROM sale JOIN payment ON payment.sale = sale.id"),
        params,
        |row| {
            let method = PaymentMethod::from_column(row, 1)?;
            Ok((row.get(0)?, Payment { method, amount_cents: Cents(row.get(2)?) }))
        },
    )?;
    for (sale, payment) in told {
        payments.entry(sale).or_default().push(payment);
    }
    rows::all(
        db,
        of_session!(
            "SELECT sale.id, person.uid, person.name, hour, total_cents, change_cents,
                    discount_cents + (SELECT coalesce(sum(discount_cents), 0) FROM sale_line WHERE sale = sale.id)
             FROM sale JOIN person ON person.id = sale.person"
        ),
        params,
        |row| {
            Ok(Entry::Sold(Sold {
                person_id: PersonId(rows::id(row, 1)?),
                person_name: row.get(2)?,
                hour: row.get(3)?,
                total_cents: Cents(row.get(4)?),
                discount_cents: Cents(row.get(6)?),
                change_cents: Cents(row.get(5)?),
                payments: payments.remove(&row.get(0)?).unwrap_or_default(),
            }))
        },
    )
}

fn refunded(db: &Connection, session: &Session, after: i64) -> rusqlite::Result<Vec<Entry>> {
    let mut back: BTreeMap<i64, (RefundKind, Vec<Payment>)> = BTreeMap::new();
    let refunds = rows::all(
        db,
        "SELECT sale_return.id, void, method, amount_cents
         FROM sale_return JOIN refund ON refund.sale_return = sale_return.id
         WHERE sale_return.cash_session = ?1 AND sale_return.seq > ?3
           AND sale_return.store = (SELECT store FROM cash_session WHERE id = ?2)
         ORDER BY sale_return.id, position",
        (session.session.id.0.as_bytes().as_slice(), session.key, after),
        |row| {
            let kind = if row.get(1)? { RefundKind::Void } else { RefundKind::Return };
            let method = PaymentMethod::from_column(row, 2)?;
            Ok((row.get(0)?, kind, Payment { method, amount_cents: Cents(row.get(3)?) }))
        },
    )?;
    for (key, kind, payment) in refunds {
        back.entry(key).or_insert_with(|| (kind, Vec::new())).1.push(payment);
    }
    Ok(back.into_values().map(|(kind, payments)| Entry::Refunded { kind, payments }).collect())
}

fn moved(db: &Connection, session: &Session, after: i64) -> rusqlite::Result<Vec<Entry>> {
    rows::all(
        db,
        "SELECT kind, amount_cents, reason, person.name, recorded_at
         FROM cash_movement JOIN person ON person.id = cash_movement.person
         WHERE session = ?1 AND seq > ?2 ORDER BY cash_movement.id",
        (session.key, after),
        |row| {
            Ok(Entry::Moved(CashReportMovement {
                kind: CashMovementKind::from_column(row, 0)?,
                amount_cents: Cents(row.get(1)?),
                reason: row.get(2)?,
                person_name: row.get(3)?,
                recorded_at: UtcMicros(row.get(4)?),
            }))
        },
    )
}

fn debts(db: &Connection, session: &Session, after: i64) -> rusqlite::Result<Vec<Entry>> {
    rows::all(
        db,
        "SELECT method, -amount_cents FROM account_movement JOIN account ON account.id = account
         WHERE cash_session = ?1 AND seq > ?3 AND method IS NOT NULL
           AND store = (SELECT store FROM cash_session WHERE id = ?2) ORDER BY account_movement.id",
        (session.session.id.0.as_bytes().as_slice(), session.key, after),
        |row| {
            let method = PaymentMethod::from_column(row, 0)?;
            Ok(Entry::DebtPaid(Payment { method, amount_cents: Cents(row.get(1)?) }))
        },
    )
}
