//! What can happen to the register, and what it asks the world for.

use std::sync::Arc;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Preference;
use tillwatch_desk::sign_in;
use tillwatch_shared::api::{
    Changes, PaymentMethod, Problem, Product, Session, StockEntryKind, StockLevel, Unit,
};
use tillwatch_shared::{CommandId, StoreId};

use crate::state::forms::Part;
use crate::state::offline::{Known, Memory};
use crate::state::outbox::{Done, Parcel, Work};
use crate::state::pulse::{Beat, Beating};

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
    /// Escape, or the close button of what is open.
    Close,

    Form(FormInput),
    Submit,

    OpenPay,
    PayMethod(PaymentMethod),
    TakeBackPayment,

    RetryParcel(CommandId),
    /// Puts the lines of a refused sale back into the cart.
    ReturnParcel(CommandId),
    DiscardParcel(CommandId),

    AskClose,
    CloseAnyway,
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

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    SignIn(sign_in::Effect),
    /// Load the catalogue and the store's balances.
    Load {
        store: StoreId,
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
    Send(Vec<(CommandId, Work)>),
    SaveSettings,
    CloseWindow,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    SignIn(sign_in::Event),
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
    /// All is there; changes are followed from here.
    Loaded {
        round: u64,
        after: i64,
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
    /// The sending is over; these were not sent.
    HeldBack(Vec<CommandId>),
}

impl Event {
    /// What it means that an effect could not be queued; nothing for one that comes again by itself.
    pub fn not_sent(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Load { round, .. } | Effect::Follow { round, .. } => {
                Some(Self::LoadFailed { round: *round, failure: Failure::Unreachable })
            }
            Effect::Pulse(Some(name)) => {
                let beat = Beat { beating: Beating::Ended, ..Beat::default() };
                Some(Self::Pulse { name: name.clone(), beat })
            }
            Effect::Keep(parcel) => {
                Some(Self::Kept { command: parcel.command, result: Err("worker".to_owned()) })
            }
            Effect::Send(parcels) => {
                Some(Self::HeldBack(parcels.iter().map(|(command, _)| *command).collect()))
            }
            Effect::SignIn(
                sign_in::Effect::SignIn(..) | sign_in::Effect::SignUp(..) | sign_in::Effect::SetUp(..),
            ) => Some(Self::SignIn(sign_in::Event::SignedIn(Err(Failure::Unreachable)))),
            Effect::SignIn(sign_in::Effect::Ask { .. }) => {
                Some(Self::SignIn(sign_in::Event::Server(Err(Failure::Unreachable))))
            }
            Effect::Reconnect(_) => Some(Self::Reconnected(Err(Failure::Unreachable))),
            Effect::SignIn(sign_in::Effect::SignOut | sign_in::Effect::Speak(_))
            // What is not noted on the disk is sent once more after a restart, which changes nothing.
            | Effect::Refuse(..)
            | Effect::Forget(_)
            | Effect::Remember(_)
            | Effect::Nudge
            | Effect::Rest
            | Effect::Pulse(None)
            | Effect::SaveSettings
            | Effect::CloseWindow => None,
        }
    }
}
