//! The sales made here: asking the till's file for them, and keeping it true.

use tillwatch_desk::worker::Events;

use super::{Register, noted};
use crate::input::Event;
use crate::state::sold::{Found, SoldEffect};
use crate::till_file::Settled;

impl Register {
    pub(super) async fn sold(&self, events: &Events<Event>, effect: SoldEffect) {
        match effect {
            SoldEffect::Confirmed(sale) => self.settle(Settled::Confirmed(sale)).await,
            SoldEffect::Dropped(command) => {
                noted(self.on_disk(move |file| file.drop_sale(command)).await);
            }
            SoldEffect::ReturnDropped(sale, back) => {
                noted(self.on_disk(move |file| file.drop_return(sale, &back)).await);
            }
            SoldEffect::Find { store, find } => {
                let found =
                    self.on_disk(move |file| Ok((file.sold(store, find)?, file.slips(store, find)?))).await;
                let (sales, slips) = match found {
                    Ok((sales, slips)) => (Ok(sales), slips),
                    Err(reason) => (Err(reason), Vec::new()),
                };
                events.send(Event::Sold(Found { store, find, sales, slips })).await;
            }
        }
    }
}
