//! Stock at the desk: what is known of transfers, and sending its commands.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{CommandId, StoreId};

use super::{Register, noted};
use crate::state::stock::{Known, StockDone, StockEffect, StockWork};

/// Pages of transfers on their way.
const PAGES: usize = 10;

impl Register {
    pub(super) async fn stock(&self, effect: StockEffect) {
        noted(self.on_disk(move |file| file.note_stock(&effect)).await);
    }
}

/// Where the store can send to, and what is on its way.
pub(super) async fn known(client: &Client, store: StoreId) -> Result<Known, Failure> {
    let destinations = client.destinations(store).await?;
    let (mut open, mut after) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = client.open_transfers(Some(store), after, PAGE_ROWS).await?;
        open.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(Known { destinations, open })
}

/// Sends one of the desk's commands about stock.
pub(super) async fn send(
    client: &Client,
    command: CommandId,
    work: &StockWork,
) -> Result<StockDone, Failure> {
    match work {
        StockWork::Count(count) => client.new_count(command, count).await.map(StockDone::Counted),
        StockWork::Send(transfer) => client.new_transfer(command, transfer).await.map(StockDone::Moved),
        StockWork::Arrive(id, arrival) => {
            client.receive_transfer(command, *id, arrival).await.map(StockDone::Moved)
        }
        StockWork::TakeBack(id, cancellation) => {
            client.cancel_transfer(command, *id, cancellation).await.map(StockDone::Moved)
        }
    }
}
