//! Reading back into the past and forward again. What is kept is a window of the journal without gaps: of what was
//! taken in at one end, as much leaves at the other.

use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Change, Changes};

use crate::input::Effect;
use crate::livelog::News;
use crate::past::{Past, PastAct, Seek, UNASKED, Way, parse_moment};
use crate::state::State;

/// How far one step reaches, in changes.
pub const STEP: i64 = 1_000;
/// Steps back at the start, at most.
pub(super) const STEPS_BACK: u32 = 20;
/// The start is content with so many rows.
const ENOUGH_ROWS: usize = 300;

pub(super) fn act(state: &mut State, act: PastAct, effects: &mut Vec<Effect>) {
    match act {
        PastAct::Reach(way) => ask(state, way, effects),
        PastAct::Older => {
            state.feed.past.unasked = UNASKED;
            ask(state, Way::Older, effects);
        }
        PastAct::Day(day) => state.feed.past.day = day,
        PastAct::Go => go(state, effects),
        PastAct::Now => now(state),
    }
}

/// Which way to read on, with the newest or the oldest rows that are kept in sight.
pub fn reach(state: &State, newest: bool, oldest: bool) -> Option<PastAct> {
    let past = &state.feed.past;
    if past.asked.is_some() || past.unasked == 0 || state.feed.seq.is_none() {
        return None;
    }
    // Where both are in sight the window would be moved to and fro.
    if oldest {
        return (state.feed.oldest > 0).then_some(PastAct::Reach(Way::Older));
    }
    (newest && past.newest.is_some()).then_some(PastAct::Reach(Way::Newer))
}

/// The filter has changed: what passes it may be further back.
pub(super) const fn filtered(state: &mut State) {
    state.feed.past.unasked = UNASKED;
}

/// The log begins anew at the end of the journal.
pub(super) fn now(state: &mut State) {
    let day = std::mem::take(&mut state.feed.past.day);
    state.feed.past = Past { day, ..Past::default() };
    state.feed.oldest = state.feed.seq.unwrap_or_default();
    state.feed.backfill = STEPS_BACK;
    state.paused = false;
    empty(state);
}

/// Whoever leaves the log while it stands in the past finds the present when they come back.
pub(super) fn left(state: &mut State) {
    if state.feed.past.newest.is_some() {
        now(state);
    }
}

fn empty(state: &mut State) {
    state.log.clear();
    state.expanded = None;
    state.marked = None;
}

fn go(state: &mut State, effects: &mut Vec<Effect>) {
    let wanted = parse_moment(&state.feed.past.day, &state.zone(None));
    let (Some(wanted), Some(high)) = (wanted, state.feed.seq) else { return };
    state.feed.past.asked = None;
    state.feed.past.seek = Some(Seek { low: 0, high, wanted });
    sought(state, effects);
}

/// Asks on, or begins to read where the moment is.
fn sought(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(seek) = state.feed.past.seek else { return };
    if !seek.is_found() {
        ask(state, Way::Seek, effects);
        return;
    }
    if state.feed.seq.is_some_and(|end| seek.low >= end) {
        now(state);
        return;
    }
    empty(state);
    state.log.hold();
    state.feed.oldest = seek.low;
    state.feed.backfill = 0;
    let past = &mut state.feed.past;
    (past.seek, past.newest, past.landing, past.unasked) = (None, Some(seek.low), true, UNASKED);
    ask(state, Way::Newer, effects);
}

fn ask(state: &mut State, way: Way, effects: &mut Vec<Effect>) {
    let feed = &mut state.feed;
    if feed.past.asked.is_some() || feed.seq.is_none() {
        return;
    }
    let (after, count) = match way {
        Way::Older if feed.oldest > 0 => {
            let after = (feed.oldest - STEP).max(0);
            (after, feed.oldest - after)
        }
        Way::Newer if feed.past.newest.is_some() => (feed.past.newest.unwrap_or_default(), STEP),
        Way::Seek if feed.past.seek.is_some() => (feed.past.seek.map_or(0, Seek::middle), 1),
        Way::Older | Way::Newer | Way::Seek => return,
    };
    state.tickets += 1;
    feed.past.asked = Some((state.tickets, way));
    let limit = u32::try_from(count).unwrap_or(1);
    effects.push(Effect::Past { ticket: state.tickets, after, limit });
}

/// The first load, step by step.
pub(super) fn backfill(state: &mut State, effects: &mut Vec<Effect>) {
    if state.feed.past.asked.is_some() || state.feed.backfill == 0 {
        return;
    }
    if state.log.len() >= ENOUGH_ROWS || state.feed.oldest <= 0 {
        state.feed.backfill = 0;
        return;
    }
    state.feed.backfill -= 1;
    ask(state, Way::Older, effects);
}

pub(super) fn came(
    state: &mut State,
    ticket: u64,
    result: Result<Changes, Failure>,
    at: UtcMicros,
    effects: &mut Vec<Effect>,
) {
    let Some((_, way)) = state.feed.past.asked.take_if(|(asked, _)| *asked == ticket) else { return };
    let answer = match result {
        Ok(answer) => answer,
        Err(failure) => {
            let past = &mut state.feed.past;
            (past.unasked, past.seek, state.feed.backfill) = (0, None, 0);
            state.toasts.info(failure::what(&failure, state.settings.lang), at);
            return;
        }
    };
    match way {
        Way::Older => older(state, &answer),
        Way::Newer => newer(state, &answer),
        Way::Seek => {
            let first = answer.changes.first().map(|change| (change.seq, change.server_at));
            state.feed.past.seek = state.feed.past.seek.map(|seek| seek.narrowed(first));
            sought(state, effects);
        }
    }
}

fn older(state: &mut State, answer: &Changes) {
    let oldest = state.feed.oldest;
    state.feed.oldest = (oldest - STEP).max(0);
    let fresh = answer.changes.iter().filter(|change| change.seq <= oldest);
    let passing = state.log.prepend(fresh.map(News::from));
    follow(state, passing);
}

fn newer(state: &mut State, answer: &Changes) {
    let before = state.log.passing_len();
    for change in &answer.changes {
        state.log.append(change.into(), None);
    }
    let passing = state.log.passing_len().saturating_sub(before);
    state.log.hold_all();
    let caught_up = answer.changes.is_empty() && !answer.more;
    let reached = caught_up || state.feed.seq.is_none_or(|end| answer.next_after >= end);
    state.feed.past.newest = Some(answer.next_after).filter(|_| !reached);
    if std::mem::take(&mut state.feed.past.landing) {
        let last = state.log.shown_len().checked_sub(1);
        state.marked = last.and_then(|last| state.log.shown(last)).map(|(number, _)| number);
    }
    follow(state, passing);
}

/// Something that happened now, as long as the log goes on with the present. Rows that are read are not pushed out.
pub(super) fn happened(state: &mut State, change: &Change, at: UtcMicros) {
    if state.feed.past.newest.is_some() {
        return;
    }
    if state.log.is_held() && state.log.is_full() {
        state.feed.past.newest = Some(change.seq - 1);
        return;
    }
    state.log.append(change.into(), Some(at));
    bounds(state);
}

fn follow(state: &mut State, passing: usize) {
    bounds(state);
    let past = &mut state.feed.past;
    past.unasked = if passing > 0 { UNASKED } else { past.unasked.saturating_sub(1) };
}

/// What has left at an end of the log is read again when somebody goes there.
fn bounds(state: &mut State) {
    let left = state.log.take_left();
    let feed = &mut state.feed;
    if let Some(seq) = left.oldest {
        feed.oldest = feed.oldest.max(seq);
    }
    if let Some(seq) = left.newest {
        feed.past.newest = Some(feed.past.newest.map_or(seq - 1, |newest| newest.min(seq - 1)));
    }
}
