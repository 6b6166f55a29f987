//! Letting people in: at the server, and by what the till knows while that is silent.

use std::sync::Arc;
use std::time::Duration;

use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::Events;
use tillwatch_shared::api::{Session, SignIn};
use tillwatch_shared::client::Client;
use tillwatch_shared::{CommandId, PersonId};

use super::{Register, noted};
use crate::input::Event;
use crate::state::offline::Known;
use crate::state::people::{NotLetIn, PeopleEffect, PeopleEvent};
use crate::till_file::Who;

/// How long a person at the lock waits for the server before the till decides.
const PATIENCE: Duration = Duration::from_millis(1_200);

impl Register {
    /// At the server, or by what the till knows while that is silent.
    pub(super) async fn sign_in(&self, events: &Events<Event>, effect: sign_in::Effect) {
        let words = words(&effect);
        if effect == sign_in::Effect::SignOut {
            *self.held.lock().await = None;
        }
        let Some(event) = sign_in::run(&self.link, effect).await else { return };
        match (event, words) {
            (sign_in::Event::SignedIn(Ok(session)), Some(words)) => {
                events.send(Event::SignIn(sign_in::Event::SignedIn(Ok(Arc::clone(&session))))).await;
                self.remember_session(events, &session, words).await;
            }
            (sign_in::Event::SignedIn(Err(failure)), Some(words)) if failure::is_silence(&failure) => {
                let who = Who::Named(words.username.clone());
                match self.check(who, &words.password).await {
                    Ok(known) => {
                        *self.held.lock().await = Some(words);
                        events.send(Event::SignedInHere(Box::new(known))).await;
                    }
                    Err(why) => {
                        events.send(Event::SignIn(sign_in::Event::SignedIn(Err(failure)))).await;
                        events.send(Event::People(PeopleEvent::NotSignedIn(why))).await;
                    }
                }
            }
            (event, _) => {
                events.send(Event::SignIn(event)).await;
            }
        }
    }

    pub(super) async fn reconnect(&self, events: &Events<Event>, command: CommandId) {
        let Some(words) = self.held.lock().await.clone() else { return };
        let Some(client) = self.link.client() else { return };
        let answer = client.sign_in(command, &words).await;
        events.send(Event::Reconnected(answer.clone())).await;
        match answer {
            Ok(session) => {
                *self.held.lock().await = None;
                self.remember_session(events, &session, words).await;
            }
            Err(failure) if failure.needs_sign_in() => {
                noted(self.aside(move |file| file.forget_secret(&words.username, &words.password)).await);
            }
            Err(_) => {}
        }
    }

    pub(super) async fn people(&self, events: &Events<Event>, effect: PeopleEffect) {
        match effect {
            PeopleEffect::Unlock { command, person, words, at_once } => {
                self.unlock(events, command, person, words, at_once).await;
            }
            PeopleEffect::EndMandate(person) => {
                noted(self.on_disk(move |file| file.end_mandate(person)).await);
            }
            PeopleEffect::Renew => self.renew(events).await,
        }
    }

    /// The server decides if it answers soon; the till does if it does not.
    async fn unlock(
        &self,
        events: &Events<Event>,
        command: CommandId,
        person: PersonId,
        words: SignIn,
        at_once: bool,
    ) {
        let client = self.link.client().filter(|_| !at_once);
        let answer = match &client {
            Some(client) => self.switch(client, command, &words).await,
            None => Err(Failure::Unreachable),
        };
        match answer {
            Ok(session) => {
                let answer = Ok(Arc::clone(&session));
                events.send(Event::People(PeopleEvent::Unlocked { command, answer })).await;
                *self.held.lock().await = None;
                self.remember_session(events, &session, words).await;
            }
            Err(failure) if failure::is_silence(&failure) => {
                let event = match self.check(Who::Person(person), &words.password).await {
                    Ok(known) => {
                        *self.held.lock().await = Some(words);
                        PeopleEvent::UnlockedHere { command, known: Box::new(known) }
                    }
                    Err(why) => PeopleEvent::NotLetIn { command, why },
                };
                events.send(Event::People(event)).await;
            }
            Err(failure) => {
                let stale = failure.needs_sign_in();
                events.send(Event::People(PeopleEvent::Unlocked { command, answer: Err(failure) })).await;
                if stale {
                    noted(self.aside(move |file| file.forget_secret(&words.username, &words.password)).await);
                }
            }
        }
    }

    /// Signs another person in, or the same one again; the session of before ends at the server too.
    async fn switch(
        &self,
        client: &Client,
        command: CommandId,
        words: &SignIn,
    ) -> Result<Arc<Session>, Failure> {
        let before = client.session();
        let answer = tokio::time::timeout(PATIENCE, client.sign_in(command, words)).await;
        let session = answer.unwrap_or(Err(Failure::TimedOut))?;
        if let Some(before) = before
            && let Err(error) = client.end_session(&before).await
        {
            tracing::info!(%error, "the session of before goes on until it runs out");
        }
        Ok(session)
    }

    /// Becomes another till to the server.
    async fn renew(&self, events: &Events<Event>) {
        match self.on_disk(super::TillFile::renew_identity).await {
            Ok(identity) => {
                events.send(Event::People(PeopleEvent::Renewed(identity))).await;
            }
            Err(error) => noted(Err(error)),
        }
    }

    /// Checking a secret takes a while: nothing that is to be written waits for it.
    pub(super) async fn check(&self, who: Who, secret: &str) -> Result<Known, NotLetIn> {
        let (secret, now) = (secret.to_owned(), (self.clock)());
        let checked = self.aside(move |file| file.check(&who, &secret, now)).await;
        checked.unwrap_or_else(|error| {
            tracing::warn!(%error, "the till's file does not say who may come in");
            Err(NotLetIn::Unknown)
        })
    }

    /// Whom the server has let in, the till lets in too, for as long as a session could be renewed. A till to
    /// which it gave no mandate was revoked, and becomes another one.
    async fn remember_session(&self, events: &Events<Event>, session: &Session, words: SignIn) {
        let known = Known::of(session);
        if words.till.is_some() && session.mandate.is_none() {
            self.renew(events).await;
        }
        noted(self.aside(move |file| file.remember_person(&words.username, &words.password, &known)).await);
    }
}

/// What a person types to be let in.
fn words(effect: &sign_in::Effect) -> Option<SignIn> {
    let (username, password, device) = match effect {
        sign_in::Effect::SignIn(_, body) => return Some(body.clone()),
        sign_in::Effect::SignUp(_, body) => (&body.username, &body.password, &body.device),
        sign_in::Effect::SetUp(_, body) => (&body.username, &body.password, &body.device),
        sign_in::Effect::Ask { .. } | sign_in::Effect::SignOut | sign_in::Effect::Speak(_) => return None,
    };
    let (username, password, device) = (username.clone(), password.clone(), device.clone());
    Some(SignIn { username, password, device, till: None })
}
