//! The poll: what is new every five seconds, growing waits while the server is silent, and reading back
//! the newest rows at the start.

use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Change, Changes, Event};
use tillwatch_shared::time::SECOND;

use super::{AT_ONCE, POLL, start_over};
use crate::input::Effect;
use crate::state::State;

/// Changes in one answer.
pub const LIMIT: u32 = 500;
/// Requests in one round while the server has more; the rest comes in the next.
const MOST_IN_A_ROUND: u32 = 20;
/// Between two full rounds the window breathes.
const BETWEEN_ROUNDS: i64 = SECOND / 4;
/// How far one step back into the past reaches, in changes.
pub const STEP_BACK: i64 = 1_000;
/// Steps back at the start, at most.
const STEPS_BACK: u32 = 20;
/// The start is content with so many rows.
const ENOUGH_ROWS: usize = 300;
/// A request that stays without any answer is given up after this long.
const LOST: i64 = 60 * SECOND;

/// How long to wait after so many failures in a row: 1, 2, 4, 8, 16, 30, 30 … seconds.
pub fn wait_after(failures: u32) -> i64 {
    let doubled = 1_i64.checked_shl(failures.saturating_sub(1).min(10)).unwrap_or(30);
    doubled.min(30) * SECOND
}

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    backfill(state, effects);
    let feed = &mut state.feed;
    if feed.asked_at.is_some_and(|at| now.since(at) < LOST) || now < feed.next_at {
        return;
    }
    feed.asked_at = Some(now);
    effects.push(match feed.seq {
        None => Effect::Latest,
        Some(after) => Effect::Changes { after, limit: LIMIT },
    });
}

/// Where the feed ends: the log is read back from there.
pub(super) fn latest(state: &mut State, result: Result<Changes, Failure>, took: i64, now: UtcMicros) {
    let begun = state.feed.asked_at.unwrap_or(now);
    let Some(end) = accept(state, result, took, now) else { return };
    state.feed.seq = Some(end.next_after);
    state.feed.oldest = end.next_after;
    state.feed.backfill = STEPS_BACK;
    state.feed.current_at = Some(now);
    state.feed.next_at = next_poll(begun, now);
}

/// Polls begin at even distances, together with the other requests of a round: one wake for all.
fn next_poll(begun: UtcMicros, now: UtcMicros) -> UtcMicros {
    let next = begun.plus(POLL);
    if next > now { next } else { now.plus(POLL) }
}

pub(super) fn changes(state: &mut State, result: Result<Changes, Failure>, took: i64, now: UtcMicros) {
    let asked_after = state.feed.seq.unwrap_or_default();
    let begun = state.feed.asked_at.unwrap_or(now);
    let Some(answer) = accept(state, result, took, now) else { return };
    if answer.next_after < asked_after {
        start_over(state, now);
        return;
    }
    for change in &answer.changes {
        apply(state, change, now);
    }
    let feed = &mut state.feed;
    feed.seq = Some(answer.next_after);
    feed.drained += 1;
    if !answer.more {
        feed.current_at = Some(now);
        feed.drained = 0;
        feed.next_at = next_poll(begun, now);
    } else if feed.drained < MOST_IN_A_ROUND {
        feed.next_at = now;
    } else {
        feed.drained = 0;
        feed.next_at = now.plus(BETWEEN_ROUNDS);
    }
}

/// What both answers have in common: the connection's state, the clock, and the waits.
fn accept(state: &mut State, result: Result<Changes, Failure>, took: i64, now: UtcMicros) -> Option<Changes> {
    state.feed.asked_at = None;
    match result {
        Ok(answer) => {
            if state.feed.failures > 0 {
                recovered(state, now);
            }
            state.feed.failures = 0;
            state.feed.failure = None;
            state.connection.answered(now, took);
            // Half of the round trip has passed since the server looked at its clock.
            state.clock_offset = answer.server_at.plus(took / 2).since(now);
            Some(answer)
        }
        Err(failure) => {
            if failure::is_silence(&failure) {
                state.connection.silent(now);
            }
            let feed = &mut state.feed;
            feed.failures = feed.failures.saturating_add(1);
            let told = failure.retry_after_seconds().map_or(0, |s| i64::from(s.min(60)) * SECOND);
            feed.next_at = now.plus(wait_after(feed.failures).max(told));
            feed.drained = 0;
            feed.failure = Some(failure);
            None
        }
    }
}

/// The server is back: what the feed does not tell is read again.
fn recovered(state: &mut State, now: UtcMicros) {
    state.totals_stale = true;
    state.sensors_at = AT_ONCE;
    state.stock_retry_at = now;
    state.server_at = AT_ONCE;
    for charts in [&mut state.overview_charts, &mut state.sensor_charts] {
        charts.retry_at = AT_ONCE;
        charts.tail_at = AT_ONCE;
    }
}

fn apply(state: &mut State, change: &Change, now: UtcMicros) {
    state.log.append(change.seq, &change.event, Some(now));
    match &change.event {
        Event::SaleRecorded(sale) => {
            state.totals_stale = true;
            for line in &sale.lines {
                state.stock.moved(sale.store_id, line.product_id);
            }
        }
        Event::StockEntered(entry) => state.stock.moved(entry.store_id, entry.product_id),
        Event::ProductAdded(_) => state.stock.product_added(),
        Event::ProductChanged(product) => state.stock.product_changed(product.id),
        Event::SensorSet(_) => state.sensors_at = AT_ONCE,
        Event::StoreAdded(store) => store_added(state, store),
        Event::StoreChanged(store) => store_changed(state, store),
        Event::ChainAdded(_)
        | Event::PersonAdded(_)
        | Event::PersonChanged(_)
        | Event::SessionOpened(_)
        | Event::SessionRefreshed(_)
        | Event::SessionEnded(_)
        | Event::KeyIssued(_)
        | Event::KeyRevoked(_)
        | Event::ReadingsSealed(_)
        | Event::FeedTaken(_)
        | Event::FeedRecordParked(_)
        | Event::FeedAliasSet(_)
        | Event::FeedRecordDismissed(_) => {}
    }
}

/// Only stores that the person may see come through the feed.
fn store_added(state: &mut State, store: &tillwatch_shared::api::Store) {
    let Some(signed_in) = &mut state.signed_in else { return };
    if signed_in.stores.iter().all(|s| s.id != store.id) {
        signed_in.stores.push(store.clone());
        state.stock.add_store(store.id);
        state.totals_stale = true;
    }
}

fn store_changed(state: &mut State, store: &tillwatch_shared::api::Store) {
    let Some(signed_in) = &mut state.signed_in else { return };
    if let Some(held) = signed_in.stores.iter_mut().find(|s| s.id == store.id) {
        held.clone_from(store);
        state.totals_stale = true;
    }
}

/// One step further back, if the log wants it and there is a past.
pub(super) fn step_back(state: &mut State, effects: &mut Vec<Effect>) {
    let feed = &mut state.feed;
    if feed.asked_older || feed.oldest <= 0 || feed.seq.is_none() {
        return;
    }
    feed.asked_older = true;
    let after = (feed.oldest - STEP_BACK).max(0);
    let limit = u32::try_from(feed.oldest - after).unwrap_or(LIMIT);
    effects.push(Effect::Older { after, limit });
}

fn backfill(state: &mut State, effects: &mut Vec<Effect>) {
    if state.feed.asked_older || state.feed.backfill == 0 {
        return;
    }
    if state.log.len() >= ENOUGH_ROWS || state.feed.oldest <= 0 {
        state.feed.backfill = 0;
        return;
    }
    state.feed.backfill -= 1;
    step_back(state, effects);
}

pub(super) fn older(state: &mut State, result: Result<Changes, Failure>, now: UtcMicros) {
    let feed = &mut state.feed;
    feed.asked_older = false;
    match result {
        Ok(answer) => {
            let oldest = feed.oldest;
            feed.oldest = (oldest - STEP_BACK).max(0);
            let before = answer.changes.iter().filter(|c| c.seq <= oldest);
            let rows: Vec<(i64, &Event)> = before.map(|c| (c.seq, &c.event)).collect();
            state.log.prepend(rows.into_iter());
        }
        Err(failure) => {
            feed.backfill = 0;
            state.toasts.info(failure::what(&failure, state.settings.lang), now);
        }
    }
}
