//! The poll: what is new every five seconds, and growing waits while the server is silent.

use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Alarm, AlarmTurn, AlarmTurns, Change, Changes, Deed, Goods, Matter, Thing};
use tillwatch_shared::time::{MINUTE, SECOND};

use super::{AT_ONCE, POLL, calls, compare, lists, past, sensor_notes, start_over};
use crate::alarm_texts::{self, Text};
use crate::input::Effect;
use crate::state::State;

/// Changes in one answer.
pub const LIMIT: u32 = 500;
/// Requests in one round while the server has more; the rest comes in the next.
const MOST_IN_A_ROUND: u32 = 20;
/// Between two full rounds the window breathes.
const BETWEEN_ROUNDS: i64 = SECOND / 4;
/// A request that stays without any answer is given up after this long.
const LOST: i64 = 60 * SECOND;

/// How long to wait after so many failures in a row: 1, 2, 4, 8, 16, 30, 30 … seconds.
pub fn wait_after(failures: u32) -> i64 {
    let doubled = 1_i64.checked_shl(failures.saturating_sub(1).min(10)).unwrap_or(30);
    doubled.min(30) * SECOND
}

/// A question that was not let wait is asked again with the poll.
const NOT_WAITED: i64 = SECOND;
/// A server that does not know the question is asked again after so long: it may be a newer one then.
const NOT_KNOWN: i64 = 10 * MINUTE;

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    past::backfill(state, effects);
    listen(state, now, effects);
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

/// An alarm is heard of when it turns, not with the next poll.
fn listen(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let feed = &mut state.feed;
    let Some(after) = feed.seq.filter(|_| feed.failures == 0 && feed.drained == 0) else { return };
    let turns = &mut feed.turns;
    let waits = turns.asked_at.is_some_and(|at| now.since(at) < LOST) || now < turns.next_at;
    if waits || turns.news_after.is_some_and(|place| after <= place) {
        return;
    }
    (turns.asked_at, turns.news_after) = (Some(now), None);
    effects.push(Effect::Turns { after });
}

pub(super) fn turned(state: &mut State, result: Result<AlarmTurns, Failure>, took: i64, now: UtcMicros) {
    let feed = &mut state.feed;
    feed.turns.asked_at = None;
    match result {
        Ok(AlarmTurns { turned: true }) => {
            feed.turns.news_after = feed.seq;
            feed.next_at = now;
        }
        Ok(AlarmTurns { turned: false }) if took >= NOT_WAITED => {}
        // The server stops.
        Ok(AlarmTurns { turned: false }) => feed.turns.next_at = now.plus(POLL),
        Err(failure) if failure::is_silence(&failure) => feed.turns.next_at = now.plus(POLL),
        Err(_) => feed.turns.next_at = now.plus(NOT_KNOWN),
    }
}

/// Where the feed ends: the log is read back from there.
pub(super) fn latest(state: &mut State, result: Result<Changes, Failure>, took: i64, now: UtcMicros) {
    let begun = state.feed.asked_at.unwrap_or(now);
    let Some(end) = accept(state, result, took, now) else { return };
    state.feed.seq = Some(end.next_after);
    state.feed.oldest = end.next_after;
    state.feed.backfill = past::STEPS_BACK;
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
        // What turned after this poll had left is not in it.
        let again = feed.turns.news_after.is_some_and(|place| answer.next_after <= place);
        feed.next_at = if again { now } else { next_poll(begun, now) };
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
    state.notes.stale = true;
    state.feed.turns.next_at = AT_ONCE;
    state.feed.turns.news_after = None;
    lists::all_due(state, now);
    for charts in [&mut state.overview_charts, &mut state.sensor_charts] {
        charts.retry_at = AT_ONCE;
        charts.tail_at = AT_ONCE;
    }
    compare::stale(state);
}

fn apply(state: &mut State, change: &Change, now: UtcMicros) {
    past::happened(state, change, now);
    lists::touched(state, &change.event);
    match change.event.matter() {
        Matter::Goods(goods) => moved(state, goods),
        Matter::SetUp(deed, Thing::Product(product)) => match deed {
            Deed::Added => state.stock.product_added(),
            Deed::Changed | Deed::Removed => state.stock.product_changed(product.id),
        },
        Matter::SetUp(_, Thing::Sensor(_)) => state.sensors_at = AT_ONCE,
        Matter::SetUp(_, Thing::Calibration(one)) => sensor_notes::calibrated(state, &one.sensor_id),
        Matter::SetUp(_, Thing::Annotation(one)) => sensor_notes::noted(state, &one.sensor_id),
        Matter::SetUp(Deed::Added, Thing::Store(store)) => store_added(state, store),
        Matter::SetUp(_, Thing::Store(store)) => store_changed(state, store),
        Matter::SetUp(deed, Thing::Quiet(quiet)) => calls::quiet_set(state, deed, quiet),
        Matter::Alarm(AlarmTurn::Opened, alarm) => alarm_opened(state, alarm),
        Matter::Alarm(AlarmTurn::Acknowledged | AlarmTurn::Cleared, alarm) => calls::settled(state, alarm.id),
        Matter::SetUp(
            _,
            Thing::Chain(_)
            | Thing::Person(_)
            | Thing::Key(_)
            | Thing::Till(_)
            | Thing::Alias(_)
            | Thing::Rule(_),
        )
        | Matter::Money(_)
        | Matter::Session(..)
        | Matter::Lot
        | Matter::Seal
        | Matter::Battery
        | Matter::Told
        | Matter::Feed
        | Matter::Upkeep(_) => {}
        // What the page of servers shows is not what it was.
        Matter::Servers(_) => state.servers.next_at = AT_ONCE,
    }
}

/// Balances and, where something was sold or came back, the day's figures are no longer what they were.
fn moved(state: &mut State, goods: Goods<'_>) {
    match goods {
        Goods::Sold(sale) => {
            state.totals_stale = true;
            for line in &sale.lines {
                state.stock.moved(sale.store_id, line.product_id);
            }
        }
        Goods::Returned(back) => {
            state.totals_stale = true;
            for line in &back.lines {
                state.stock.moved(back.store_id, line.product_id);
            }
        }
        Goods::Entered(entry) => state.stock.moved(entry.store_id, entry.product_id),
        Goods::Counted(count) => {
            for line in &count.lines {
                state.stock.moved(count.store_id, line.product_id);
            }
        }
        Goods::Moved(transfer) => {
            for line in &transfer.lines {
                state.stock.moved(transfer.from_store_id, line.product_id);
                state.stock.moved(transfer.to_store_id, line.product_id);
            }
        }
    }
}

/// Told once, unless somebody asked for quiet.
fn alarm_opened(state: &mut State, alarm: &Alarm) {
    match (alarm.ended_at, alarm.quiet) {
        (Some(_), _) => {}
        (None, true) => calls::hushed(state, alarm),
        (None, false) => tell_alarm(state, alarm),
    }
}

pub(super) fn tell_alarm(state: &mut State, alarm: &Alarm) {
    let lang = state.lang();
    let what = alarm_texts::kind(alarm.kind).get(lang);
    let text = Text::NewAlarm.with(lang, &[("about", &alarm.name), ("what", &what)]);
    state.toasts.problem(text);
    calls::opened(state, alarm);
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
