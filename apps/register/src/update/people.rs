//! Changing who works at the till: the lock, what opens it, and what the till may send for whom.

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_shared::PersonId;
use tillwatch_shared::api::{Session, SignIn, Store, TillSignIn};

use super::{outbox, session};
use crate::input::{Effect, Input};
use crate::people_texts::Text;
use crate::state::carts::CartDialog;
use crate::state::offline::Known;
use crate::state::people::{Barrier, Lock, NotLetIn, PeopleEffect, PeopleEvent, PeopleInput};
use crate::state::{Dialog, Screen, State};

/// The server refuses what this till sends, whoever did it.
pub const BAD_KEY: &str = "bad_till_key";
/// The server takes nothing from this till in that person's name.
const NO_MANDATE: &str = "no_mandate";

pub fn input(state: &mut State, input: PeopleInput, moment: Moment) -> Vec<Effect> {
    match input {
        PeopleInput::Lock => lock(state),
        PeopleInput::Choose(row) => choose(state, row),
        PeopleInput::Move(by) => {
            let chosen = state.people.lock.as_ref().map_or(0, |lock| lock.chosen);
            choose(state, chosen.saturating_add_signed(by));
        }
        PeopleInput::Secret(text) => {
            if let Some(lock) = state.people.lock.as_mut().filter(|lock| lock.waiting.is_none()) {
                lock.secret = text;
                lock.barrier = None;
            }
        }
        PeopleInput::Unlock => return unlock(state, moment),
        PeopleInput::SomebodyElse => return session::somebody_else(state, moment),
        PeopleInput::Focused => {
            if let Some(lock) = &mut state.people.lock {
                lock.focus = false;
            }
        }
        PeopleInput::LockAfter(minutes) => {
            state.settings.lock_after_minutes = minutes;
            state.settings_dirty = true;
        }
    }
    Vec::new()
}

/// Whether a person did it; such inputs keep the till from locking itself.
pub const fn is_deed(input: &Input) -> bool {
    !matches!(input, Input::Start | Input::Tick | Input::Happened(_) | Input::Focused)
}

/// Locks a till that nobody has touched for too long.
pub fn tick(state: &mut State, moment: Moment) {
    let due = state.people.locks_at(state.settings.lock_after_minutes);
    if due.is_some_and(|at| moment.at >= at) {
        lock(state);
    }
}

/// What is open stays open behind the lock, the cart too; it belongs to whoever unlocks. An approval does not.
fn lock(state: &mut State) {
    if state.screen == Screen::SignIn || state.people.lock.is_some() {
        return;
    }
    // Nobody allows anything under a locked screen: the answer to a question that is under way finds no dialog.
    if let Some(Dialog::Cart(CartDialog::Approval(_))) = state.dialog {
        state.dialog = None;
    }
    let here = state.person.as_ref().map(|person| person.id);
    let chosen = state.people.known().iter().position(|known| Some(known.person.id) == here).unwrap_or(0);
    state.people.lock = Some(Lock { chosen, focus: true, ..Lock::default() });
}

fn choose(state: &mut State, row: usize) {
    let last = state.people.known().len().saturating_sub(1);
    if let Some(lock) = state.people.lock.as_mut().filter(|lock| lock.waiting.is_none()) {
        *lock = Lock { chosen: row.min(last), focus: true, ..Lock::default() };
    }
}

fn unlock(state: &mut State, moment: Moment) -> Vec<Effect> {
    let till = till_of(state);
    let Some(lock) = state.people.lock.as_mut().filter(|lock| lock.waiting.is_none()) else {
        return Vec::new();
    };
    if lock.secret.is_empty() {
        lock.focus = true;
        return Vec::new();
    }
    let (chosen, password) = (lock.chosen, lock.secret.clone());
    lock.waiting = Some(moment.fresh);
    lock.barrier = None;
    let Some(known) = state.people.known().get(chosen) else { return Vec::new() };
    let (person, username) = (known.person.id, known.person.username.clone());
    let words = SignIn { username, password, device: Some(state.sign_in.device.clone()), till };
    let at_once = state.connection.is_offline();
    vec![Effect::People(PeopleEffect::Unlock { command: moment.fresh, person, words, at_once })]
}

/// How this till presents itself with a sign-in.
pub fn till_of(state: &State) -> Option<TillSignIn> {
    let identity = state.people.identity.clone()?;
    Some(TillSignIn { id: identity.id, name: state.till_name(), key: identity.key })
}

pub fn happened(state: &mut State, event: PeopleEvent, moment: Moment) -> Vec<Effect> {
    let awaited =
        |state: &State, command| state.people.lock.as_ref().is_some_and(|lock| lock.waiting == Some(command));
    match event {
        PeopleEvent::Unlocked { command, answer } if awaited(state, command) => {
            unlocked(state, answer, moment)
        }
        PeopleEvent::UnlockedHere { command, known } if awaited(state, command) => {
            unlocked_here(state, &known, moment)
        }
        PeopleEvent::NotLetIn { command, why } if awaited(state, command) => {
            state.connection.silent(moment.at);
            stop(state, Barrier::Here(why))
        }
        // The answer to another lock than this one.
        PeopleEvent::Unlocked { .. } | PeopleEvent::UnlockedHere { .. } | PeopleEvent::NotLetIn { .. } => {
            Vec::new()
        }
        PeopleEvent::NotSignedIn(why) => {
            if why != NotLetIn::Unknown {
                let words = Text::not_let_in(why, state.lang());
                state.toasts.problem(words);
            }
            Vec::new()
        }
        PeopleEvent::Renewed(identity) => {
            state.people.renewed(identity);
            Vec::new()
        }
    }
}

fn unlocked(state: &mut State, answer: Result<Arc<Session>, Failure>, moment: Moment) -> Vec<Effect> {
    match answer {
        Err(failure) => stop(state, Barrier::Server(failure)),
        Ok(session) if strands_the_cart(state, &session.stores) => {
            stop(state, Barrier::OtherStore);
            vec![Effect::SignIn(tillwatch_desk::sign_in::Effect::SignOut)]
        }
        Ok(session) => {
            open(state);
            session.person.username.clone_into(&mut state.sign_in.username);
            session::signed_in(state, &session, moment)
        }
    }
}

fn unlocked_here(state: &mut State, known: &Known, moment: Moment) -> Vec<Effect> {
    state.connection.silent(moment.at);
    if moment.at > known.until {
        return stop(state, Barrier::TooLongAgo);
    }
    if strands_the_cart(state, &known.stores) {
        return stop(state, Barrier::OtherStore);
    }
    open(state);
    known.person.username.clone_into(&mut state.sign_in.username);
    // Whoever was here before has left: nothing more is read or done with their session.
    let mut effects = vec![Effect::Rest];
    effects.extend(session::signed_in_here(state, known, moment));
    effects
}

/// A sale that is open in a store where this person does not work cannot be theirs.
fn strands_the_cart(state: &State, stores: &[Store]) -> bool {
    let here = state.store.as_ref().map(|store| store.id);
    !state.cart.is_empty() && stores.iter().all(|store| Some(store.id) != here)
}

fn open(state: &mut State) {
    state.people.lock = None;
}

fn stop(state: &mut State, barrier: Barrier) -> Vec<Effect> {
    if let Some(lock) = &mut state.people.lock {
        *lock = Lock { chosen: lock.chosen, barrier: Some(barrier), focus: true, ..Lock::default() };
    }
    Vec::new()
}

/// The server has let them in: the till knows them from now on.
pub fn remember(state: &mut State, session: &Session) {
    state.people.remember(Known::of(session));
}

/// Whether the failure is about what the till may send, and not about what was sent: then it waits for the
/// person, or goes with their session.
pub fn lost_mandate(state: &mut State, person: PersonId, failure: &Failure) -> Option<Vec<Effect>> {
    match failure.code() {
        Some(NO_MANDATE) => {
            state.people.end_mandate(person);
            Some(vec![Effect::People(PeopleEffect::EndMandate(person))])
        }
        Some(BAD_KEY) => {
            let known: Vec<PersonId> = state.people.known().iter().map(|known| known.person.id).collect();
            for person in known {
                state.people.end_mandate(person);
            }
            Some(vec![Effect::People(PeopleEffect::Renew)])
        }
        Some(_) | None => None,
    }
}

/// Whose commands can be sent now: who is signed in at the server, and for whom the till speaks.
pub fn senders(state: &State, moment: Moment) -> Vec<PersonId> {
    let at_the_server = state.screen != Screen::SignIn && state.offline.signed_in_here.is_none();
    let signed_in = state.person.as_ref().filter(|_| at_the_server).map(|person| person.id);
    let known = state.people.known().iter().map(|known| known.person.id);
    let spoken_for = known.filter(|person| state.people.speaks_for(*person, moment.at));
    signed_in.into_iter().chain(spoken_for).collect()
}

/// The server is heard at the sign-in screen: what waits goes at once.
pub fn server_is_back(state: &mut State, moment: Moment) -> Vec<Effect> {
    state.outbox.hurry();
    outbox::flush(state, moment)
}
