//! Signing in and out, choosing the store, and the window's own preferences.

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Preference;
use tillwatch_desk::sign_in;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{Person, Session, SignIn, Store};

use super::{carts, outbox, people, sync, till};
use crate::input::Effect;
use crate::state::forms::Part;
use crate::state::offline::{Known, RECONNECT_EVERY_MICROS};
use crate::state::{Feed, Screen, State};
use crate::texts::Text;

pub fn start(state: &mut State, moment: Moment) -> Vec<Effect> {
    sign_in(state, sign_in::Input::Open, moment)
}

pub fn sign_in(state: &mut State, input: sign_in::Input, moment: Moment) -> Vec<Effect> {
    let lang = state.lang();
    let effects = sign_in::update(&mut state.sign_in, input, moment, lang);
    let presented = |effect| match effect {
        sign_in::Effect::SignIn(command, words) => {
            sign_in::Effect::SignIn(command, SignIn { till: people::till_of(state), ..words })
        }
        other @ (sign_in::Effect::Ask { .. }
        | sign_in::Effect::SignUp(..)
        | sign_in::Effect::SetUp(..)
        | sign_in::Effect::SignOut
        | sign_in::Effect::Speak(_)) => other,
    };
    effects.into_iter().map(presented).map(Effect::SignIn).collect()
}

pub fn happened(state: &mut State, event: sign_in::Event, moment: Moment) -> Vec<Effect> {
    let session = match &event {
        sign_in::Event::SignedIn(Ok(session)) => Some(session.clone()),
        sign_in::Event::SignedIn(Err(_)) | sign_in::Event::Server(_) | sign_in::Event::BadAddress => None,
    };
    let back = matches!(&event, sign_in::Event::Server(Ok(_)));
    let mut effects = sign_in(state, sign_in::Input::Happened(event), moment);
    if back {
        effects.extend(people::server_is_back(state, moment));
    }
    if let Some(session) = session {
        effects.extend(signed_in(state, &session, moment));
    }
    effects
}

pub fn signed_in(state: &mut State, session: &Session, moment: Moment) -> Vec<Effect> {
    state.offline.signed_in_here = None;
    people::remember(state, session);
    enter(state, &session.person, &session.stores, moment)
}

/// The till lets the person in by itself. What they do is kept until the server is back.
pub fn signed_in_here(state: &mut State, known: &Known, moment: Moment) -> Vec<Effect> {
    state.connection.silent(moment.at);
    state.sign_in.signed_in();
    if moment.at > known.until {
        state.toasts.problem(Text::KnownTooLongAgo.get(state.lang()));
        return Vec::new();
    }
    state.offline.signed_in_here = Some(moment.at);
    enter(state, &known.person, &known.stores, moment)
}

fn enter(state: &mut State, person: &Person, stores: &[Store], moment: Moment) -> Vec<Effect> {
    state.settings.username = Some(state.sign_in.username.trim().to_owned());
    state.settings.server = Some(state.sign_in.address.clone());
    state.settings_dirty = true;
    state.person = Some(person.clone());
    stores.clone_into(&mut state.stores);
    state.screen = Screen::ChooseStore;
    let remembered = state.settings.store.clone();
    let known = state.stores.iter().position(|store| Some(store.id.to_string()) == remembered);
    let only = (state.stores.len() == 1).then_some(0);
    state.store_row = known.unwrap_or(0);
    known.or(only).map(|row| choose_store(state, row, moment)).unwrap_or_default()
}

/// Asks the server again whether it is back.
pub fn reconnect(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(asked_at) = state.offline.signed_in_here else { return Vec::new() };
    if (0..RECONNECT_EVERY_MICROS).contains(&moment.at.since(asked_at)) {
        return Vec::new();
    }
    state.offline.signed_in_here = Some(moment.at);
    vec![Effect::Reconnect(moment.fresh)]
}

pub fn reconnected(state: &mut State, answer: Result<Arc<Session>, Failure>, moment: Moment) -> Vec<Effect> {
    if state.offline.signed_in_here.is_none() {
        // The person has left meanwhile.
        return if answer.is_ok() { vec![Effect::SignIn(sign_in::Effect::SignOut)] } else { Vec::new() };
    }
    match answer {
        Ok(session) => {
            state.offline.signed_in_here = None;
            people::remember(state, &session);
            state.person = Some(session.person.clone());
            state.stores.clone_from(&session.stores);
            state.outbox.hurry();
            let mut effects = sync::begin(state, moment);
            effects.extend(outbox::flush(state, moment));
            effects
        }
        Err(failure) => ended(state, &failure, moment),
    }
}

pub fn highlight_store(state: &mut State, row: usize) {
    state.store_row = row.min(state.stores.len().saturating_sub(1));
}

pub fn choose_store(state: &mut State, row: usize, moment: Moment) -> Vec<Effect> {
    let Some(store) = state.stores.get(row).cloned() else { return Vec::new() };
    let id = store.id.to_string();
    if state.settings.store.as_ref() != Some(&id) {
        state.settings.store = Some(id);
        state.settings_dirty = true;
    }
    let same = state.store.as_ref().is_some_and(|known| known.id == store.id);
    state.store = Some(store);
    state.screen = Screen::Till;
    state.dialog = None;
    state.focus = Some(Part::Search);
    carts::restore(state);
    if state.offline.signed_in_here.is_some() {
        goods_from_memory(state, same);
        return Vec::new();
    }
    // After a session that ended by itself the till goes on as it was.
    if same && state.feed.after.is_some() {
        return sync::follow(state);
    }
    if state.catalogue.is_empty() {
        // What was sold yesterday can be sold at once, while today's catalogue comes.
        goods_from_memory(state, same);
    }
    sync::begin(state, moment)
}

/// What this machine remembers, and what was added here since.
fn goods_from_memory(state: &mut State, same_store: bool) {
    let store = state.store.as_ref().map(|store| store.id);
    // Whoever signs in again to the same store finds its balances as they were.
    let here = state.offline.place.is_some_and(|place| Some(place.store) == store);
    if !same_store && !here {
        state.offline.place = None;
        state.catalogue.forget_balances();
    }
    if let Some(mut goods) = state.offline.goods.take() {
        state.offline.goods_heard_at = goods.heard_at;
        state.offline.place = goods.place.filter(|_| Some(goods.store) == store);
        if Some(goods.store) != store {
            goods.items.iter_mut().for_each(|(_, balance, _)| *balance = None);
        }
        state.catalogue.take_remembered(goods.items);
    }
    outbox::show_new_products(state);
    till::search_again(state);
}

/// Another store has other stock, so an open sale is finished first.
pub fn change_store(state: &mut State) -> Vec<Effect> {
    if !state.cart.is_empty() {
        state.toasts.problem(Text::FinishFirst.get(state.lang()));
        return Vec::new();
    }
    state.dialog = None;
    state.screen = Screen::ChooseStore;
    Vec::new()
}

pub fn sign_out(state: &mut State, moment: Moment) -> Vec<Effect> {
    let lang = state.lang();
    if !state.cart.is_empty() {
        state.toasts.problem(Text::FinishFirst.get(lang));
        return Vec::new();
    }
    let unsent = state.outbox.unsent();
    if unsent > 0 {
        let text = Text::SignedOutUnsent.with(lang, &[("n", &unsent)]);
        state.toasts.info(text, state.now);
    }
    leave(state);
    state.store = None;
    state.feed = Feed { round: state.feed.round + 1, ..Feed::default() };
    state.confirmation = None;
    state.sign_in.password.clear();
    let mut effects = vec![Effect::Rest, Effect::SignIn(sign_in::Effect::SignOut)];
    effects.extend(sign_in(state, sign_in::Input::Open, moment));
    effects
}

/// The server no longer knows the session: back to the sign-in, the cart and the outbox stay.
pub fn ended(state: &mut State, failure: &Failure, moment: Moment) -> Vec<Effect> {
    if state.screen == Screen::SignIn || !failure.needs_sign_in() {
        return Vec::new();
    }
    state.toasts.problem(Text::SessionEnded.get(state.lang()));
    leave(state);
    let mut effects = vec![Effect::Rest];
    effects.extend(sign_in(state, sign_in::Input::Open, moment));
    effects
}

/// From the lock to the sign-in, for a person whom this till does not know. What is open stays.
pub fn somebody_else(state: &mut State, moment: Moment) -> Vec<Effect> {
    leave(state);
    state.sign_in.username.clear();
    state.sign_in.focus = Some(sign_in::Place::Username);
    let mut effects = vec![Effect::Rest, Effect::SignIn(sign_in::Effect::SignOut)];
    effects.extend(sign_in(state, sign_in::Input::Open, moment));
    effects
}

fn leave(state: &mut State) {
    state.screen = Screen::SignIn;
    state.people.lock = None;
    state.offline.signed_in_here = None;
    state.dialog = None;
    state.sign_in.mode = sign_in::Mode::SignIn;
    state.sign_in.focus = Some(sign_in::Place::Password);
}

pub fn prefer(state: &mut State, preference: Preference) -> Vec<Effect> {
    state.settings.prefer(preference);
    state.settings_dirty = true;
    match preference {
        Preference::Lang(lang) => vec![Effect::SignIn(sign_in::Effect::Speak(lang))],
        Preference::Theme(_) | Preference::ZoomIn | Preference::ZoomOut | Preference::ZoomReset => Vec::new(),
    }
}
