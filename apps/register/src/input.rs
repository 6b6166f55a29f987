//! What can happen to the register, and what it asks the world for.

use std::sync::Arc;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::keys::Chord;
use tillwatch_desk::settings::Preference;
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    Changes, Debt, PaymentMethod, Problem, Product, Sale, Session, StockEntryKind, StockLevel, Unit,
};
use tillwatch_shared::{Cents, CommandId, StoreId};

use crate::action::Action;
use crate::state::burst::Stroke;
use crate::state::carts::{CartEffect, CartEvent, CartInput, Field};
use crate::state::cash::{CashInput, Closed};
use crate::state::consent::{AskConsent, Consented};
use crate::state::debts::{DebtsEffect, DebtsInput};
use crate::state::forms::Part;
use crate::state::offline::{Known, Memory, Place};
use crate::state::outbox::{Done, Errand, Parcel};
use crate::state::people::{PeopleEffect, PeopleEvent, PeopleInput};
use crate::state::pulse::{About, Beat, Beating};
use crate::state::receipts::{ReceiptsEffect, ReceiptsEvent, ReceiptsInput};
use crate::state::returns::{FindAtServer, Refund, ReturnPart};
use crate::state::sold::{Find, Found, SoldEffect};
use crate::state::stock::{Known as StockKnown, StockEffect, StockInput};

#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The window opens.
    Start,
    /// Time has passed.
    Tick,
    SignIn(sign_in::Input),
    Prefer(Preference),
    Happened(Box<Event>),
    /// The screen has moved the focus as it was asked to.
    Focused,
    CloseToast(u64),

    People(PeopleInput),
    StoreRow(usize),
    ChooseStore(usize),
    ChangeStore,
    SignOut,

    Search(String),
    SelectProduct(usize),
    MoveProduct(isize),
    /// Enter in the search line.
    EnterLine,
    /// A product was clicked twice, or its button was pressed.
    AddProduct(usize),
    FocusSearch,
    Reload,

    SelectLine(usize),
    MoveLine(isize),
    RemoveLine,
    UndoRemove,

    OpenProduct,
    EditProduct,
    OpenEntry,
    OpenQuantity,
    OpenAmount,
    OpenMenu,
    OpenKeys,
    OpenOutbox,
    OpenCancelSale,
    CancelSale,
    Cart(CartInput),
    /// Escape, or the close button of what is open.
    Close,

    Form(FormInput),
    Submit,
    Keys(KeysInput),
    /// Characters, and Enter or Tab, as they came: a person's or a barcode reader's.
    Keyed(Vec<Stroke>),
    OpenReader,
    Reader(ReaderInput),
    Stock(StockInput),

    OpenPay,
    PayMethod(PaymentMethod),
    TakeBackPayment,
    /// The customer hands over a note; without one, exactly what is open.
    PayNote(Option<Cents>),

    Cash(CashInput),
    Debts(DebtsInput),

    Receipts(ReceiptsInput),
    Returns(ReturnsInput),
    /// Looks up sales that this till made.
    FindSold(Find),

    RetryParcel(CommandId),
    /// Puts the lines of a refused sale back into the cart.
    ReturnParcel(CommandId),
    /// Opens a refused one in the form in which it was made.
    CorrectParcel(CommandId),
    /// Asks whether a refused one is to be thrown away; without one, no longer asks.
    AskDiscard(Option<CommandId>),
    DiscardParcel(CommandId),

    AskClose,
    CloseAnyway,
}

/// In the dialog for goods that come back.
#[derive(Clone, Debug, PartialEq)]
pub enum ReturnsInput {
    Open,
    /// The last sale of this till is meant.
    OpenLast,
    Wanted(String),
    /// The arrow keys.
    Move(isize),
    /// The sale in this row.
    Pick(usize),
    Enter,
    /// The button that makes the return.
    Submit,
    /// So much of the line in this place.
    Quantity(usize, String),
    /// All of it, or nothing.
    Whole(usize),
    All,
    Restock(usize, bool),
    Reason(String),
    Refund(Refund),
    /// Who consents, and their password or PIN.
    Consent(Field, String),
    /// The focus has gone there.
    At(ReturnPart),
    /// The screen has moved the focus as it was asked to.
    Focused,
}

/// Something was typed or chosen in the open form.
#[derive(Clone, Debug, PartialEq)]
pub enum FormInput {
    Text(Part, String),
    Unit(Unit),
    Kind(StockEntryKind),
    MoveHit(isize),
    PickHit(usize),
    OtherProduct,
}

/// On the page of keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeysInput {
    /// Another key for this action: the next one that is pressed.
    Change(Action),
    Pressed(Chord),
    /// No other key after all.
    Stop,
    Defaults,
}

/// On the page of the reader and the scale.
#[derive(Clone, Debug, PartialEq)]
pub enum ReaderInput {
    /// The longest time between two keys of a scan, in milliseconds.
    Gap(u32),
    Layouts(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    SignIn(sign_in::Effect),
    People(PeopleEffect),
    /// Load the catalogue and the store's balances.
    Load {
        store: StoreId,
        round: u64,
    },
    /// Find out whether the changes can be followed from there.
    Resume {
        place: Place,
        round: u64,
    },
    /// Follow the changes, until another round begins.
    Follow {
        after: i64,
        round: u64,
    },
    /// Ask for changes now.
    Nudge,
    /// Stop following.
    Rest,
    /// Have a pulse under this name in place of the one before; none without a name.
    Pulse(Option<String>),
    /// Tell the server what this terminal has, and its clock.
    TellAbout(String, About),
    /// Sign in at the server whoever was let in by the till alone.
    Reconnect(CommandId),
    /// Note in the till's file what there is to sell.
    Remember(Box<Memory>),
    /// Write it to the till's file; only then it counts.
    Keep(Box<Parcel>),
    /// Note in the till's file that the server has refused it; without a refusal, that it is sent again.
    Refuse(CommandId, Option<Box<Problem>>),
    /// It is settled: take it out of the till's file.
    Forget(CommandId),
    /// Send these commands, one after the other, up to the first that meets silence.
    Send(Vec<Errand>),
    /// Note lists and transfers in the till's file.
    Stock(StockEffect),
    /// Look up, or note, what was sold here.
    Sold(SoldEffect),
    /// Ask the server for a sale.
    FindSale(FindAtServer),
    /// Print, save or look up documents.
    Receipts(ReceiptsEffect),
    Cart(CartEffect),
    /// Have a return allowed.
    Consent(Box<AskConsent>),
    /// Ask who owes, or note it.
    Debts(DebtsEffect),
    /// What the command did to the drawer has not happened.
    DropCash(CommandId),
    /// Look up the close so many before the last one.
    EarlierClose(usize),
    SaveSettings,
    CloseWindow,
}

#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "answers to commands are the most of them; each is handled once"
)]
pub enum Event {
    SignIn(sign_in::Event),
    People(PeopleEvent),
    /// The server is silent, and the till knows the person and the password.
    SignedInHere(Box<Known>),
    /// What the server said to the person whom the till had let in.
    Reconnected(Result<Arc<Session>, Failure>),
    Products {
        round: u64,
        items: Vec<Product>,
    },
    Levels {
        round: u64,
        items: Vec<StockLevel>,
    },
    /// Where goods can be sent, and what is on its way.
    StockKnown {
        round: u64,
        store: StoreId,
        known: Box<StockKnown>,
    },
    /// All is there; changes are followed from here.
    Loaded {
        round: u64,
        after: i64,
        /// By which it is found again.
        place: Option<Place>,
    },
    /// Whether the server has the place from which the changes were to be followed.
    Resumed {
        round: u64,
        known: bool,
    },
    LoadFailed {
        round: u64,
        failure: Failure,
    },
    Changes {
        round: u64,
        answer: Result<Changes, Failure>,
        round_trip_micros: i64,
    },
    Pulse {
        name: String,
        beat: Beat,
    },
    Kept {
        command: CommandId,
        /// Why it could not be written.
        result: Result<(), String>,
    },
    Sent {
        command: CommandId,
        answer: Result<Done, Failure>,
    },
    Cart(Box<CartEvent>),
    Consent(Box<Consented>),
    /// Who owes a store.
    Debts {
        store: StoreId,
        answer: Result<Vec<Debt>, Failure>,
    },
    /// The sending is over; these were not sent.
    HeldBack(Vec<CommandId>),
    Sold(Found),
    /// The close so many before the last one; why it could not be read.
    EarlierClose(usize, Result<Option<Closed>, String>),
    SaleFound(FindAtServer, Result<Option<Sale>, Failure>),
    Receipts(ReceiptsEvent),
}

impl Event {
    /// What it means that an effect could not be queued; nothing for one that comes again by itself.
    pub fn not_sent(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Load { round, .. } | Effect::Resume { round, .. } | Effect::Follow { round, .. } => {
                Some(Self::LoadFailed { round: *round, failure: Failure::Unreachable })
            }
            Effect::Pulse(Some(name)) => {
                let beat = Beat { beating: Beating::Ended, ..Beat::default() };
                Some(Self::Pulse { name: name.clone(), beat })
            }
            Effect::Keep(parcel) => {
                Some(Self::Kept { command: parcel.command, result: Err("worker".to_owned()) })
            }
            Effect::Send(errands) => {
                Some(Self::HeldBack(errands.iter().map(|errand| errand.command).collect()))
            }
            Effect::People(PeopleEffect::Unlock { command, .. }) => {
                let answer = Err(Failure::Unreachable);
                Some(Self::People(PeopleEvent::Unlocked { command: *command, answer }))
            }
            Effect::SignIn(
                sign_in::Effect::SignIn(..) | sign_in::Effect::SignUp(..) | sign_in::Effect::SetUp(..),
            ) => Some(Self::SignIn(sign_in::Event::SignedIn(Err(Failure::Unreachable)))),
            Effect::SignIn(sign_in::Effect::Ask { .. }) => {
                Some(Self::SignIn(sign_in::Event::Server(Err(Failure::Unreachable))))
            }
            Effect::Receipts(effect) => Some(Self::Receipts(effect.not_done())),
            Effect::FindSale(question) => Some(Self::SaleFound(*question, Err(Failure::Unreachable))),
            Effect::Sold(SoldEffect::Find { store, find }) => {
                let sales = Err("worker".to_owned());
                Some(Self::Sold(Found { store: *store, find: *find, sales, slips: Vec::new() }))
            }
            Effect::Debts(DebtsEffect::Ask(store)) => {
                Some(Self::Debts { store: *store, answer: Err(Failure::Unreachable) })
            }
            Effect::EarlierClose(back) => Some(Self::EarlierClose(*back, Err("worker".to_owned()))),
            Effect::Reconnect(_) => Some(Self::Reconnected(Err(Failure::Unreachable))),
            Effect::Cart(CartEffect::Keep(_)) => Some(Self::Cart(Box::new(CartEvent::NotKept("worker".to_owned())))),
            Effect::Consent(ask) => {
                let answer = Err(Failure::Unreachable);
                Some(Self::Consent(Box::new(Consented { command: ask.command, answer })))
            }
            Effect::Cart(CartEffect::Approve(ask)) => {
                let answer = Err(Failure::Unreachable);
                Some(Self::Cart(Box::new(CartEvent::Approved { command: ask.command, answer })))
            }
            Effect::SignIn(sign_in::Effect::SignOut | sign_in::Effect::Speak(_))
            | Effect::People(PeopleEffect::EndMandate(_) | PeopleEffect::Renew)
            // What is not noted on the disk is sent once more after a restart, which changes nothing.
            | Effect::Refuse(..)
            | Effect::Forget(_)
            | Effect::Cart(CartEffect::Drop(_))
            | Effect::DropCash(_)
            | Effect::Sold(SoldEffect::Confirmed(_) | SoldEffect::Dropped(_) | SoldEffect::ReturnDropped(..))
            | Effect::Remember(_)
            | Effect::Stock(_)
            | Effect::Debts(DebtsEffect::Remember(..))
            | Effect::Nudge
            | Effect::Rest
            | Effect::Pulse(None)
            // Told again within a minute.
            | Effect::TellAbout(..)
            | Effect::SaveSettings
            | Effect::CloseWindow => None,
        }
    }
}
