//! Debts under torture: what the person takes of them, and what the accounts must come to.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tillwatch_register::input::Input;
use tillwatch_register::state::debts::{DebtsInput, METHODS};
use tillwatch_register::state::outbox::Work;
use tillwatch_register::update::debts::{found, owed};
use tillwatch_shared::api::{Payment, PaymentMethod};
use tillwatch_shared::{AccountId, Cents, CommandId, StoreId, names};
use uuid::Uuid;

use super::Outcome;
use super::deeds::Deeds;
use super::till::Till;

/// Only who owes so much pays: what comes back of a sale meanwhile does not make it too much. So much is owed after
/// a minute or two.
const ENOUGH: Cents = Cents(60_000);

impl Till {
    /// A little of a debt, by any method, sometimes with change.
    pub fn take_debt(&mut self) -> Outcome<()> {
        self.act(Input::Debts(DebtsInput::Open))?;
        let rows: Vec<usize> = found(&self.state)
            .into_iter()
            .enumerate()
            .filter(|(_, debt)| owed(&self.state, debt).left() >= ENOUGH)
            .map(|(row, _)| row)
            .collect();
        let row = rows.get(self.below(rows.len())).copied();
        let Some(row) = row else { return self.act(Input::Close) };
        let method = METHODS.get(self.below(METHODS.len())).copied().unwrap_or(PaymentMethod::Cash);
        let amount = format!("{},{:02}", 1 + self.below(20), self.below(100));
        for input in [DebtsInput::Pick(row), DebtsInput::Method(method), DebtsInput::Amount(amount)] {
            self.act(Input::Debts(input))?;
        }
        if self.one_in(2) {
            self.act(Input::Debts(DebtsInput::Received("50".to_owned())))?;
        }
        self.act(Input::Submit)
    }
}

fn on_account(payments: &[Payment]) -> i64 {
    let owed = payments.iter().filter(|payment| payment.method == PaymentMethod::Account);
    owed.map(|payment| payment.amount_cents.0).sum()
}

/// What each customer of each store must owe, by the folded name, and the sum of the payments.
fn wanted(deeds: &Deeds, accounts: &Accounts) -> Outcome<(Owes, i64)> {
    let (mut wanted, mut paid) = (Owes::new(), 0);
    for deed in deeds.commands.values().filter(|deed| deed.happened) {
        let (sale, by) = match &deed.work {
            Work::Sale(sale) => (sale, on_account(&sale.payments)),
            Work::Return(id, back) => {
                let of = deeds.commands.get(&CommandId(id.0)).map(|deed| &deed.work);
                let Some(Work::Sale(sale)) = of else { continue };
                (sale, -on_account(&back.refunds))
            }
            Work::DebtPaid(account, payment) => {
                let (place, _) = accounts.get(account).ok_or("an account that the server does not have")?;
                *wanted.entry(place.clone()).or_default() -= payment.amount_cents.0;
                paid += payment.amount_cents.0;
                continue;
            }
            Work::Product(_)
            | Work::ProductChange(..)
            | Work::Entry(_)
            | Work::Stock(_)
            | Work::CashOpen(_)
            | Work::CashMove(..)
            | Work::CashClose(..) => continue,
        };
        if by != 0 {
            let name = names::fold(sale.customer_name.as_deref().unwrap_or_default());
            *wanted.entry((sale.store_id, name)).or_default() += by;
        }
    }
    Ok((wanted, paid))
}

/// By store and folded name.
type Owes = BTreeMap<(StoreId, String), i64>;
type Accounts = BTreeMap<AccountId, ((StoreId, String), i64)>;

fn accounts(db: &Connection) -> Outcome<Accounts> {
    let mut query = db.prepare(
        "SELECT account.uid, store.uid, account.name_folded, balance_cents
         FROM account JOIN store ON store.id = account.store WHERE account.name_folded IS NOT NULL",
    )?;
    let rows = query.query_map((), |row| {
        let (id, store) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?));
        Ok((AccountId(id), ((StoreId(store), row.get(2)?), row.get(3)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Compares what everybody owes; the first difference is the error. What was paid in all.
pub fn check(db: &Connection, deeds: &Deeds) -> Outcome<i64> {
    let accounts = accounts(db)?;
    let (wanted, paid) = wanted(deeds, &accounts)?;
    for ((store, name), owes) in &wanted {
        let is = accounts.values().find(|(place, _)| place == &(*store, name.clone())).map(|(_, is)| *is);
        if is.unwrap_or(0) != *owes {
            return Err(format!("{name} owes {is:?} in {store}, not {owes}").into());
        }
    }
    Ok(paid)
}
