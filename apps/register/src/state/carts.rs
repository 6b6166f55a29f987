//! Sales that are not finished: the open one as the till's file has it, and those that were put aside.

use serde::{Deserialize, Serialize};
use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{NewApproval, Role};
use tillwatch_shared::{Cents, CommandId, PersonId, StoreId, UtcMicros};

use super::cart::{Allowed, Basket, Discount, Scope};
use super::offline::Known;

/// A sale that is not finished, as the till's file keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptCart {
    pub basket: Basket,
    pub store: StoreId,
    /// Who began it.
    pub person: PersonId,
    pub person_name: String,
    /// When it was changed or put aside last.
    pub at: UtcMicros,
    pub note: String,
    /// Put aside by a person; otherwise it was open.
    pub suspended: bool,
}

impl KeptCart {
    pub fn is(&self, sale: CommandId) -> bool {
        self.basket.sale == Some(sale)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carts {
    /// Of every store, oldest first. Those that were open when the program ended are among them until their
    /// store is chosen.
    pub aside: Vec<KeptCart>,
    /// The open cart as it was last sent to the disk.
    pub written: Option<Basket>,
}

impl Carts {
    /// What the till's file holds. A sale that is in the outbox is finished, whatever else was written.
    pub fn of(kept: Vec<KeptCart>, is_sold: impl Fn(CommandId) -> bool) -> Self {
        let open = |cart: &KeptCart| cart.basket.sale.is_some_and(|sale| !is_sold(sale));
        Self { aside: kept.into_iter().filter(open).collect(), written: None }
    }

    /// Those of a store, newest first.
    pub fn of_store(&self, store: StoreId) -> impl Iterator<Item = &KeptCart> {
        self.aside.iter().rev().filter(move |cart| cart.store == store)
    }

    pub fn take(&mut self, sale: CommandId) -> Option<KeptCart> {
        let place = self.aside.iter().position(|cart| cart.is(sale))?;
        Some(self.aside.remove(place))
    }
}

/// The dialogs of the cart.
#[derive(Clone, Debug, PartialEq)]
pub enum CartDialog {
    Discount(DiscountForm),
    Approval(ApprovalForm),
    Customer(CustomerForm),
    Aside(AsideForm),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiscountKind {
    #[default]
    Percent,
    Amount,
}

/// A discount being typed.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscountForm {
    pub scope: Scope,
    pub kind: DiscountKind,
    pub text: String,
    pub wrong: bool,
}

/// Why somebody else has to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// This discount is to be given.
    Give(Scope, Discount),
    /// The sale is to be paid.
    Pay,
}

/// A supervisor proves who they are.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalForm {
    pub purpose: Purpose,
    /// All discounts of the sale, and what it would cost without them.
    pub limit: Cents,
    pub undiscounted: Cents,
    /// What the one who is signed in may give.
    pub own: Cents,
    pub username: String,
    pub password: String,
    pub waiting: Option<CommandId>,
    pub refusal: Option<Refusal>,
}

/// Why it was not allowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The server's own words, or that there was no answer.
    Server(Failure),
    /// This till does not know them, or not this password.
    Unknown,
    /// They may give so much.
    TooLow { name: String, limit: Cents },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerForm {
    pub text: String,
    pub wrong: bool,
}

/// The open sale is put aside, or one of those that are is taken up again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AsideForm {
    pub note: String,
    /// Among those of this store; none while the note is being typed.
    pub row: Option<usize>,
    /// The one that is to be thrown away, if the person says so once more.
    pub dropping: Option<CommandId>,
}

/// What a person does with the cart beyond its lines.
#[derive(Clone, Debug, PartialEq)]
pub enum CartInput {
    OpenDiscount,
    OpenCustomer,
    OpenAside,
    Scope(Scope),
    Kind(DiscountKind),
    Text(Field, String),
    /// Puts the open sale aside.
    Suspend,
    /// The highlighted row of those put aside moves.
    Row(isize),
    Recall(CommandId),
    /// Asks, or with the second time does it.
    Drop(CommandId),
    Keep,
}

/// A field of these dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Discount,
    Username,
    Password,
    Customer,
    Note,
}

/// What the cart asks of the disk and the server.
#[derive(Clone, Debug, PartialEq)]
pub enum CartEffect {
    /// Write it to the till's file, in place of what that had of it.
    Keep(Box<KeptCart>),
    /// Take it out of the till's file.
    Drop(CommandId),
    /// Have a discount allowed: by the server, or by what this till knows if that is silent.
    Approve(Box<Ask>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub command: CommandId,
    pub body: NewApproval,
    /// The server is not there: the till decides at once.
    pub here: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CartEvent {
    NotKept(String),
    Approved { command: CommandId, answer: Result<Approver, Failure> },
}

/// Who has proved who they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Approver {
    /// The server has allowed it.
    Server(Allowed),
    /// This till knows the person.
    Known(Box<Known>),
    /// The server is silent and this till does not know them, or not this password.
    Nobody,
}

/// Whether somebody works in a store, as far as the till knows.
pub fn works_in(known: &Known, store: StoreId) -> bool {
    known.person.role == Role::Admin || known.stores.iter().any(|own| own.id == store)
}
