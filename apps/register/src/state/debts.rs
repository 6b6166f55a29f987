//! What customers owe the store of this till, as the server last told it, and the dialog in which they pay.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{Account, Debt, NewSale, Payment, PaymentMethod, Sale};
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::{AccountId, Cents, StoreId, UtcMicros, names};

use super::forms::Trouble;

/// How a debt can be paid; the keys F1 to F4.
pub const METHODS: [PaymentMethod; 4] =
    [PaymentMethod::Cash, PaymentMethod::Pix, PaymentMethod::Credit, PaymentMethod::Debit];

/// What the server told of a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// By name.
    pub debts: Vec<Debt>,
    pub heard_at: UtcMicros,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Debts {
    /// Of each store that this till has worked in.
    pub remembered: HashMap<StoreId, Known>,
    /// The server is being asked.
    pub asking: bool,
    /// Something has changed since it was.
    pub again: bool,
    /// Why the last answer did not come.
    pub failure: Option<Failure>,
}

impl Debts {
    pub fn known(&self, store: StoreId) -> Option<&Known> {
        self.remembered.get(&store)
    }
}

/// Whose account a sale is on: known by the CPF, or by the name where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debtor {
    pub store: StoreId,
    pub tax_id_masked: Option<String>,
    pub name: Option<String>,
}

impl Debtor {
    pub fn of(sale: &Sale) -> Self {
        let tax_id_masked = sale.customer_cpf_masked.clone();
        Self { store: sale.store_id, tax_id_masked, name: sale.customer_name.clone() }
    }

    pub fn of_new(sale: &NewSale) -> Self {
        let tax_id_masked = sale.customer_cpf.as_ref().map(TaxId::masked);
        Self { store: sale.store_id, tax_id_masked, name: sale.customer_name.clone() }
    }

    pub fn has(&self, account: &Account) -> bool {
        if self.store != account.store_id || self.tax_id_masked != account.tax_id_masked {
            return false;
        }
        let fold = |name: &Option<String>| name.as_deref().map(names::fold);
        self.tax_id_masked.is_some() || (self.name.is_some() && fold(&self.name) == fold(&account.name))
    }
}

/// What of these payments, or refunds, is on account.
pub fn on_account(payments: &[Payment]) -> Cents {
    let on_account = payments.iter().filter(|payment| payment.method == PaymentMethod::Account);
    on_account.map(|payment| payment.amount_cents).sum()
}

/// What is owed on an account, with what this till has not told yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// As the server told it.
    pub told: Cents,
    /// Paid here and not confirmed.
    pub paid_here: Cents,
    /// Given back here of what was bought, and not confirmed.
    pub returned_here: Cents,
    /// Bought here and not confirmed; it can be paid when the server has it.
    pub bought_here: Cents,
}

impl Owed {
    /// What can be paid now.
    pub fn left(self) -> Cents {
        Cents((self.told.0 - self.paid_here.0 - self.returned_here.0).max(0))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebtComplaint {
    AmountBad,
    MoreThanOwed,
    ReceivedBad,
    /// Less than is to be paid.
    TooLittle,
}

/// A payment that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayDebt {
    pub account: AccountId,
    pub amount: String,
    pub method: PaymentMethod,
    /// What cash the customer hands over; exactly the amount if empty.
    pub received: String,
    pub complaint: Option<DebtComplaint>,
}

/// What has been paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    pub name: String,
    pub amount: Cents,
    pub change: Cents,
    /// Still owed, as far as the till knows.
    pub left: Cents,
    /// The server has not confirmed it.
    pub kept_here: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebtStep {
    Find { wanted: String, row: usize },
    Pay(PayDebt),
    Done(Paid),
}

#[derive(Clone, Debug, PartialEq)]
pub struct DebtsForm {
    pub step: DebtStep,
    pub trouble: Trouble,
}

impl DebtsForm {
    pub fn find() -> Self {
        Self { step: DebtStep::Find { wanted: String::new(), row: 0 }, trouble: Trouble::default() }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum DebtsInput {
    Open,
    Wanted(String),
    /// The arrow keys.
    Move(isize),
    /// The customer in this row.
    Pick(usize),
    Amount(String),
    Method(PaymentMethod),
    Received(String),
    /// The button, or Enter in the last field.
    Submit,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DebtsEffect {
    Ask(StoreId),
    Remember(StoreId, Box<Known>),
}
