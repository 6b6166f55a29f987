//! Asking the server for a sale of which something is to come back.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::worker::Events;
use tillwatch_shared::api::Sale;
use tillwatch_shared::client::Client;
use tillwatch_shared::mark;

use super::Register;
use crate::input::Event;
use crate::state::returns::FindAtServer;
use crate::state::sold::Find;

impl Register {
    pub(super) async fn find_sale(&self, events: &Events<Event>, question: FindAtServer) {
        let answer = match self.link.client() {
            Some(client) => found(&client, question).await,
            None => Err(Failure::Unreachable),
        };
        events.send(Event::SaleFound(question, answer)).await;
    }
}

/// With what has come back of it, which the list does not tell.
async fn found(client: &Client, question: FindAtServer) -> Result<Option<Sale>, Failure> {
    let id = match question.find {
        Find::Newest => return Ok(None),
        Find::Id(id) => id,
        Find::Number(number) => match client.sale_by_number(question.store, number).await? {
            Some(sale) => sale.id,
            None => return Ok(None),
        },
        Find::Between(first, _) => match client.sale_by_mark(&mark::of(first)).await? {
            Some(sale) => sale.id,
            None => return Ok(None),
        },
    };
    match client.sale(id).await {
        Err(Failure::Problem(problem, _)) if problem.status == 404 => Ok(None),
        answer => answer.map(Some),
    }
}
