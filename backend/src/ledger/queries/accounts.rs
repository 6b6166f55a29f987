//! What customers owe.

use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use tillwatch_shared::api::{Account, AccountEntry, Debt, Event, Page, PaymentMethod};
use tillwatch_shared::limits::DEBT_ENTRIES;
use tillwatch_shared::{Cents, UtcMicros};

use super::Slice;
use crate::domain::accounts::{ACCOUNT, account};
use crate::domain::rows::{self, Word};
use crate::ledger::journal;

/// The accounts of these stores (a JSON array of row keys) on which something is owed.
pub fn open(db: &Connection, stores: &str, slice: Slice) -> rusqlite::Result<Page<Account>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "{ACCOUNT} WHERE account.id > ?1 AND account.id < ?2 AND balance_cents <> 0
            AND account.store IN (SELECT value FROM json_each(?3))
         ORDER BY account.id {} LIMIT ?4",
        slice.direction()
    );
    Ok(slice.page(rows::all(db, &sql, (above, below, stores, slice.limit + 1), account)?))
}

/// The same with what each debt comes from.
pub fn debts(db: &Connection, stores: &str, slice: Slice) -> rusqlite::Result<Page<Debt>> {
    let accounts = open(db, stores, slice)?;
    let with_entries = |account: Account| {
        let entries = entries(db, &account)?;
        Ok(Debt { account, entries })
    };
    let items = accounts.items.into_iter().map(with_entries).collect::<rusqlite::Result<_>>()?;
    Ok(Page { items, next: accounts.next })
}

/// What was bought, came back and was paid last.
fn entries(db: &Connection, account: &Account) -> rusqlite::Result<Vec<AccountEntry>> {
    rows::all(
        db,
        "SELECT amount_cents, method, sale.number, coalesce(sale_return.returned_at, sale.sold_at), outcome
         FROM account_movement
             LEFT JOIN sale_return ON sale_return.id = account_movement.sale_return
             LEFT JOIN sale ON sale.id = coalesce(account_movement.sale, sale_return.sale)
             JOIN journal ON journal.seq = account_movement.seq
         WHERE account = (SELECT id FROM account WHERE uid = ?1)
         ORDER BY account_movement.id DESC LIMIT ?2",
        (account.id.0.as_bytes().as_slice(), DEBT_ENTRIES as i64),
        entry,
    )
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AccountEntry> {
    let paid = row.get::<_, Option<String>>(1)?.is_some();
    let at = match row.get::<_, Option<i64>>(3)? {
        Some(at) => UtcMicros(at),
        None => paid_at(&journal::event(row, 4)?)?,
    };
    Ok(AccountEntry {
        at,
        amount_cents: Cents(row.get(0)?),
        sale_number: row.get(2)?,
        method: paid.then(|| PaymentMethod::from_column(row, 1)).transpose()?,
    })
}

/// Only its event tells when a debt was paid.
fn paid_at(event: &Event) -> rusqlite::Result<UtcMicros> {
    if let Event::AccountPaid(payment) = event {
        Ok(payment.paid_at)
    } else {
        let wrong = "a movement of an account that is no sale, return or payment";
        Err(rusqlite::Error::FromSqlConversionFailure(4, Type::Text, wrong.into()))
    }
}
