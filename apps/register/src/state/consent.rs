//! A manager's consent to a return that the seller may not make alone.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::NewReturnApproval;
use tillwatch_shared::{Cents, CommandId, PersonId};

use super::carts::{Approver, Refusal};

/// It is asked for, or given.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// The return that it is for: this is the id of its command.
    pub id: CommandId,
    /// At most so much goes back.
    pub limit: Cents,
    pub username: String,
    pub password: String,
    pub waiting: Option<CommandId>,
    pub refusal: Option<Refusal>,
    /// Who has given it.
    pub given: Option<(PersonId, String)>,
}

impl Consent {
    pub const fn new(id: CommandId, limit: Cents) -> Self {
        Self {
            id,
            limit,
            username: String::new(),
            password: String::new(),
            waiting: None,
            refusal: None,
            given: None,
        }
    }
}

/// Asks the server, or the till while that is silent, who they are.
#[derive(Clone, Debug, PartialEq)]
pub struct AskConsent {
    pub command: CommandId,
    pub body: NewReturnApproval,
    /// The server is not there: the till decides at once.
    pub here: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Consented {
    pub command: CommandId,
    pub answer: Result<Approver, Failure>,
}
