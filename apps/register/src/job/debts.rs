//! Asking the server who owes, and noting it in the till's file.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::worker::Events;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::Debt;
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::PAGE_ROWS;

use super::{Register, noted};
use crate::input::Event;
use crate::state::debts::DebtsEffect;

/// Pages of customers who owe.
const PAGES: usize = 10;

impl Register {
    pub(super) async fn debts(&self, events: &Events<Event>, effect: DebtsEffect) {
        match effect {
            DebtsEffect::Ask(store) => {
                let answer = match self.link.client() {
                    Some(client) => all(&client, store).await,
                    None => Err(Failure::Unreachable),
                };
                events.send(Event::Debts { store, answer }).await;
            }
            DebtsEffect::Remember(store, known) => {
                noted(self.on_disk(move |file| file.note_debts(store, &known)).await);
            }
        }
    }
}

async fn all(client: &Client, store: StoreId) -> Result<Vec<Debt>, Failure> {
    let (mut debts, mut after) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = client.debts(store, after, PAGE_ROWS).await?;
        debts.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(debts)
}
