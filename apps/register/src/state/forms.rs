//! What is being typed into the dialogs and the pay panel.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{Payment, PaymentMethod, StockEntryKind, Unit};
use tillwatch_shared::expiry::ExpiryError;
use tillwatch_shared::{Cents, CommandId, ProductId};

/// A field of a form, for complaints and for the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Search,
    Name,
    Code,
    Price,
    Minimum,
    Product,
    Quantity,
    Reason,
    Lot,
    Expiry,
    Amount,
    When,
    TillName,
    Discount,
    Supervisor,
    Pin,
    Customer,
    Note,
    /// Who owes what is paid on account.
    Debtor,
    /// What a customer hands over.
    Received,
    Cash(super::cash::CashField),
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    NameMissing,
    PriceBad,
    QuantityBad,
    MinimumBad,
    ProductMissing,
    ReasonMissing,
    NotWhole,
    TooMuch,
    AmountBad,
    /// Only cash gives change.
    AmountOverOpen,
    TooManyLines,
    TotalTooLarge,
    WhenBad,
    CustomerMissing,
    /// Notes and coins are counted whole.
    NotACount,
    LotBad,
    Expiry(ExpiryError),
}

/// A new product, or changes to one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductForm {
    pub editing: Option<ProductId>,
    pub name: String,
    pub code: String,
    pub unit: Unit,
    pub price: String,
    pub minimum: String,
    pub trouble: Trouble,
}

/// Goods that come in, are corrected, or were counted.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryForm {
    pub kind: StockEntryKind,
    /// What is typed to find the product.
    pub search: String,
    /// The products found, the selected one by its place.
    pub hits: Vec<ProductId>,
    pub hit: usize,
    pub product: Option<ProductId>,
    pub quantity: String,
    pub reason: String,
    /// What is printed on goods that came in.
    pub lot: String,
    pub expiry: String,
    pub trouble: Trouble,
}

/// Another quantity for a line of the cart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuantityForm {
    pub line: usize,
    pub quantity: String,
    pub complaint: Option<Complaint>,
}

/// A sale of which only the amount is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmountForm {
    /// Its place among the person's stores.
    pub store: usize,
    pub amount: String,
    /// As a person writes it; now if empty.
    pub when: String,
    pub trouble: Trouble,
}

/// Taking the money.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PayForm {
    pub payments: Vec<Payment>,
    /// The method whose amount is being typed.
    pub method: Option<PaymentMethod>,
    pub amount: String,
    /// The amount is what notes were counted up to; the next one is added.
    pub notes: bool,
    /// Who owes what is paid on account.
    pub customer: String,
    pub trouble: Trouble,
}

/// What stands in a form's way, and the command it waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trouble {
    pub complaint: Option<(Part, Complaint)>,
    pub failure: Option<Failure>,
    /// Under way, or without an answer so far.
    pub waiting: Option<CommandId>,
    /// The refused command that is corrected here: what is sent takes its place.
    pub replaces: Option<CommandId>,
}

impl Trouble {
    /// The complaint about a field.
    pub fn about(&self, part: Part) -> Option<Complaint> {
        self.complaint.filter(|(place, _)| *place == part).map(|(_, complaint)| complaint)
    }

    /// Something was typed: what was said about the old words no longer holds.
    pub fn edited(&mut self) {
        self.complaint = None;
        self.failure = None;
    }
}

impl EntryForm {
    pub fn new(kind: StockEntryKind) -> Self {
        Self {
            kind,
            search: String::new(),
            hits: Vec::new(),
            hit: 0,
            product: None,
            quantity: String::new(),
            reason: String::new(),
            lot: String::new(),
            expiry: String::new(),
            trouble: Trouble::default(),
        }
    }
}

impl PayForm {
    /// Who owes what of it is on account.
    pub fn customer(&self) -> Option<String> {
        let on_account = self.payments.iter().any(|payment| payment.method == PaymentMethod::Account);
        on_account.then(|| self.customer.trim().to_owned())
    }

    pub fn paid(&self) -> Cents {
        self.payments.iter().map(|payment| payment.amount_cents).sum()
    }

    /// What is still to be paid of `total`.
    pub fn open(&self, total: Cents) -> Cents {
        Cents((total.0 - self.paid().0).max(0))
    }

    /// What goes back to the customer.
    pub fn change(&self, total: Cents) -> Cents {
        Cents((self.paid().0 - total.0).max(0))
    }
}
