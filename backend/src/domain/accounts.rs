//! What customers owe a store: each has an account, whose balance is the sum of what was bought on it less
//! what was paid. A customer with a CPF or CNPJ is known by that, another one by name.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    Account, AccountPayment, Event, NewAccountPayment, NewSale, Payment, PaymentMethod, Role,
};
use tillwatch_shared::ids::AccountPaymentId;
use tillwatch_shared::limits::{AMOUNT_CENTS, NAME_CHARS};
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::{AccountId, Cents, StoreId, UtcMicros, names};

use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, cash, check};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PayAccount {
    pub account_id: AccountId,
    pub payment: NewAccountPayment,
}

impl PayAccount {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::range("amount_cents", self.payment.amount_cents.0, 1, AMOUNT_CENTS)?;
        if self.payment.method == PaymentMethod::Account {
            return Err(Rejection::invalid("method", Invalid::OnAccount));
        }
        self.payment.paid_at.map_or(Ok(()), |at| check::moment("paid_at", at))
    }
}

/// What of these payments is left to be paid later.
fn on_account(payments: &[Payment]) -> Cents {
    let owed = payments.iter().filter(|payment| payment.method == PaymentMethod::Account);
    owed.map(|payment| payment.amount_cents).sum()
}

/// What is bought on account needs somebody who owes it.
pub fn check_customer(sale: &NewSale) -> Result<(), Rejection> {
    if let Some(name) = &sale.customer_name {
        check::bounded("customer_name", name, NAME_CHARS)?;
    }
    if on_account(&sale.payments) > Cents::ZERO && sale.customer_name.is_none() && sale.customer_cpf.is_none()
    {
        return Err(Rejection::invalid("customer_name", Invalid::Missing));
    }
    Ok(())
}

/// Puts what a sale leaves to be paid on its customer's account.
pub fn charge(
    cx: &Context<'_>,
    sale: &NewSale,
    key: i64,
    store: i64,
    at: UtcMicros,
) -> Result<(), ApplyError> {
    let amount = on_account(&sale.payments);
    if amount == Cents::ZERO {
        return Ok(());
    }
    let account = account_of(cx, sale, store, at)?;
    rows::run(
        cx.db,
        "INSERT INTO account_movement (account, amount_cents, sale, seq) VALUES (?1, ?2, ?3, ?4)",
        (account, amount.0, key, cx.seq),
    )?;
    shift(cx.db, account, amount, at)?;
    Ok(())
}

/// What comes back of a sale and was not paid is no longer owed.
pub fn give_back(
    cx: &Context<'_>,
    sale: i64,
    sale_return: i64,
    refunds: &[Payment],
    at: UtcMicros,
) -> Result<(), ApplyError> {
    let amount = Cents(-on_account(refunds).0);
    if amount == Cents::ZERO {
        return Ok(());
    }
    let account: Option<i64> =
        rows::one(cx.db, "SELECT account FROM account_movement WHERE sale = ?1", [sale], |row| row.get(0))?;
    let account = account.ok_or_else(|| Rejection::invalid("refunds", Invalid::NotOnAccount))?;
    rows::run(
        cx.db,
        "INSERT INTO account_movement (account, amount_cents, sale_return, seq) VALUES (?1, ?2, ?3, ?4)",
        (account, amount.0, sale_return, cx.seq),
    )?;
    shift(cx.db, account, amount, at)?;
    Ok(())
}

/// The customer's account; a new one has the command's id.
fn account_of(cx: &Context<'_>, sale: &NewSale, store: i64, at: UtcMicros) -> Result<i64, ApplyError> {
    let name = sale.customer_name.as_deref();
    let name = name.map(|name| check::bounded("customer_name", name, NAME_CHARS)).transpose()?;
    let folded = name.as_deref().map(names::fold);
    let tax_id = sale.customer_cpf.as_ref().map(TaxId::as_str);
    let known = rows::one(
        cx.db,
        "SELECT id FROM account
         WHERE store = ?1 AND iif(?2 IS NULL, tax_id IS NULL AND name_folded = ?3, tax_id = ?2)",
        (store, tax_id, &folded),
        |row| row.get(0),
    )?;
    if let Some(key) = known {
        return Ok(key);
    }
    rows::run(
        cx.db,
        "INSERT INTO account (uid, store, tax_id, name, name_folded, balance_cents, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
        (cx.command.id.0.as_bytes().as_slice(), store, tax_id, &name, &folded, at.0),
    )?;
    Ok(cx.db.last_insert_rowid())
}

fn shift(db: &Connection, account: i64, by: Cents, at: UtcMicros) -> rusqlite::Result<usize> {
    rows::run(
        db,
        "UPDATE account SET balance_cents = balance_cents + ?2, changed_at = max(changed_at, ?3) WHERE id = ?1",
        (account, by.0, at.0),
    )
}

/// What [`account`] reads.
pub const ACCOUNT: &str =
    "SELECT account.id, account.uid, store.uid, store.name, account.name, tax_id, balance_cents, changed_at
     FROM account JOIN store ON store.id = account.store";

/// The account's row key, and the account.
pub fn account(row: &Row<'_>) -> rusqlite::Result<(i64, Account)> {
    let tax_id: Option<String> = row.get(5)?;
    let account = Account {
        id: AccountId(rows::id(row, 1)?),
        store_id: StoreId(rows::id(row, 2)?),
        store_name: row.get(3)?,
        name: row.get(4)?,
        tax_id_masked: tax_id.and_then(|id| TaxId::parse(&id).ok()).map(|id| id.masked()),
        balance_cents: Cents(row.get(6)?),
        changed_at: UtcMicros(row.get(7)?),
    };
    Ok((row.get(0)?, account))
}

fn by_id(db: &Connection, id: AccountId) -> rusqlite::Result<Option<(i64, Account)>> {
    let sql = format!("{ACCOUNT} WHERE account.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], account)
}

pub(super) fn pay(cx: &Context<'_>, p: &PayAccount) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let unknown = Rejection::Unknown(Noun::Account);
    let (key, known) = by_id(cx.db, p.account_id)?.ok_or_else(|| unknown.clone())?;
    let store = access::workplace(cx, &caller, known.store_id)?;
    cash::check_store(cx.db, p.payment.cash_session, store.key)?;
    let amount = p.payment.amount_cents;
    if amount > known.balance_cents {
        return Err(Rejection::OverpaidAccount { owed_cents: known.balance_cents.0 }.into());
    }
    let paid_at = p.payment.paid_at.unwrap_or(cx.command.client_at);
    rows::run(
        cx.db,
        "INSERT INTO account_movement (account, amount_cents, method, cash_session, seq)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            key,
            -amount.0,
            p.payment.method.word(),
            p.payment.cash_session.as_ref().map(|id| id.0.as_bytes().as_slice()),
            cx.seq,
        ),
    )?;
    shift(cx.db, key, Cents(-amount.0), paid_at)?;
    let (_, account) = by_id(cx.db, p.account_id)?.ok_or(unknown)?;
    let payment = AccountPayment {
        id: AccountPaymentId(cx.command.id.0),
        account,
        method: p.payment.method,
        amount_cents: amount,
        cash_session: p.payment.cash_session,
        person_id: caller.id,
        person_name: caller.name,
        paid_at,
        received_at: cx.command.server_at,
    };
    Ok(Applied { event: Event::AccountPaid(payment), store: Some(store.id) })
}
