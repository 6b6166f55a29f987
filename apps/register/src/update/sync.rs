//! Loading the catalogue and keeping it current by the change feed.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::ProductId;
use tillwatch_shared::api::{Changes, Event as Change, Goods, Product, StockLevel};

use super::{debts, session, stock, till};
use crate::input::Effect;
use crate::state::catalogue::{Item, Told};
use crate::state::offline::{Memory, Place};
use crate::state::{RETRY_EVERY_MICROS, State};

/// Goes on from where the goods of the store that was chosen are known, or loads them.
pub fn begin(state: &mut State, moment: Moment) -> Vec<Effect> {
    let store = state.store.as_ref().map(|store| store.id);
    let place = state.offline.place.filter(|place| Some(place.store) == store);
    let Some(place) = place.filter(|_| !state.catalogue.is_empty()) else { return load(state, moment) };
    if state.offline.signed_in_here.is_some() {
        return Vec::new();
    }
    let feed = &mut state.feed;
    feed.round += 1;
    feed.after = None;
    feed.loading = None;
    feed.failure = None;
    feed.asked_at = Some(moment.at);
    vec![Effect::Resume { place, round: feed.round }]
}

/// The server has the place at which the goods are known, or it is not the one that told them.
pub fn resumed(state: &mut State, round: u64, known: bool, moment: Moment) -> Vec<Effect> {
    if round != state.feed.round {
        return Vec::new();
    }
    let Some(place) = state.offline.place.filter(|_| known) else { return load(state, moment) };
    state.feed.after = Some(place.seq);
    let mut effects = follow(state);
    effects.extend(debts::ask(state));
    effects
}

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
    state.offline.place = None;
    state.catalogue.forget_balances();
    state.catalogue.begin_load();
    vec![Effect::Load { store, round: state.feed.round }]
}

/// A catalogue that could not be loaded is asked for again.
pub fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    let feed = &state.feed;
    // A clock that was set back makes nobody wait longer.
    let due = feed.asked_at.is_none_or(|at| !(0..RETRY_EVERY_MICROS).contains(&moment.at.since(at)));
    // Only silence is tried again by itself; a refusal waits for the person.
    let silent = feed.failure.as_ref().is_some_and(Failure::is_temporary);
    let missing = feed.after.is_none() && feed.loading.is_none();
    if due && silent && missing { begin(state, moment) } else { Vec::new() }
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

/// `place` is in what was loaded.
pub fn loaded(state: &mut State, round: u64, after: i64, place: Option<Place>) -> Vec<Effect> {
    if round != state.feed.round {
        return Vec::new();
    }
    state.feed.loading = None;
    state.feed.failure = None;
    state.feed.after = Some(after);
    state.offline.place = place;
    state.catalogue.end_load();
    till::search_again(state);
    let mut effects = remember(state, None);
    effects.extend(follow(state));
    effects.extend(debts::ask(state));
    effects
}

/// For a start without the server: these goods, or all of them.
fn remember(state: &State, only: Option<&[ProductId]>) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let known = |item: &Item| (item.product.clone(), item.balance, item.until);
    let items: Vec<_> = match only {
        None => state.catalogue.items().iter().map(known).collect(),
        Some([]) => return Vec::new(),
        Some(ids) => ids.iter().filter_map(|id| state.catalogue.get(*id)).map(known).collect(),
    };
    let heard_at = state.connection.last_answer_at();
    let (whole, place) = (only.is_none(), state.offline.place);
    vec![Effect::Remember(Box::new(Memory { store, whole, heard_at, place, items }))]
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
            if let Ok(changes) = &answer {
                state.offline.heard_clock(changes.server_at, moment.at, round_trip_micros);
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
            let mut effects = remember(state, Some(&touched));
            let transfers = changes.changes.iter().filter_map(|change| match change.event.goods() {
                Some(Goods::Moved(transfer)) => Some(transfer),
                Some(Goods::Sold(_) | Goods::Entered(_) | Goods::Returned(_) | Goods::Counted(_)) | None => {
                    None
                }
            });
            effects.extend(stock::follow(state, transfers));
            effects.extend(debts::heard(state, &changes));
            effects
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
        } else if let Change::StoreChanged(changed) = &change.event {
            let stores = state.stores.iter_mut().chain(&mut state.store);
            stores.filter(|store| store.id == changed.id).for_each(|store| store.clone_from(changed));
        }
    }
    let mut touched: Vec<ProductId> = new.iter().chain(&changed).map(|product| product.id).collect();
    if !new.is_empty() || !changed.is_empty() {
        state.catalogue.take_new(new);
        state.catalogue.take_products(changed);
        till::search_again(state);
    }
    let goods = changes.changes.iter().filter_map(|change| Some((change.seq, change.event.goods()?)));
    for (seq, goods) in goods.filter(|(_, goods)| goods.store_id() == store) {
        let told = Told::AsChange(seq);
        match goods {
            Goods::Entered(entry) => {
                touched.push(entry.product_id);
                state.catalogue.take_entry(entry, told);
            }
            Goods::Returned(back) => {
                touched.extend(back.lines.iter().map(|line| line.product_id));
                state.catalogue.take_return(back, told);
            }
            Goods::Counted(count) => {
                touched.extend(count.lines.iter().map(|line| line.product_id));
                state.catalogue.take_count(count, told);
            }
            Goods::Moved(transfer) => {
                touched.extend(transfer.lines.iter().map(|line| line.product_id));
                state.catalogue.take_transfer(transfer, told);
            }
            Goods::Sold(sale) => {
                touched.extend(sale.lines.iter().map(|line| line.product_id));
                state.catalogue.take_sale(sale, told);
            }
        }
    }
    let place = Place::last_of(&changes.changes, store, changes.next_after);
    state.offline.place = place.or(state.offline.place);
    touched
}
