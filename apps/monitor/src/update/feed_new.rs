//! Adding what a file names and the shop does not have: first the thing itself, then that the name means it.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{AliasKind, Chain, Role};

use super::feeds;
use crate::feed_new::{NewAct, NewThing};
use crate::feed_texts::Text;
use crate::feeds::{Matching, Target};
use crate::input::Effect;
use crate::state::State;

/// Whether the person may add what this name stands for: goods whoever decides here, stores who administers.
pub fn may_add(state: &State, kind: AliasKind) -> bool {
    let role = state.signed_in.as_ref().map(|signed_in| signed_in.person.role);
    match kind {
        AliasKind::Product => role >= Some(Role::Manager),
        AliasKind::Store => role >= Some(Role::Admin),
        AliasKind::Seller => false,
    }
}

pub(super) fn act(state: &mut State, act: NewAct, moment: Moment, effects: &mut Vec<Effect>) {
    match act {
        NewAct::Open => open(state, effects),
        NewAct::Save => save(state, moment, effects),
        NewAct::Back => {
            if let Some(matching) = &mut state.feeds.matching {
                matching.new = None;
            }
        }
        NewAct::Text(part, text) => edit(state, |form| form.set(part, text)),
        NewAct::Unit(unit) => edit(state, |form| form.unit = unit),
        NewAct::Chain(chain) => edit(state, |form| form.picked_chain = Some(chain)),
    }
}

fn edit(state: &mut State, change: impl FnOnce(&mut NewThing)) {
    if let Some(form) = state.feeds.matching.as_mut().and_then(|matching| matching.new.as_mut()) {
        change(form);
    }
}

fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(kind) = state.feeds.matching.as_ref().map(|matching| matching.kind) else { return };
    if !may_add(state, kind) {
        return;
    }
    let loading = Text::LoadingChains.get(state.lang());
    let chains = &mut state.reports.chains;
    if kind == AliasKind::Store && chains.value().is_none() && !chains.is_loading() {
        chains.begin(loading);
        effects.push(Effect::Chains);
    }
    if let Some(matching) = &mut state.feeds.matching {
        matching.new = Some(NewThing::new(&matching.name, matching.told.as_ref()));
    }
}

fn save(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let held = &mut state.feeds;
    let Some(Matching { kind, new: Some(form), .. }) = held.matching.as_mut().filter(|_| !held.deciding)
    else {
        return;
    };
    form.tried = true;
    let Ok(addition) = form.addition(*kind, known_chains(&state.reports.chains)) else { return };
    // What came to nothing, perhaps only for us, goes again under its id.
    let again = form.sent.take().filter(|(_, sent)| *sent == addition);
    let command = again.map_or(moment.fresh, |(command, _)| command);
    form.sent = Some((command, addition.clone()));
    held.deciding = true;
    effects.push(Effect::AddThing { command, addition });
}

/// The chains of which a new store can be one.
pub fn known_chains(chains: &Remote<Vec<Chain>>) -> &[Chain] {
    chains.value().map_or(&[], Vec::as_slice)
}

/// The thing is there: what is left is to say that the name means it.
pub(super) fn added(state: &mut State, result: Result<Target, Failure>, now: UtcMicros) {
    let lang = state.lang();
    state.feeds.deciding = false;
    match result {
        Ok(target) => {
            let Some(matching) = &mut state.feeds.matching else { return };
            state.toasts.info(Text::ThingAdded.with(lang, &[("name", &target.name)]), now);
            matching.new = None;
            // Questions that are under way would take it out of the list again.
            matching.ticket += 1;
            matching.picked = Some(target.id);
            matching.targets.finish(Ok(vec![target]), now);
            matching.confirm_next = true;
        }
        Err(failure) => state.toasts.problem(tillwatch_desk::failure::what(&failure, lang)),
    }
}

/// After something was added.
pub(super) fn confirm_next(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let matching = state.feeds.matching.as_mut();
    if matching.is_some_and(|matching| std::mem::take(&mut matching.confirm_next)) {
        feeds::confirm(&mut state.feeds, moment.fresh, effects);
    }
}
