//! Unfinished sales on the disk, and having a discount or a return allowed.

use std::time::Duration;

use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::worker::Events;

use super::{Register, noted};
use crate::input::Event;
use crate::state::cart::Allowed;
use crate::state::carts::{Approver, Ask, CartEffect, CartEvent};
use crate::state::consent::{AskConsent, Consented};
use crate::till_file::Who;

/// How long the customer waits for the server before the till decides.
const PATIENCE: Duration = Duration::from_secs(3);

impl Register {
    pub(super) async fn cart(&self, events: &Events<Event>, effect: CartEffect) {
        match effect {
            CartEffect::Keep(cart) => {
                if let Err(reason) = self.on_disk(move |file| file.keep_cart(&cart)).await {
                    events.send(Event::Cart(Box::new(CartEvent::NotKept(reason)))).await;
                }
            }
            CartEffect::Drop(sale) => noted(self.on_disk(move |file| file.drop_cart(sale)).await),
            CartEffect::Approve(ask) => {
                let command = ask.command;
                let answer = self.approve(*ask).await;
                events.send(Event::Cart(Box::new(CartEvent::Approved { command, answer }))).await;
            }
        }
    }

    pub(super) async fn consent(&self, events: &Events<Event>, ask: AskConsent) {
        let AskConsent { command, body, here } = ask;
        let client = self.link.client().filter(|_| !here);
        let asked = client.map(|client| {
            let body = body.clone();
            async move {
                let given = client.approve_return(command, &body).await?;
                Ok(Allowed { person: given.person_id, name: given.person_name, limit: given.limit_cents })
            }
        });
        let answer = self.decide(asked, (body.username, &body.password)).await;
        events.send(Event::Consent(Box::new(Consented { command, answer }))).await;
    }

    async fn approve(&self, ask: Ask) -> Result<Approver, Failure> {
        let Ask { command, body, here } = ask;
        let client = self.link.client().filter(|_| !here);
        let asked = client.map(|client| {
            let body = body.clone();
            async move {
                let given = client.approve(command, &body).await?;
                Ok(Allowed { person: given.person_id, name: given.person_name, limit: given.limit_cents })
            }
        });
        self.decide(asked, (body.username, &body.password)).await
    }

    /// The server decides if it answers soon; the till does if it does not.
    async fn decide(
        &self,
        asked: Option<impl Future<Output = Result<Allowed, Failure>> + Send>,
        (username, secret): (String, &str),
    ) -> Result<Approver, Failure> {
        if let Some(asked) = asked {
            match tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Failure::TimedOut)) {
                Ok(allowed) => return Ok(Approver::Server(allowed)),
                Err(failure) if failure::is_silence(&failure) => {}
                Err(failure) => return Err(failure),
            }
        }
        let known = self.check(Who::Named(username), secret).await;
        Ok(known.map_or(Approver::Nobody, |known| Approver::Known(Box::new(known))))
    }
}
