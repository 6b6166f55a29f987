//! What the sign-in screen knows, what can happen to it, and what it asks for.

use std::sync::Arc;

use tillwatch_shared::api::{ServerInfo, Session, SetUp, SignIn, SignUp};
use tillwatch_shared::{CommandId, UtcMicros};

use crate::Lang;
use crate::failure::Failure;
use crate::remote::Remote;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    SignIn,
    SignUp,
    /// The first start: nobody exists yet.
    SetUp,
}

/// A field of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Code,
    Username,
    Password,
    StoreName,
    Address,
}

/// What is wrong with the form, before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    CodeMissing,
    UsernameMissing,
    PasswordMissing,
    PasswordShort,
    StoreNameMissing,
    Address,
}

/// A person of the demonstration data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    pub username: &'static str,
    pub password: &'static str,
    pub manager: bool,
}

pub const DEMO_PEOPLE: [DemoPerson; 2] = [
    DemoPerson { username: "12345678901", password: "1234", manager: false },
    DemoPerson { username: "56789012345", password: "1234", manager: true },
];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The server's addresses in use.
    pub address: String,
    /// The address being edited.
    pub address_draft: Option<String>,
    pub server: Remote<ServerInfo>,
    /// When the server was last asked.
    pub asked_at: Option<UtcMicros>,
    pub mode: Mode,
    pub code: String,
    pub username: String,
    pub password: String,
    pub store_name: String,
    pub complaint: Option<Complaint>,
    /// Why the newest attempt failed.
    pub failure: Option<Failure>,
    /// An attempt is under way.
    pub busy: bool,
    /// The command whose outcome is not known: the next attempt with the same words repeats it.
    pub unsettled: Option<CommandId>,
    /// Where the focus goes in the next frame.
    pub focus: Option<Place>,
    /// How this program and machine call themselves.
    pub device: String,
}

impl State {
    pub fn new(address: String, username: Option<String>, device: String) -> Self {
        let username = username.unwrap_or_default();
        let focus = if username.is_empty() { Place::Username } else { Place::Password };
        Self { address, username, device, focus: Some(focus), ..Self::default() }
    }

    /// The person is in: the secrets are gone, and nothing is under way.
    pub fn signed_in(&mut self) {
        self.busy = false;
        self.password.clear();
        self.code.clear();
        self.unsettled = None;
        self.failure = None;
    }

    /// Strangers may register themselves.
    pub fn open_registration(&self) -> bool {
        self.server.value().is_some_and(|server| server.open_registration)
    }

    pub fn is_demo(&self) -> bool {
        self.server.value().is_some_and(|server| server.demo)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The screen opens.
    Open,
    /// Time has passed.
    Tick,
    Mode(Mode),
    /// What the field at that place holds now.
    Text(Place, String),
    EditAddress,
    UseAddress,
    KeepAddress,
    Submit,
    Demo(DemoPerson),
    /// Ask the server again.
    Retry,
    /// The screen has moved the focus as it was asked to.
    Focused,
    Happened(Event),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Turn to this server and ask what it is.
    Ask {
        address: String,
        lang: Lang,
    },
    SignIn(CommandId, SignIn),
    SignUp(CommandId, SignUp),
    SetUp(CommandId, SetUp),
    SignOut,
    /// Further errors of the server are wanted in this language.
    Speak(Lang),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Server(Result<ServerInfo, Failure>),
    /// The address is not one.
    BadAddress,
    SignedIn(Result<Arc<Session>, Failure>),
}
