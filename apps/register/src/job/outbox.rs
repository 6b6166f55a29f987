//! Sending what the outbox has due: in order, and in the name of whoever did it.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::worker::Events;
use tillwatch_shared::CommandId;
use tillwatch_shared::client::Client;

use super::{Register, TillFile, stock};
use crate::input::Event;
use crate::state::outbox::{Done, Errand, Work};

impl Register {
    /// One after the other: what was made after a command waits until it is settled. After a failure the rest comes
    /// back: what the server could not take is not there for what rests on it, and a silence would only be met again.
    pub(super) async fn send(&self, events: &Events<Event>, errands: Vec<Errand>) {
        let mut errands = errands.into_iter();
        let (client, identity) = (self.link.client(), self.aside(TillFile::identity).await);
        if let (Some(client), Ok(identity)) = (client, identity) {
            for errand in errands.by_ref() {
                let (command, answer) = carry(&client, &identity.key, errand).await;
                let over = answer.is_err();
                events.send(Event::Sent { command, answer }).await;
                if over {
                    break;
                }
            }
        }
        events.send(Event::HeldBack(errands.map(|errand| errand.command).collect())).await;
    }
}

/// In the name of whoever did it: with their session, or as the till that speaks for them.
async fn carry(client: &Client, till_key: &str, errand: Errand) -> (CommandId, Result<Done, Failure>) {
    let Errand { command, person, work } = errand;
    let signed_in = || client.session().is_some_and(|session| session.person.id == person);
    let (own, till) = (signed_in(), client.speaking_for(till_key, person));
    let mut answer = if own {
        send(&client.only_as(person), command, &work).await
    } else {
        send(&till, command, &work).await
    };
    let left = answer.as_ref().is_err_and(Failure::needs_sign_in) && !signed_in();
    if own && (left || is_unapproved(&answer)) {
        // Somebody else has taken over the till, or it was allowed here while the server was away: the till says so.
        answer = send(&till, command, &work).await;
    }
    (command, answer)
}

/// The server knows nothing of who allowed the discount.
fn is_unapproved(answer: &Result<Done, Failure>) -> bool {
    matches!(answer, Err(Failure::Problem(problem, _)) if problem.code == "approval_missing")
}

async fn send(client: &Client, command: CommandId, work: &Work) -> Result<Done, Failure> {
    match work {
        Work::Product(product) => client.new_product(command, product).await.map(Done::Product),
        Work::ProductChange(id, change) => {
            client.change_product(command, *id, change).await.map(Done::Product)
        }
        Work::Entry(entry) => client.new_stock_entry(command, entry).await.map(Done::Entry),
        Work::Sale(sale) => client.new_sale(command, sale).await.map(|sale| Done::Sale(Box::new(sale))),
        Work::Return(sale, back) => {
            client.return_sale(command, *sale, back).await.map(|back| Done::Return(Box::new(back)))
        }
        Work::Stock(work) => stock::send(client, command, work).await.map(|done| Done::Stock(Box::new(done))),
        Work::CashOpen(session) => {
            client.open_cash_session(command, session).await.map(|opened| Done::CashOpened(Box::new(opened)))
        }
        Work::CashMove(session, movement) => {
            client.move_cash(command, *session, movement).await.map(|_| Done::CashMoved)
        }
        Work::DebtPaid(account, payment) => {
            let paid = client.pay_account(command, *account, payment).await;
            paid.map(|paid| Done::DebtPaid(Box::new(paid)))
        }
        Work::CashClose(session, closing) => {
            let closed = client.close_cash_session(command, *session, closing).await;
            closed.map(|closed| Done::CashClosed(closed.report))
        }
    }
}
