//! Loading the catalogue and keeping it current by the change feed.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::ProductId;
use tillwatch_shared::api::{Changes, Event as Change, Goods, Product, StockLevel};

use super::{session, till};
use crate::input::Effect;
use crate::state::catalogue::Item;
use crate::state::offline::Memory;
use crate::state::{RETRY_EVERY_MICROS, State};

/// Loads everything anew, for the store that was chosen.
pub fn load(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    if state.offline.signed_in_here.is_some() {
        return Vec::new();
    }
    let feed = &mut state.feed;
    feed.round += 1;
    feed.after = None;
    feed.loading = Some(0);
    feed.failure = None;
    feed.asked_at = Some(moment.at);
    state.catalogue.forget_balances();
    vec![Effect::Load { store, round: state.feed.round }]
}

/// A catalogue that could not be loaded is asked for again.
pub fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    let feed = &state.feed;
    let due = feed.asked_at.is_none_or(|at| moment.at.since(at) >= RETRY_EVERY_MICROS);
    // Only silence is tried again by itself; a refusal waits for the person.
    let silent = feed.failure.as_ref().is_some_and(Failure::is_temporary);
    let missing = feed.after.is_none() && feed.loading.is_none();
    if due && silent && missing { load(state, moment) } else { Vec::new() }
}

/// Follows the changes from where they are known, in a round of its own.
pub fn follow(state: &mut State) -> Vec<Effect> {
    let Some(after) = state.feed.after else { return Vec::new() };
    state.feed.round += 1;
    vec![Effect::Follow { after, round: state.feed.round }]
}

/// Asks for changes now rather than at the next turn.
pub fn nudge(state: &State) -> Vec<Effect> {
    if state.feed.after.is_some() { vec![Effect::Nudge] } else { Vec::new() }
}

pub fn products(state: &mut State, round: u64, items: Vec<Product>) {
    if round != state.feed.round {
        return;
    }
    state.feed.loading = state.feed.loading.map(|count| count + items.len());
    state.catalogue.take_products(items);
    till::search_again(state);
}

pub fn levels(state: &mut State, round: u64, items: Vec<StockLevel>) {
    if round == state.feed.round {
        state.catalogue.take_levels(items);
    }
}

pub fn loaded(state: &mut State, round: u64, after: i64) -> Vec<Effect> {
    if round != state.feed.round {
        return Vec::new();
    }
    state.feed.loading = None;
    state.feed.failure = None;
    state.feed.after = Some(after);
    let mut effects = remember(state, None);
    effects.extend(follow(state));
    effects
}

/// For a start without the server: these goods, or all of them.
fn remember(state: &State, only: Option<&[ProductId]>) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let known = |item: &Item| (item.product.clone(), item.balance);
    let items: Vec<_> = match only {
        None => state.catalogue.items().iter().map(known).collect(),
        Some([]) => return Vec::new(),
        Some(ids) => ids.iter().filter_map(|id| state.catalogue.get(*id)).map(known).collect(),
    };
    vec![Effect::Remember(Box::new(Memory { store, whole: only.is_none(), items }))]
}

pub fn load_failed(state: &mut State, round: u64, failure: Failure, moment: Moment) -> Vec<Effect> {
    if round != state.feed.round {
        return Vec::new();
    }
    state.feed.loading = None;
    state.feed.after = None;
    state.feed.asked_at = Some(moment.at);
    if failure::is_silence(&failure) {
        state.connection.silent(moment.at);
    }
    let effects = session::ended(state, &failure, moment);
    state.feed.failure = Some(failure);
    effects
}

pub fn changes(
    state: &mut State,
    round: u64,
    answer: Result<Changes, Failure>,
    round_trip_micros: i64,
    moment: Moment,
) -> Vec<Effect> {
    match &answer {
        Err(failure) if failure::is_silence(failure) => state.connection.silent(moment.at),
        Ok(_) | Err(_) => {
            if state.connection.is_offline() {
                state.outbox.hurry();
            }
            state.connection.answered(moment.at, round_trip_micros);
        }
    }
    if round != state.feed.round {
        return Vec::new();
    }
    match answer {
        Err(failure) => session::ended(state, &failure, moment),
        Ok(changes) => {
            let touched = take(state, &changes);
            remember(state, Some(&touched))
        }
    }
}

/// Products first, in one go: goods that move in the same answer may be of a product that is new in it.
/// Says which products have changed, or moved.
fn take(state: &mut State, changes: &Changes) -> Vec<ProductId> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    state.feed.after = Some(changes.next_after);
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for change in &changes.changes {
        if let Change::ProductAdded(product) = &change.event {
            new.push(product.clone());
        } else if let Change::ProductChanged(product) = &change.event {
            changed.push(product.clone());
        }
    }
    let mut touched: Vec<ProductId> = new.iter().chain(&changed).map(|product| product.id).collect();
    if !new.is_empty() || !changed.is_empty() {
        state.catalogue.take_new(new);
        state.catalogue.take_products(changed);
        till::search_again(state);
    }
    let goods = changes.changes.iter().filter_map(|change| change.event.goods());
    for goods in goods.filter(|goods| goods.store_id() == store) {
        match goods {
            Goods::Entered(entry) => {
                touched.push(entry.product_id);
                state.catalogue.take_entry(entry);
            }
            Goods::Sold(sale) => {
                touched.extend(sale.lines.iter().map(|line| line.product_id));
                state.catalogue.take_sale(sale);
            }
        }
    }
    touched
}
